"""A map of what speaks for a class, laid over the photo."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from flowercore.data.photo import square_box

# From dark blue over violet and orange to pale yellow: each step lighter than the one before, so
# that the order is seen whatever colours one sees, and light places stand out from the photo.
STOPS = ((18, 20, 78), (92, 26, 120), (196, 58, 78), (245, 145, 50), (255, 244, 178))
_OUTSIDE = 0.55
"""Brightness of what the network was not shown, at full opacity."""


def overlay(photo: bytes, heat: np.ndarray, *, squeezed: bool, opacity: float) -> bytes:
    """Lay a map over a photo.

    Args:
        photo: The upright photo as a JPEG or PNG.
        heat: 0..1, shape (h, w), of the square that the network was shown.
        squeezed: Whether that square is the whole photo; otherwise it is the part that
            `flowercore.data.photo.square_box` keeps, and the rest is darkened.
        opacity: Of the map, 0..1; 0 shows the photo alone.

    Returns:
        A JPEG of the same size.
    """
    picture = Image.open(io.BytesIO(photo)).convert("RGB")
    width, height = picture.size
    box = (0, 0, width, height) if squeezed else square_box(width, height)
    left, top, right, bottom = (round(side) for side in box)
    shown = np.asarray(picture, np.float32)
    result = shown * (1 - opacity * (1 - _OUTSIDE))
    size = (max(1, right - left), max(1, bottom - top))
    inside = slice(top, top + size[1]), slice(left, left + size[0])
    result[inside] = (1 - opacity) * shown[inside] + opacity * coloured(_enlarged(heat, size))
    out = io.BytesIO()
    Image.fromarray(np.clip(result + 0.5, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=88)
    return out.getvalue()


def coloured(heat: np.ndarray) -> np.ndarray:
    """Return the colours of a map.

    Args:
        heat: 0..1, shape (h, w).

    Returns:
        float32 (h, w, 3), 0..255.
    """
    stops = np.array(STOPS, np.float32)
    # A table instead of three interpolations: a photo has a million places.
    table = np.stack(
        [np.interp(np.linspace(0, 1, 256), np.linspace(0, 1, len(stops)), of) for of in stops.T],
        axis=1,
    ).astype(np.float32)
    return table[np.clip(heat * 255 + 0.5, 0, 255).astype(np.uint8)]


def _enlarged(heat: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    small = Image.fromarray(np.ascontiguousarray(heat, np.float32))
    # Bicubic: a map of 7 x 7 places has no edges that linear steps would show.
    return np.clip(np.asarray(small.resize(size, Image.Resampling.BICUBIC)), 0, 1)
