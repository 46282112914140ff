"""One SQLite file in the cache folder: made whole, shared by processes, made anew when damaged.

In WAL mode on this host's disk, so that several processes may read and write at once. That mode
keeps part of the database in memory that processes share, so it must not be used by several hosts:
in the home folder of a Dask cluster it is the rollback journal, which needs no more than locks
(https://sqlite.org/wal.html). A cache may be deleted at any time.
"""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from filelock import FileLock

from flowercore.files import home_folder, storage_errors
from flowercore.settings import settings

_BUSY_SECONDS = 30
_FULL_BYTES = 1 << 20
# Not a database, a corrupt one, or one with other tables than these.
_DAMAGED = {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR}
_ERRNO = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_READONLY: errno.EROFS,
    sqlite3.SQLITE_CANTOPEN: errno.EACCES,
    sqlite3.SQLITE_PERM: errno.EACCES,
}

_Result = TypeVar("_Result")


class _DamagedError(OSError):
    """The cache is no usable database."""


@dataclass(frozen=True)
class CacheDatabase:
    """A database in the cache folder.

    Attributes:
        name: Of its file.
        schema: The statements that make its tables, one each.
    """

    name: str
    schema: tuple[str, ...]

    def run(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
        """Do something with the database.

        Args:
            work: Gets the connection; called once more with an empty database where the first
                turned out to be damaged.

        Returns:
            What ``work`` returns.

        Raises:
            StorageError: If the home folder cannot be used.
        """
        path = home_folder("cache") / self.name
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
                _create(path, self.schema)
                return _attempt(path, work)


def _attempt(path: Path, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
    try:
        # mode=rw: never make an empty file where another process is about to put the cache.
        uri = f"{path.as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, timeout=_BUSY_SECONDS, uri=True)) as connection:
            connection.execute("PRAGMA synchronous = NORMAL")
            if settings().scheduler:
                # It may have been made before there was a cluster.
                connection.execute("PRAGMA journal_mode = DELETE")
            return work(connection)
    except sqlite3.DatabaseError as error:
        # The low byte is the kind; the rest says where (SQLITE_IOERR_WRITE and the like).
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in _DAMAGED or not path.exists():
            raise _DamagedError(errno.EIO, str(error)) from error
        raise OSError(_errno(code, path), str(error)) from error


def _errno(code: int, path: Path) -> int:
    # A full disk on which the write-ahead log cannot grow is an I/O error to SQLite.
    if code == sqlite3.SQLITE_IOERR and shutil.disk_usage(path.parent).free < _FULL_BYTES:
        return errno.ENOSPC
    return _ERRNO.get(code, errno.EIO)


def _create(path: Path, schema: tuple[str, ...]) -> None:
    """Make the cache beside its place and put it there whole, so that nobody opens half of it."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(new)) as connection:
            mode = "DELETE" if settings().scheduler else "WAL"
            connection.execute(f"PRAGMA journal_mode = {mode}")
            for statement in schema:
                connection.execute(statement)
            connection.commit()
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_IOERR) & 0xFF
        raise OSError(_errno(code, path), str(error)) from error
    new.replace(path)
