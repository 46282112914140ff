"""Writing so that a reader never sees half a file, and refusing before the disk is full."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from flowercore.errors import StorageError
from flowercore.settings import settings

_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}
_RESERVE_BYTES = 65_536
_POLL_SECONDS = 0.1
_FULL = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turn the operating system's disk errors into words.

    Raises:
        StorageError: If the block met a read-only, full or otherwise failing disk.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _READ_ONLY:
            raise StorageError(
                "The home folder must be writable, and this one is read-only for this user. "
                "Set FLOWERCORE_HOME to a folder that can be written."
            ) from error
        if error.errno in _FULL:
            raise StorageError(
                "The disk is full. Delete runs or datasets, or set FLOWERCORE_HOME to a folder "
                "on another disk."
            ) from error
        raise StorageError(
            f"The home folder could not be used: {error.strerror or type(error).__name__}."
        ) from error


def home_folder(*parts: str) -> Path:
    """Return a folder below the home folder, made if it was not there.

    Args:
        *parts: Names below the home folder.

    Raises:
        StorageError: If it cannot be made.
    """
    folder = settings().home.joinpath(*parts)
    with storage_errors():
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def require_free_space(wanted: int = 0) -> None:
    """Refuse to begin when the disk would run full.

    Args:
        wanted: Bytes that are about to be written.

    Raises:
        StorageError: If less than ``Limits.disk_free_bytes`` would stay free.
    """
    keep = settings().limits.disk_free_bytes
    with storage_errors():
        free = shutil.disk_usage(home_folder()).free
    if free - wanted < keep:
        raise StorageError(
            f"{keep / 1e9:.1f} GB of disk must stay free. Received: {free / 1e9:.2f} GB free, "
            f"{wanted / 1e9:.2f} GB to write. Delete runs or datasets first."
        )


@contextmanager
def locked(path: Path, check: Callable[[], None]) -> Iterator[None]:
    """Hold a lock while the block runs, and listen for the wish to stop while waiting for it.

    Args:
        path: The lock's file.
        check: Called ten times a second while another process holds it; raises to stop.

    Raises:
        StorageError: If the disk refuses.
    """
    lock = FileLock(path)
    with storage_errors():
        while True:
            try:
                lock.acquire(timeout=_POLL_SECONDS)
                break
            except Timeout:
                check()
    try:
        yield
    finally:
        lock.release()


def link_or_copy(source: Path, target: Path) -> None:
    """Give a file a second name, or copy it where the disk knows no links.

    For files that are never written to again, such as photos: two names for one do no harm.

    Raises:
        StorageError: If the disk is full or refuses.
    """
    try:
        os.link(source, target)
    except OSError:
        with storage_errors():
            shutil.copy2(source, target)


@contextmanager
def reserve(folder: Path) -> Iterator[None]:
    """Keep a little room in a folder while the block runs, and give it back at its end.

    On a full disk not even the reason of a failure finds room otherwise.

    Raises:
        StorageError: If there is no room now.
    """
    path = folder / ".reserve"
    write_bytes(path, os.urandom(_RESERVE_BYTES), durable=False)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Write a file whole or not at all: temporary file, fsync, rename.

    Args:
        path: File to write; its folder must exist.
        data: Content.
        durable: Whether it must survive a power cut; progress that is written anew in a moment
            need not.

    Raises:
        StorageError: If the disk refuses; no partial file stays.
    """
    with storage_errors():
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                if durable:
                    os.fsync(file.fileno())
            # mkstemp makes files private; what is kept follows the user's umask like any file.
            Path(temporary).chmod(0o666 & ~_UMASK)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


def write_json(path: Path, value: Any, *, durable: bool = True) -> None:
    """Write ``value`` as indented JSON, whole or not at all; see `write_bytes`."""
    text = json.dumps(value, indent=1, ensure_ascii=False) + "\n"
    write_bytes(path, text.encode(), durable=durable)


def _read_umask() -> int:
    # The umask can only be read by setting it, which other threads would notice: once, at import.
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


_UMASK = _read_umask()
