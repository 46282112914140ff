"""What the photos of each class look like together."""

from __future__ import annotations

import io
from collections.abc import Callable

import pandas as pd
from PIL import Image

from flowercore.audit.findings import ClassLook
from flowercore.data import looks as photo_looks
from flowercore.data.dataset import Dataset
from flowercore.data.look import common_palette

_QUALITY = 85


def class_looks(
    dataset: Dataset, looks: pd.DataFrame, check: Callable[[], None] | None = None
) -> dict[str, ClassLook]:
    """Average the photos of each class.

    Args:
        dataset: Whose photos.
        looks: Of its photos; see `flowercore.data.looks.survey`.
        check: Called before each class; raises to stop.
    """
    found = {}
    for label in dataset.classes:
        if check is not None:
            check()
        photos = [one for one in dataset.photos if one.label == label]
        readable = looks[(looks["label"] == label) & looks["phash"].notna()]
        mean = photo_looks.mean_photo(dataset, photos)
        found[label] = ClassLook(
            mean=None if mean is None else _jpeg(Image.fromarray(mean)),
            palette=common_palette(readable["palette"]),
            brightness=float(readable["brightness"].mean()) if len(readable) else None,
        )
    return found


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
