"""What one photo looks like: a few numbers, a perceptual hash and a square tile."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

from flowercore.data import photo

VERSION = 2
"""Raised when anything below changes, so that looks which are kept are made anew."""
TILE = 240
"""Side of a tile in pixels; all numbers are measured at this shorter side."""
PALETTE = 5
"""Colours of a palette at most."""

_PALETTE_SIDE = 32
_QUALITY = 85

Palette = tuple[tuple[tuple[int, int, int], float], ...]
"""Colours (red, green, blue of 0 to 255) with their share of the picture, the largest first."""


@dataclass(frozen=True)
class Look:
    """What can be said of a photo's looks. Light and colour are from 0 to 1.

    Attributes:
        brightness: Mean luma (ITU-R BT.601).
        contrast: Standard deviation of the luma.
        sharpness: How steep its sharpest edges are: the 99th percentile of the luma's Laplacian,
            sign aside, at the size of a tile.
        red: Mean.
        green: Mean.
        blue: Mean.
        palette: Its main colours.
        phash: Perceptual hash, 16 hexadecimal digits; photos that show the same differ in few of
            its 64 bits, however they were saved.
    """

    brightness: float
    contrast: float
    sharpness: float
    red: float
    green: float
    blue: float
    palette: Palette
    phash: str


def look(data: bytes, *, name: str) -> tuple[Look, bytes]:
    """Decode a photo once, at reduced size, and say what it looks like.

    Args:
        data: The whole file.
        name: How messages call the photo.

    Returns:
        Its look, and its tile as JPEG.

    Raises:
        PhotoError: As `flowercore.data.photo.decode`.
    """
    # Imported here: it stands on SciPy, which the server does not load.
    import imagehash

    picture = _reduced(data, name)
    luma = np.asarray(picture.convert("L"), dtype=np.float32) / 255
    red, green, blue = (np.asarray(picture).mean(axis=(0, 1)) / 255).tolist()
    found = Look(
        brightness=float(luma.mean(dtype=np.float64)),
        contrast=float(luma.std(dtype=np.float64)),
        sharpness=sharpness(luma),
        red=red,
        green=green,
        blue=blue,
        palette=palette(picture),
        phash=str(imagehash.phash(picture)),
    )
    return found, _tile(picture)


def tile(data: bytes, *, name: str) -> bytes:
    """Make only the tile of a photo; see `look`."""
    return _tile(_reduced(data, name))


def sharpness(luma: np.ndarray) -> float:
    """Return the 99th percentile of the Laplacian of a picture of shape (height, width).

    Its variance (Pech-Pacheco and others 2000) is the usual measure, but calls a sharp flower in
    front of a plain wall as blurred as a photo out of focus (docs/decisions.md).
    """
    if min(luma.shape) < 3:
        return 0.0
    around = luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:]
    return float(np.quantile(np.abs(around - 4 * luma[1:-1, 1:-1]), 0.99))


def palette(picture: Image.Image) -> Palette:
    """Return the main colours of an RGB picture, found by median cut and k-means."""
    side = _PALETTE_SIDE
    return _main_colours(picture.resize((side, side), Image.Resampling.BOX))


def common_palette(palettes: Iterable[Palette]) -> Palette:
    """Return the main colours of many pictures together, each counting the same."""
    lines = []
    for one in palettes:
        parts = np.round(np.cumsum([share for _, share in one]) * _PALETTE_SIDE).astype(int)
        lines.append(np.repeat([colour for colour, _ in one], np.diff(parts, prepend=0), axis=0))
    if not lines:
        return ()
    return _main_colours(Image.fromarray(np.stack(lines).astype(np.uint8)))


def _main_colours(picture: Image.Image) -> Palette:
    few = picture.quantize(PALETTE, Image.Quantize.MEDIANCUT, kmeans=1, dither=Image.Dither.NONE)
    values = few.getpalette() or []
    counts = np.bincount(np.asarray(few).ravel(), minlength=PALETTE).tolist()
    return tuple(
        (
            (values[3 * index], values[3 * index + 1], values[3 * index + 2]),
            count / (picture.width * picture.height),
        )
        for index, count in sorted(enumerate(counts), key=lambda found: -found[1])
        if count
    )


def _reduced(data: bytes, name: str) -> Image.Image:
    """Decode to a shorter side of a tile's; a smaller photo keeps its size."""
    picture = photo.decode(data, name=name, at_least=TILE)
    shorter = min(picture.size)
    if shorter <= TILE:
        return picture
    width, height = (max(1, round(side * TILE / shorter)) for side in picture.size)
    return picture.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=3.0)


def _tile(picture: Image.Image) -> bytes:
    square = ImageOps.fit(picture, (TILE, TILE), Image.Resampling.BICUBIC)
    out = io.BytesIO()
    square.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
