"""Who is responsible for a run, told by a lock that the operating system takes back on death."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from flowercore.files import home_folder, storage_errors

# A reader that looks whether a holder lives takes its lock for a moment: wait for that to pass.
_PATIENCE_SECONDS = 10


def new_name() -> str:
    """Return a name for a holder that no other holder has."""
    return secrets.token_hex(8)


@contextmanager
def held(name: str) -> Iterator[None]:
    """Be the holder ``name`` while the block runs, or until this process dies.

    Args:
        name: From `new_name`.

    Raises:
        StorageError: If the home folder cannot be written.
    """
    lock = _lock(name)
    with storage_errors():
        lock.acquire(timeout=_PATIENCE_SECONDS)
    try:
        yield
    finally:
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()


def alive(name: str) -> bool:
    """Tell whether a process still holds ``name``.

    Args:
        name: From `new_name`.
    """
    path = home_folder("holders") / f"{name}.lock"
    if not path.exists():
        return False
    lock = _lock(name)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def forget(name: str) -> None:
    """Remove what a dead holder left behind; nobody may hold ``name`` again."""
    (home_folder("holders") / f"{name}.lock").unlink(missing_ok=True)


def _lock(name: str) -> FileLock:
    # Several lock objects of one process must exclude each other too.
    return FileLock(home_folder("holders") / f"{name}.lock", is_singleton=False, thread_local=False)
