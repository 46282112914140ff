"""Each view of each photo through the frozen backbone once, ever.

The cache is one SQLite table, keyed by the photo's bytes, the view and the backbone's fingerprint.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import numpy as np

from flowercore.backbones import registry
from flowercore.backbones.standardisation import Standardisation
from flowercore.data.cache_database import CacheDatabase
from flowercore.data.dataset import Dataset, Photo, Progress, Skipped
from flowercore.data.views import PLAIN, View
from flowercore.errors import PhotoError
from flowercore.files import home_folder, locked
from flowercore.training import computing
from flowercore.training.computing import Order

_AT_ONCE = 500
_LOCKS = 64
_LOOK_SECONDS = 0.5
_DATABASE = CacheDatabase(
    "features.sqlite",
    (
        "CREATE TABLE IF NOT EXISTS features"
        " (backbone TEXT, sha256 TEXT, vector BLOB, PRIMARY KEY (backbone, sha256))",
    ),
)


@dataclass(frozen=True)
class Features:
    """Feature vectors of those photos of a dataset that could be read.

    Attributes:
        photos: The photos, in the dataset's order.
        vectors: float32, shape (N, V, D); row i belongs to ``photos[i]``, in the order of views.
        skipped: Photos that could not be decoded, with the reason.
        computed: For how many photos something was computed now rather than read from the cache.
    """

    photos: tuple[Photo, ...]
    vectors: np.ndarray
    skipped: tuple[Skipped, ...]
    computed: int


def dataset_features(
    dataset: Dataset,
    backbone: str,
    views: Sequence[View] = (PLAIN,),
    *,
    standardisation: Standardisation | None = None,
    progress: Progress | None = None,
    check: Callable[[], None] | None = None,
) -> Features:
    """Return the features of a dataset, computing those that the cache does not hold.

    Two processes may call it at once for the same photos, as the first two visitors of a workshop
    do: one computes, the other waits and takes what it finds.

    Args:
        dataset: Whose photos.
        backbone: Name of a prepared backbone.
        views: The V ways in which each photo is shown.
        standardisation: What is done to the pixels; None for the backbone's own preprocessing.
        progress: Called with (photos done, photos in all).
        check: Called between batches; raises to stop. What was computed so far stays cached.

    Returns:
        Features of all photos that can be decoded.

    Raises:
        StorageError: If the cache cannot be used or the backbone was not prepared.
    """
    prints = [_print(backbone, view, standardisation) for view in views]
    cached = _cached(dataset, prints)
    problems: dict[str, str] = {}
    with ExitStack() as alone:
        if _missing(dataset, cached):
            waiting = _Waiting(dataset, prints, progress, check)
            alone.enter_context(locked(_lock_of(dataset, prints), waiting))
            cached = _cached(dataset, prints)
        missing = _missing(dataset, cached)
        done = len(dataset.photos) - len(missing)
        if progress:
            progress(done, len(dataset.photos))
        order = _order(dataset, missing, backbone, views, cached, standardisation)
        for batch in alone.enter_context(closing(computing.chosen()(order))):
            rows = []
            for photo, values in batch:
                if isinstance(values, PhotoError):
                    problems[photo.sha256] = str(values)
                    continue
                for place, vector in values.items():
                    cached[place][photo.sha256] = vector
                    rows.append((prints[place], photo.sha256, vector))
            _write(rows)
            done += len(batch)
            if progress:
                progress(done, len(dataset.photos))
            if check:
                check()
    kept = tuple(photo for photo in dataset.photos if photo.sha256 not in problems)
    vectors = np.empty((len(kept), len(views), registry.get(backbone).feature_dim), np.float32)
    for row, photo in enumerate(kept):
        for place, of in enumerate(cached):
            vectors[row, place] = of[photo.sha256]
    skipped = tuple(
        Skipped(photo.key, problems[photo.sha256])
        for photo in dataset.photos
        if photo.sha256 in problems
    )
    return Features(kept, vectors, skipped, len(missing) - len(problems))


def known_features(dataset: Dataset, backbone: str) -> Features:
    """Return the plain features that the cache holds, computing none: quick, for the server.

    Args:
        dataset: Whose photos.
        backbone: Name of a backbone.

    Returns:
        Features of those photos that are in the cache, maybe of none.

    Raises:
        StorageError: If the cache cannot be used.
    """
    cached = known_vectors([photo.sha256 for photo in dataset.photos], backbone)
    kept = tuple(photo for photo in dataset.photos if photo.sha256 in cached)
    vectors = np.empty((len(kept), 1, registry.get(backbone).feature_dim), np.float32)
    for row, photo in enumerate(kept):
        vectors[row, 0] = cached[photo.sha256]
    return Features(kept, vectors, (), 0)


def known_vectors(hashes: Sequence[str], backbone: str) -> dict[str, np.ndarray]:
    """Return the plain features that the cache holds, also of photos that are gone.

    Args:
        hashes: SHA-256 of the bytes of each photo.
        backbone: Name of a backbone.

    Returns:
        Features (D,) by hash, maybe of none.

    Raises:
        StorageError: If the cache cannot be used.
    """
    return _read(_print(backbone, PLAIN, None), hashes)


def _cached(dataset: Dataset, prints: Sequence[str]) -> list[dict[str, np.ndarray]]:
    hashes = [photo.sha256 for photo in dataset.photos]
    return [_read(name, hashes) for name in prints]


def _missing(dataset: Dataset, cached: Sequence[dict[str, np.ndarray]]) -> list[Photo]:
    found = {p.sha256: p for p in dataset.photos if any(p.sha256 not in of for of in cached)}
    return list(found.values())


def _lock_of(dataset: Dataset, prints: Sequence[str]) -> Path:
    # A few files for ever, rather than one more for each dataset that was ever looked at.
    digest = hashlib.sha256("/".join([dataset.identity, *prints]).encode()).digest()
    return home_folder("cache") / f"features-{digest[0] % _LOCKS}.lock"


class _Waiting:
    """Tells how far the other process is, and listens for the wish to stop meanwhile."""

    def __init__(
        self,
        dataset: Dataset,
        prints: Sequence[str],
        progress: Progress | None,
        check: Callable[[], None] | None,
    ) -> None:
        self._dataset, self._prints = dataset, prints
        self._progress, self._check = progress, check
        self._looked = float("-inf")

    def __call__(self) -> None:
        if self._check:
            self._check()
        if self._progress and monotonic() - self._looked > _LOOK_SECONDS:
            self._looked = monotonic()
            left = _missing(self._dataset, _cached(self._dataset, self._prints))
            self._progress(len(self._dataset.photos) - len(left), len(self._dataset.photos))


def _print(backbone: str, view: View, standardisation: Standardisation | None) -> str:
    parts = [registry.get(backbone).fingerprint, view.name]
    return "/".join(parts if standardisation is None else [*parts, standardisation.name])


def _order(
    dataset: Dataset,
    missing: Sequence[Photo],
    backbone: str,
    views: Sequence[View],
    cached: Sequence[dict[str, np.ndarray]],
    standardisation: Standardisation | None,
) -> Order:
    def places(photo: Photo) -> tuple[int, ...]:
        return tuple(place for place, of in enumerate(cached) if photo.sha256 not in of)

    return Order(
        dataset.root,
        dataset.name,
        tuple(missing),
        backbone,
        tuple(views),
        {photo.sha256: places(photo) for photo in missing},
        standardisation,
    )


def _read(name: str, hashes: Sequence[str]) -> dict[str, np.ndarray]:
    def select(connection: sqlite3.Connection) -> dict[str, np.ndarray]:
        found: dict[str, np.ndarray] = {}
        for start in range(0, len(hashes), _AT_ONCE):
            part = hashes[start : start + _AT_ONCE]
            marks = ",".join("?" * len(part))
            rows = connection.execute(
                f"SELECT sha256, vector FROM features WHERE backbone = ? AND sha256 IN ({marks})",
                (name, *part),
            )
            found.update((sha, np.frombuffer(vector, np.float32)) for sha, vector in rows)
        return found

    return _DATABASE.run(select)


def _write(rows: Sequence[tuple[str, str, np.ndarray]]) -> None:
    if not rows:
        return
    values = [(name, sha, vector.astype(np.float32).tobytes()) for name, sha, vector in rows]

    def insert(connection: sqlite3.Connection) -> None:
        with connection:
            connection.executemany("INSERT OR REPLACE INTO features VALUES (?, ?, ?)", values)

    _DATABASE.run(insert)
