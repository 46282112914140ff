"""Looks and tiles of photos, kept for ever by the hash of the photo's bytes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flowercore.data.cache_database import CacheDatabase
from flowercore.data.look import VERSION, Look

# Numbers apart from tiles: reading the numbers of 5,000 photos must not step over 50 MB.
_LOOKS = """
CREATE TABLE IF NOT EXISTS looks (
    version INTEGER, sha256 TEXT, look TEXT, error TEXT, PRIMARY KEY (version, sha256)
) WITHOUT ROWID
"""
_TILES = """
CREATE TABLE IF NOT EXISTS tiles (
    version INTEGER, sha256 TEXT, tile BLOB, PRIMARY KEY (version, sha256)
)
"""
_DATABASE = CacheDatabase("looks.sqlite", (_LOOKS, _TILES))
_AT_ONCE = 500


@dataclass(frozen=True)
class Outcome:
    """What decoding a photo came to.

    Attributes:
        look: None where it could not be decoded, or only its tile was made.
        tile: Its JPEG.
        error: Why it could not be decoded.
    """

    look: Look | None = None
    tile: bytes | None = None
    error: str | None = None


def read(hashes: Sequence[str]) -> dict[str, Outcome]:
    """Return the looks, or errors, that are kept, without tiles.

    Raises:
        StorageError: If the home folder cannot be used.
    """
    rows = _select("SELECT sha256, look, error FROM looks", hashes)
    return {sha: Outcome(_look(text) if text else None, None, error) for sha, text, error in rows}


def read_tiles(hashes: Sequence[str]) -> dict[str, bytes]:
    """Return the tiles that are kept.

    Raises:
        StorageError: If the home folder cannot be used.
    """
    return dict(_select("SELECT sha256, tile FROM tiles", hashes))


def known(hashes: Sequence[str]) -> set[str]:
    """Return those of some photos' hashes of which it is known what they look like.

    Raises:
        StorageError: If the home folder cannot be used.
    """
    return {sha for (sha,) in _select("SELECT sha256 FROM looks", hashes)}


def write(found: dict[str, Outcome]) -> None:
    """Keep what was found out, by hash, in one transaction.

    Raises:
        StorageError: If the home folder cannot be used.
    """
    looks = [
        (VERSION, sha, json.dumps(asdict(one.look)) if one.look else None, one.error)
        for sha, one in found.items()
        if one.look or one.error
    ]
    tiles = [(VERSION, sha, one.tile) for sha, one in found.items() if one.tile]

    def insert(connection: sqlite3.Connection) -> None:
        with connection:
            connection.executemany("REPLACE INTO looks VALUES (?, ?, ?, ?)", looks)
            connection.executemany("REPLACE INTO tiles VALUES (?, ?, ?)", tiles)

    if looks or tiles:
        _DATABASE.run(insert)


def forget(hashes: Sequence[str]) -> None:
    """Delete looks and tiles of photos that must leave no picture behind.

    Raises:
        StorageError: If the home folder cannot be used.
    """

    def delete(connection: sqlite3.Connection) -> None:
        with connection:
            for table in ("looks", "tiles"):
                connection.executemany(
                    f"DELETE FROM {table} WHERE sha256 = ?", [(one,) for one in hashes]
                )

    if hashes:
        _DATABASE.run(delete)


def _select(what: str, hashes: Sequence[str]) -> list[tuple[Any, ...]]:
    def select(connection: sqlite3.Connection) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = []
        for part in _parts(hashes):
            marks = ",".join("?" * len(part))
            asked = f"{what} WHERE version = ? AND sha256 IN ({marks})"
            found.extend(connection.execute(asked, (VERSION, *part)))
        return found

    return _DATABASE.run(select)


def _parts(hashes: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(hashes), _AT_ONCE):
        yield hashes[start : start + _AT_ONCE]


def _look(text: str) -> Look:
    values = json.loads(text)
    values["palette"] = tuple((tuple(colour), share) for colour, share in values["palette"])
    return Look(**values)
