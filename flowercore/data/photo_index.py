"""What was found out about each photo file, kept so that a second scan reads no photo."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from flowercore.data.cache_database import CacheDatabase
from flowercore.data.photo import PhotoFacts

_SCHEMA = """
CREATE TABLE IF NOT EXISTS photos (
    root TEXT, key TEXT, size INTEGER, mtime_ns INTEGER,
    sha256 TEXT, width INTEGER, height INTEGER, format TEXT,
    PRIMARY KEY (root, key)
) WITHOUT ROWID
"""
_DATABASE = CacheDatabase("photos.sqlite", (_SCHEMA,))


class IndexedPhoto(NamedTuple):
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

    def select(connection: sqlite3.Connection) -> dict[str, IndexedPhoto]:
        rows = connection.execute(
            "SELECT key, size, mtime_ns, sha256, width, height, format FROM photos WHERE root = ?",
            (str(root),),
        )
        return {
            key: IndexedPhoto(mtime_ns, PhotoFacts(format, width, height, size, sha256))
            for key, size, mtime_ns, sha256, width, height, format in rows
        }

    return _DATABASE.run(select)


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

    _DATABASE.run(write)


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

    _DATABASE.run(write)


def _columns(facts: PhotoFacts) -> tuple[str, int, int, str]:
    return facts.sha256, facts.width, facts.height, facts.format
