"""Packing a dataset for a visitor who wants to take it home, as a task.

The zip lies in the home folder under a name that nobody can guess, and is deleted after some hours.
"""

from __future__ import annotations

import re
import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from flowercore.data import packing
from flowercore.errors import NotFoundError
from flowercore.files import home_folder, storage_errors
from flowercore.jobs.task_work import TaskReporter

_TOKEN = re.compile(r"[0-9a-f]{32}")
_KEPT_SECONDS = 6 * 3600
_FOLDER = "packed"


def pack(arguments: dict[str, Any], reporter: TaskReporter) -> dict[str, Any]:
    """Pack a dataset.

    Args:
        arguments: ``data``, the name of a dataset of the catalog.
        reporter: Hears how far it is.

    Returns:
        ``token``, which stands for the zip, and its size in ``bytes``.

    Raises:
        FlowercoreError: If it cannot be packed.
    """
    sweep()
    token = secrets.token_hex(16)
    folder = home_folder(_FOLDER, token)
    try:
        name = str(arguments["data"])
        packed = packing.pack(name, folder, progress=reporter.counter("Packing the photos"))
        with storage_errors():
            return {"token": token, "bytes": packed.stat().st_size}
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def archive(token: str) -> Path:
    """Return the zip that a token stands for.

    Raises:
        NotFoundError: If there is none, or no longer.
    """
    folder = home_folder(_FOLDER) / token if _TOKEN.fullmatch(token) else None
    files = list(folder.glob("*.zip")) if folder is not None and folder.is_dir() else []
    if not files:
        raise NotFoundError("This zip is no longer there. Pack the dataset again.")
    return files[0]


def forget(token: str) -> None:
    """Delete the zip that a token stands for, if it is there."""
    if _TOKEN.fullmatch(token):
        shutil.rmtree(home_folder(_FOLDER) / token, ignore_errors=True)


def sweep() -> None:
    """Delete the zips that were packed hours ago."""
    oldest = time.time() - _KEPT_SECONDS
    for folder in home_folder(_FOLDER).iterdir():
        with suppress(FileNotFoundError):  # another worker deletes them too
            if folder.stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)
