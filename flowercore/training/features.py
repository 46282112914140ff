"""Each view of each photo through the frozen backbone once, ever.

What was computed is kept by `flowercore.training.feature_cache`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

import numpy as np

from flowercore.backbones import registry
from flowercore.backbones.standardisation import Standardisation
from flowercore.data.dataset import Dataset, Photo, Progress, Skipped
from flowercore.data.views import PLAIN, View
from flowercore.errors import PhotoError
from flowercore.files import home_folder, locked
from flowercore.training import computing, feature_cache
from flowercore.training.computing import Order
from flowercore.training.feature_cache import Table, Writing

_LOCKS = 64
_LOOK_SECONDS = 0.5


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
    table = Table.of(dataset, prints, registry.get(backbone).feature_dim)
    problems: dict[str, str] = {}
    with ExitStack() as alone:
        if not table.there.all():
            waiting = _Waiting(dataset, prints, progress, check)
            alone.enter_context(locked(_lock_of(dataset, prints), waiting))
            table.read()
        missing = [photo for photo in dataset.photos if not table.has(photo.sha256)]
        missing = list({photo.sha256: photo for photo in missing}.values())
        done = len(dataset.photos) - len(missing)
        if progress:
            progress(done, len(dataset.photos))
        order = _order(dataset, missing, backbone, views, table, standardisation)
        kept_safe = alone.enter_context(closing(Writing(prints)))
        for batch in alone.enter_context(closing(computing.chosen()(order))):
            for photo, values in batch:
                if isinstance(values, PhotoError):
                    problems[photo.sha256] = str(values)
                    continue
                for place, vector in values.items():
                    table.put(place, photo.sha256, vector)
                    kept_safe.add(place, photo.sha256, vector)
            kept_safe.write_if_due()
            done += len(batch)
            if progress:
                progress(done, len(dataset.photos))
            if check:
                check()
    kept = tuple(photo for photo in dataset.photos if photo.sha256 not in problems)
    skipped = tuple(
        Skipped(photo.key, problems[photo.sha256])
        for photo in dataset.photos
        if photo.sha256 in problems
    )
    return Features(kept, table.of_photos(kept), skipped, len(missing) - len(problems))


def ensure_features(
    dataset: Dataset,
    backbone: str,
    *,
    progress: Progress | None = None,
    check: Callable[[], None] | None = None,
) -> None:
    """See to it that the cache holds the plain features of a dataset, without reading them all.

    Args:
        dataset: Whose photos.
        backbone: Name of a prepared backbone.
        progress: As for `dataset_features`.
        check: Likewise.

    Raises:
        StorageError: As for `dataset_features`.
    """
    hashes = [photo.sha256 for photo in dataset.photos]
    known = feature_cache.known(_print(backbone, PLAIN, None), hashes)
    missing = replace(dataset, photos=tuple(p for p in dataset.photos if p.sha256 not in known))
    if missing.photos:
        dataset_features(missing, backbone, progress=progress, check=check)


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
    table = Table.of(dataset, [_print(backbone, PLAIN, None)], registry.get(backbone).feature_dim)
    kept = tuple(photo for photo in dataset.photos if table.has(photo.sha256))
    return Features(kept, table.of_photos(kept), (), 0)


def known_vectors(hashes: Sequence[str], backbone: str) -> tuple[list[str], np.ndarray]:
    """Return the plain features that the cache holds, also of photos that are gone.

    Args:
        hashes: SHA-256 of the bytes of each photo.
        backbone: Name of a backbone.

    Returns:
        Those of the hashes that it knows, each once, and their features, float32 (N, D).

    Raises:
        StorageError: If the cache cannot be used.
    """
    table = Table(hashes, [_print(backbone, PLAIN, None)], registry.get(backbone).feature_dim)
    table.read()
    known = [sha for sha in table.row if table.has(sha)]
    return known, table.of_hashes(known)[:, 0]


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
            hashes = [photo.sha256 for photo in self._dataset.photos]
            known = [feature_cache.known(name, hashes) for name in self._prints]
            done = sum(all(sha in of for of in known) for sha in set(hashes))
            left = len(set(hashes)) - done
            self._progress(len(hashes) - left, len(hashes))


def _print(backbone: str, view: View, standardisation: Standardisation | None) -> str:
    parts = [registry.get(backbone).fingerprint, view.name]
    return "/".join(parts if standardisation is None else [*parts, standardisation.name])


def _order(
    dataset: Dataset,
    missing: Sequence[Photo],
    backbone: str,
    views: Sequence[View],
    table: Table,
    standardisation: Standardisation | None,
) -> Order:
    def places(photo: Photo) -> tuple[int, ...]:
        return tuple(np.flatnonzero(~table.there[table.row[photo.sha256]]).tolist())

    return Order(
        dataset.root,
        dataset.name,
        tuple(missing),
        backbone,
        tuple(views),
        {photo.sha256: places(photo) for photo in missing},
        standardisation,
    )
