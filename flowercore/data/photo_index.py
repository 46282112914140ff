"""What was found out about each photo file, kept so that a second scan reads no photo.

A cache: it may be deleted at any time, and is rebuilt when it is damaged. SQLite in WAL mode on
this host's disk, so that several processes may scan at once.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from filelock import FileLock

from flowercore.data.photo import PhotoFacts
from flowercore.files import home_folder, storage_errors

_SCHEMA = """
CREATE TABLE IF NOT EXISTS photos (
    root TEXT, key TEXT, size INTEGER, mtime_ns INTEGER,
    sha256 TEXT, width INTEGER, height INTEGER, format TEXT,
    PRIMARY KEY (root, key)
) WITHOUT ROWID
"""
_BUSY_SECONDS = 30
# Not a database, a corrupt one, or one with other tables than these.
_DAMAGED = {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR}
_ERRNO = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_READONLY: errno.EROFS,
    sqlite3.SQLITE_CANTOPEN: errno.EACCES,
    sqlite3.SQLITE_PERM: errno.EACCES,
}

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class IndexedPhoto:
    """A file's facts, valid as long as its size and time of change are these."""

    mtime_ns: int
    facts: PhotoFacts


def load(root: Path) -> dict[str, IndexedPhoto]:
    """Read what is known of the photos below a folder.

    Args:
        root: The dataset's folder.

    Returns:
        Facts by key (posix path relative to the folder); empty if the folder is new.

    Raises:
        StorageError: If the home folder cannot be used.
    """

    def select(connection: sqlite3.Connection) -> list[tuple]:
        return connection.execute(
            "SELECT key, size, mtime_ns, sha256, width, height, format FROM photos WHERE root = ?",
            (str(root),),
        ).fetchall()

    return {
        key: IndexedPhoto(mtime_ns, PhotoFacts(format, width, height, size, sha256))
        for key, size, mtime_ns, sha256, width, height, format in _with_database(select)
    }


def update(root: Path, found: dict[str, IndexedPhoto], gone: Iterable[str]) -> None:
    """Store what a scan found out, in one transaction.

    Args:
        root: The dataset's folder.
        found: New or changed photos by key.
        gone: Keys whose file is no longer there.

    Raises:
        StorageError: If the home folder cannot be used.
    """
    rows = [
        (str(root), key, p.facts.bytes, p.mtime_ns, *_columns(p.facts)) for key, p in found.items()
    ]
    removed = [(str(root), key) for key in gone]

    def write(connection: sqlite3.Connection) -> None:
        with connection:
            connection.executemany("DELETE FROM photos WHERE root = ? AND key = ?", removed)
            connection.executemany("REPLACE INTO photos VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)

    _with_database(write)


def move(old_root: Path, new_root: Path) -> None:
    """Keep what is known when a dataset's folder was renamed.

    Raises:
        StorageError: If the home folder cannot be used.
    """

    def write(connection: sqlite3.Connection) -> None:
        with connection:
            connection.execute("DELETE FROM photos WHERE root = ?", (str(new_root),))
            connection.execute(
                "UPDATE photos SET root = ? WHERE root = ?", (str(new_root), str(old_root))
            )

    _with_database(write)


def _columns(facts: PhotoFacts) -> tuple[str, int, int, str]:
    return facts.sha256, facts.width, facts.height, facts.format


class _DamagedError(OSError):
    """The index is no usable database."""


def _with_database(work: Callable[[sqlite3.Connection], _Result]) -> _Result:
    path = home_folder("cache") / "photos.sqlite"
    with storage_errors():
        if path.exists():
            with suppress(_DamagedError):
                return _attempt(path, work)
        with FileLock(path.with_suffix(".lock")):
            # Another process may have made or mended it while this one waited.
            if path.exists():
                with suppress(_DamagedError):
                    return _attempt(path, work)
            for damaged in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
                damaged.unlink(missing_ok=True)
            _create(path)
            return _attempt(path, work)


def _attempt(path: Path, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
    try:
        # mode=rw: never make an empty file where another process is about to put the index.
        uri = f"{path.as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, timeout=_BUSY_SECONDS, uri=True)) as connection:
            connection.execute("PRAGMA synchronous = NORMAL")
            return work(connection)
    except sqlite3.DatabaseError as error:
        # The low byte is the kind; the rest says where (SQLITE_IOERR_WRITE and the like).
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in _DAMAGED or not path.exists():
            raise _DamagedError(errno.EIO, str(error)) from error
        raise OSError(_ERRNO.get(code, errno.EIO), str(error)) from error


def _create(path: Path) -> None:
    """Make the index beside its place and put it there whole, so that nobody opens half of it."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(new)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(_SCHEMA)
            connection.commit()
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_IOERR) & 0xFF
        raise OSError(_ERRNO.get(code, errno.EIO), str(error)) from error
    new.replace(path)
