"""Pixels as pictures: enlarged so that each is seen, with a place marked on them."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw, ImageOps

# Seen on light and on dark pixels alike, and no colour of `flowercore.prediction.heat`.
_OUTSIDE, _INSIDE = (0, 0, 0), (64, 224, 255)
_HAIR = 0.45

Box = tuple[float, float, float, float]
"""Left, top, right and bottom in pixels; may reach beyond the picture."""


def enlarged(pixels: np.ndarray, factor: int) -> Image.Image:
    """Show each pixel as a square.

    Args:
        pixels: uint8 of shape (H, W), grey, or (H, W, 3), red, green and blue.
        factor: Side of such a square.
    """
    picture = Image.fromarray(pixels).convert("RGB")
    return picture.resize(
        (picture.width * factor, picture.height * factor), Image.Resampling.NEAREST
    )


def marked(picture: Image.Image, box: Box, *, hairs: bool = False) -> Image.Image:
    """Draw a frame around a part of a picture, in light blue between black.

    Args:
        picture: RGB; it is left as it is.
        box: The part. The frame lies around it, or on its rim where it ends with the picture.
        hairs: Whether thin lines lead from the frame to the picture's sides: for a part that is
            too small to be found without.
    """
    drawn = picture.copy()
    left, top, right, bottom = (round(side) for side in box)
    if hairs:
        drawn = _with_hairs(drawn, (left + right) // 2, (top + bottom) // 2)
        drawn.paste(picture.crop((left, top, right, bottom)), (left, top))
    brush = ImageDraw.Draw(drawn)
    unit = max(1, round(max(picture.size) / 340))
    left, right = _within(left, right, picture.width, 3 * unit)
    top, bottom = _within(top, bottom, picture.height, 3 * unit)
    for distance, color in ((3, _OUTSIDE), (2, _INSIDE), (1, _OUTSIDE)):
        far, near = distance * unit, (distance - 1) * unit
        for step in range(near + 1, far + 1):
            brush.rectangle(
                (left - step, top - step, right - 1 + step, bottom - 1 + step), outline=color
            )
    return drawn


def _within(first: int, last: int, size: int, frame: int) -> tuple[int, int]:
    """Draw the sides of a large part in, where its frame would else lie outside the picture."""
    if last - first <= 4 * frame:
        return first, last
    return max(first, frame), min(last, size - frame)


def scaled(box: Box, factor: float) -> Box:
    """Return the same part of an enlarged picture."""
    left, top, right, bottom = box
    return left * factor, top * factor, right * factor, bottom * factor


def _with_hairs(picture: Image.Image, x: int, y: int) -> Image.Image:
    lined = picture.copy()
    brush = ImageDraw.Draw(lined)
    width, height = picture.size
    for offset, color in ((-1, _OUTSIDE), (0, _INSIDE), (1, _OUTSIDE)):
        brush.line((0, y + offset, width, y + offset), fill=color)
        brush.line((x + offset, 0, x + offset, height), fill=color)
    return Image.blend(picture, lined, _HAIR)


def square(photo: bytes, side: int) -> bytes:
    """Return the middle of a photo as a small square picture.

    Args:
        photo: A picture of our own making: an upright JPEG or PNG.
        side: Pixels.
    """
    with Image.open(io.BytesIO(photo)) as picture:
        return jpeg(ImageOps.fit(picture.convert("RGB"), (side, side)))


def jpeg(picture: Image.Image) -> bytes:
    """Return a picture as a file; small squares keep their colours."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=90, subsampling=0)
    return out.getvalue()


def filter_tiles(weights: np.ndarray, side: int) -> list[Image.Image]:
    """Show filters over three colours as small pictures: grey is 0.

    Args:
        weights: Of shape (F, h, w, 3), in the order red, green, blue.
        side: Of each picture, pixels.

    Returns:
        A picture a filter; each has a scale of its own, so that weak filters are seen as well.
    """
    tiles = []
    for one in weights:
        most = float(np.abs(one).max()) or 1.0
        pixels = np.clip(127.5 + 127.5 * one / most + 0.5, 0, 255).astype(np.uint8)
        tiles.append(Image.fromarray(pixels).resize((side, side), Image.Resampling.NEAREST))
    return tiles
