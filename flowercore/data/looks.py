"""What the photos of a dataset look like: each decoded once, ever, at reduced size."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from flowercore.data import look_cache, photo
from flowercore.data.dataset import Dataset, Photo, Progress
from flowercore.data.exif import exif
from flowercore.data.look import TILE, Look, look, tile
from flowercore.data.look_cache import Outcome
from flowercore.data.names import shown
from flowercore.errors import PhotoError
from flowercore.settings import settings

__all__ = ["COLUMNS", "TILE", "exif", "known", "mean_photo", "survey", "tiles"]

_FACTS = ("key", "sha256", "label", "bytes", "width", "height", "format")
_SEEN = tuple(field.name for field in fields(Look))
COLUMNS = (*_FACTS, "aspect", *_SEEN, "error")
"""Of the table that `survey` and `known` return."""

_NUMBERS = ("aspect", "brightness", "contrast", "sharpness", "red", "green", "blue")
_TYPES = dict.fromkeys(("bytes", "width", "height"), "int64") | dict.fromkeys(_NUMBERS, "float64")

# Photos that are written in one transaction; also the pause between two cancel checks.
_BATCH = 64
# Errors are kept by content, and the same bytes may lie under several names. No file is named so.
_NAME = "the/photo"


def survey(
    dataset: Dataset,
    *,
    progress: Progress | None = None,
    check: Callable[[], None] | None = None,
) -> pd.DataFrame:
    """Say what each photo of a dataset looks like, decoding those that were never decoded.

    For worker processes: it loads SciPy.

    Args:
        dataset: Whose photos.
        progress: Called with (photos done, photos in all).
        check: Called between batches; raises to stop. What was found out so far stays kept.

    Returns:
        A row for each of ``dataset.photos``, in their order, with `COLUMNS`: what the scan found,
        ``aspect`` (width by height), the fields of `flowercore.data.look.Look` and ``error``, the
        reason why the photo cannot be decoded; then the fields of its look are NaN or None.

    Raises:
        StorageError: If the home folder cannot be used.
    """
    found = look_cache.read([one.sha256 for one in dataset.photos])
    missing = list({p.sha256: p for p in dataset.photos if p.sha256 not in found}.values())
    total = len(dataset.photos)
    if progress:
        progress(total - len(missing), total)

    def seen(one: Photo) -> Outcome:
        return _seen(dataset, one)

    with ThreadPoolExecutor(settings().threads) as pool:
        for start in range(0, len(missing), _BATCH):
            batch = missing[start : start + _BATCH]
            new = {
                one.sha256: result for one, result in zip(batch, pool.map(seen, batch), strict=True)
            }
            look_cache.write({sha: one for sha, one in new.items() if _lasting(one)})
            found |= {sha: replace(one, tile=None) for sha, one in new.items()}
            if progress:
                progress(total - len(missing) + start + len(batch), total)
            if check:
                check()
    return _table(dataset, found)


def known(dataset: Dataset) -> pd.DataFrame:
    """Return what `survey` would, from what is kept: no photo is read.

    Returns:
        The same table; where a photo was not decoded yet, the fields of its look are NaN or None
        and so is its error.

    Raises:
        StorageError: If the home folder cannot be used.
    """
    return _table(dataset, look_cache.read([one.sha256 for one in dataset.photos]))


def tiles(dataset: Dataset, photos: Sequence[Photo]) -> list[bytes | None]:
    """Return small square pictures of photos, making and keeping those that are missing.

    Args:
        dataset: Whose photos.
        photos: Which; a page of them, since missing tiles are made on the spot.

    Returns:
        A JPEG of `TILE` pixels a side for each, cut from the photo's middle; None where it cannot
        be decoded.

    Raises:
        StorageError: If the home folder cannot be used.
    """
    found = look_cache.read_tiles([one.sha256 for one in photos])
    missing = list({p.sha256: p for p in photos if p.sha256 not in found}.values())
    if missing:
        with ThreadPoolExecutor(settings().threads) as pool:
            made = list(pool.map(lambda one: _tiled(dataset, one), missing))
        new = {p.sha256: one for p, one in zip(missing, made, strict=True) if one.tile}
        look_cache.write(new)
        found |= {sha: one.tile for sha, one in new.items() if one.tile}
    return [found.get(one.sha256) for one in photos]


def mean_photo(dataset: Dataset, photos: Sequence[Photo]) -> np.ndarray | None:
    """Average the tiles of photos, such as those of a class.

    Args:
        dataset: Whose photos.
        photos: Which.

    Returns:
        uint8 array of shape (TILE, TILE, 3); None if no photo can be decoded.

    Raises:
        StorageError: If the home folder cannot be used.
    """
    total, count = np.zeros((TILE, TILE, 3)), 0
    for start in range(0, len(photos), _BATCH):
        for jpeg in tiles(dataset, photos[start : start + _BATCH]):
            if jpeg is not None:
                total += np.asarray(Image.open(io.BytesIO(jpeg)))
                count += 1
    return np.round(total / count).astype(np.uint8) if count else None


def _read(dataset: Dataset, one: Photo) -> bytes:
    data = photo.read_photo_bytes(dataset.path(one))
    if hashlib.sha256(data).hexdigest() != one.sha256:
        raise PhotoError(
            "A photo must stay as it was when its folder was read. "
            f"Received: '{shown(one.key)}', which has changed since. Open the dataset again."
        )
    return data


def _seen(dataset: Dataset, one: Photo) -> Outcome:
    try:
        return Outcome(*look(_read(dataset, one), name=_NAME))
    except PhotoError as error:
        return _failed(error, one)


def _tiled(dataset: Dataset, one: Photo) -> Outcome:
    try:
        return Outcome(tile=tile(_read(dataset, one), name=_NAME))
    except PhotoError as error:
        return _failed(error, one)


def _failed(error: PhotoError, one: Photo) -> Outcome:
    if isinstance(error.__cause__, MemoryError):
        return Outcome(error=str(error).replace(_NAME, shown(one.key)))
    return Outcome(error=str(error))


def _lasting(one: Outcome) -> bool:
    """Tell what is wrong with the bytes from a file or a memory that may be better next time."""
    return one.error is None or _NAME in one.error


def _table(dataset: Dataset, found: dict[str, Outcome]) -> pd.DataFrame:
    photos = dataset.photos
    outcomes = [found.get(one.sha256, Outcome()) for one in photos]
    columns: dict[str, list[Any]] = {
        name: [getattr(one, name) for one in photos] for name in _FACTS
    }
    columns["aspect"] = [one.width / one.height for one in photos]
    for name in _SEEN:
        columns[name] = [getattr(one.look, name) if one.look else None for one in outcomes]
    columns["error"] = [
        one.error and one.error.replace(_NAME, shown(photo.key))
        for one, photo in zip(outcomes, photos, strict=True)
    ]
    # Named types: pandas would guess others for a table without photos, or without an error.
    return pd.DataFrame(
        {
            name: pd.Series(values, dtype=_TYPES.get(name, object))
            for name, values in columns.items()
        }
    )
