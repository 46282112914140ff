"""Files that visitors sent, kept on disk until a worker has taken them in."""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import IO, Any

from flowercore.data.names import safe_name
from flowercore.errors import NotFoundError
from flowercore.files import home_folder, require_free_space, storage_errors

_ID = re.compile(r"[0-9a-f]{32}")
_CHUNK = 1 << 20
_STALE_SECONDS = 3600


def keep(file: IO[bytes], name: str, size: int) -> str:
    """Write an upload to disk.

    Args:
        file: Its bytes.
        name: What the visitor calls it: datasets tell by it where they came from.
        size: Bytes.

    Returns:
        An id that stands for it.

    Raises:
        StorageError: If the disk is full or refuses; nothing is kept.
    """
    require_free_space(size)
    upload = secrets.token_hex(16)
    folder = home_folder("uploads") / upload
    try:
        with storage_errors():
            folder.mkdir()
            with (folder / safe_name(PurePath(name).name)).open("wb") as out:
                shutil.copyfileobj(file, out, _CHUNK)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return upload


def path(upload: str) -> Path:
    """Return the file of an upload.

    Raises:
        NotFoundError: If it is not there.
    """
    folder = home_folder("uploads") / upload
    files = list(folder.iterdir()) if _ID.fullmatch(upload) and folder.is_dir() else []
    if not files:
        raise NotFoundError("What was uploaded is no longer there. Upload it again.")
    return files[0]


def forget(arguments: Mapping[str, Any]) -> None:
    """Delete the upload that a task's arguments name, if they name one."""
    upload = str(arguments.get("upload", ""))
    if _ID.fullmatch(upload):
        shutil.rmtree(home_folder("uploads") / upload, ignore_errors=True)


def sweep(needed: set[str]) -> None:
    """Delete what a server that is gone has left.

    Args:
        needed: Ids of uploads that are still to be taken in.
    """
    old = time.time() - _STALE_SECONDS
    for folder in home_folder("uploads").iterdir():
        if folder.name not in needed and folder.stat().st_mtime < old:
            shutil.rmtree(folder, ignore_errors=True)
