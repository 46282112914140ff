"""The cache of feature vectors: one SQLite table, read into one array, written now and then.

Its keys are the photo's bytes and a print of how it was looked at: backbone, view and scaling.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from time import monotonic

import numpy as np

from flowercore.data.cache_database import CacheDatabase
from flowercore.data.dataset import Dataset, Photo

_AT_ONCE = 500
_WRITE_SECONDS = 0.5
_DATABASE = CacheDatabase(
    "features.sqlite",
    (
        "CREATE TABLE IF NOT EXISTS features"
        " (backbone TEXT, sha256 TEXT, vector BLOB, PRIMARY KEY (backbone, sha256))",
    ),
)


def read(name: str, hashes: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Yield hash and vector of those photos that the cache holds, a part of them at a time.

    Args:
        name: The print.
        hashes: SHA-256 of the photos.

    Raises:
        StorageError: If the cache cannot be used.
    """
    yield from _selected("sha256, vector", name, hashes)


def known(name: str, hashes: Sequence[str]) -> set[str]:
    """Return those of some photos' hashes that the cache holds, without reading their vectors.

    Args:
        name: The print.
        hashes: SHA-256 of the photos.

    Raises:
        StorageError: If the cache cannot be used.
    """
    return {sha for (sha,) in _selected("sha256", name, hashes)}


def _selected(columns: str, name: str, hashes: Sequence[str]) -> Iterator[tuple]:
    def select(part: Sequence[str]) -> Callable[[sqlite3.Connection], list[tuple]]:
        marks = ",".join("?" * len(part))
        words = f"SELECT {columns} FROM features WHERE backbone = ? AND sha256 IN ({marks})"
        return lambda connection: connection.execute(words, (name, *part)).fetchall()

    for start in range(0, len(hashes), _AT_ONCE):
        yield from _DATABASE.run(select(hashes[start : start + _AT_ONCE]))


class Table:
    """Vectors of many photos in one array, into which they are read: no photo is held twice.

    Attributes:
        row: Row of each photo by its hash; photos that are byte for byte the same share it.
        there: bool (N, V): which vectors are known by now.
    """

    def __init__(self, hashes: Sequence[str], prints: Sequence[str], dimension: int) -> None:
        self.row = {sha: row for row, sha in enumerate(dict.fromkeys(hashes))}
        self.there = np.zeros((len(self.row), len(prints)), bool)
        self._prints = prints
        self._vectors = np.zeros((len(self.row), len(prints), dimension), np.float32)

    @classmethod
    def of(cls, dataset: Dataset, prints: Sequence[str], dimension: int) -> Table:
        """Return what the cache holds of a dataset."""
        table = cls([photo.sha256 for photo in dataset.photos], prints, dimension)
        table.read()
        return table

    def read(self) -> None:
        """Read what the cache holds and this does not."""
        for place, name in enumerate(self._prints):
            hashes = [sha for sha, row in self.row.items() if not self.there[row, place]]
            for sha, vector in read(name, hashes):
                self.put(place, sha, np.frombuffer(vector, np.float32))

    def put(self, place: int, sha256: str, vector: np.ndarray) -> None:
        """Take a photo's vector in a view."""
        row = self.row[sha256]
        self._vectors[row, place] = vector
        self.there[row, place] = True

    def has(self, sha256: str) -> bool:
        """Tell whether a photo is known in all views."""
        return bool(self.there[self.row[sha256]].all())

    def of_photos(self, photos: Sequence[Photo]) -> np.ndarray:
        """Return the vectors of photos, shape (M, V, D)."""
        return self.of_hashes([photo.sha256 for photo in photos])

    def of_hashes(self, hashes: Sequence[str]) -> np.ndarray:
        """Return the vectors of photos, shape (M, V, D): the array itself if these are all."""
        rows = [self.row[sha] for sha in hashes]
        whole = rows == list(range(len(self.row)))
        return self._vectors if whole else self._vectors[rows]


class Writing:
    """Puts vectors into the cache now and then: a transaction takes as long as some photos."""

    def __init__(self, prints: Sequence[str]) -> None:
        self._prints = prints
        self._rows: list[tuple[str, str, bytes]] = []
        self._written = monotonic()

    def add(self, place: int, sha256: str, vector: np.ndarray) -> None:
        """Take a photo's vector in a view."""
        self._rows.append((self._prints[place], sha256, vector.astype(np.float32).tobytes()))

    def write_if_due(self) -> None:
        """Write what has come in, unless something was written a moment ago."""
        if monotonic() - self._written >= _WRITE_SECONDS:
            self.close()

    def close(self) -> None:
        """Write what has come in: also when a visitor stops, or a photo breaks it off."""
        rows, self._rows = self._rows, []

        def insert(connection: sqlite3.Connection) -> None:
            with connection:
                connection.executemany("INSERT OR REPLACE INTO features VALUES (?, ?, ?)", rows)

        if rows:
            _DATABASE.run(insert)
        self._written = monotonic()
