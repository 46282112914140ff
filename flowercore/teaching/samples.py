"""Photos for whoever has none at hand: pictures of the painted garden, painted one by one.

They are those of the dataset 'garden', and are there before it is.
"""

from __future__ import annotations

import io

from flowercore.data.garden import (
    JPEG_QUALITY,
    SEED,
    paint_flower,
    picture_rng,
    picture_size,
)

SAMPLES = {"daisy": 24, "dandelion": 28, "rose": 9, "sunflower": 38, "tulip": 27}
"""Species, and the number of its picture in the garden: large, sharp and whole flowers."""


def sample(species: str) -> bytes:
    """Paint a sample.

    Args:
        species: One of `SAMPLES`.

    Returns:
        The JPEG that the garden has of it.
    """
    rng = picture_rng(SEED, species, SAMPLES[species])
    out = io.BytesIO()
    paint_flower(species, rng, picture_size(rng)).save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()
