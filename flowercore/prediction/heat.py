"""A map of what speaks for a class, laid over the photo."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from flowercore.data.photo import square_box

STOPS = ((18, 20, 78), (92, 26, 120), (196, 58, 78), (245, 145, 50), (255, 244, 178))
"""From dark blue over violet, red and orange to pale yellow, as in matplotlib's inferno: each step
lighter than the one before, so that the order is seen with any colour vision."""

_GREY_FROM = 0.5
"""Opacity from which on the photo has no colours of its own: its yellow would pass for heat."""
_BRIGHTNESS = 0.65
"""Of the grey photo, so that the map's light places are lighter than white petals."""


def overlay(photo: bytes, heat: np.ndarray, *, squeezed: bool, opacity: float) -> bytes:
    """Lay a map over a photo.

    Under the map the photo loses its colours and some of its light, so that all colours are the
    map's. What the network was not shown stays without colours, and goes black.

    Args:
        photo: The upright photo as a JPEG or PNG.
        heat: 0..1, shape (h, w), of the square that the network was shown.
        squeezed: Whether that square is the whole photo; otherwise it is the part that
            `flowercore.data.photo.square_box` keeps.
        opacity: Of the map, 0..1; 0 shows the photo alone.

    Returns:
        A JPEG of the same size.
    """
    picture = Image.open(io.BytesIO(photo)).convert("RGB")
    grey = picture.convert("L").point([round(_BRIGHTNESS * value) for value in range(256)])
    under = Image.blend(picture, grey.convert("RGB"), min(1, opacity / _GREY_FROM))
    whole = (0, 0, *picture.size)
    shown = whole if squeezed else square_box(*picture.size)
    left, top, right, bottom = map(round, shown)
    # Bicubic: a map of 7 x 7 places has no edges that linear steps would show.
    large = _levels(heat).resize((right - left, bottom - top), Image.Resampling.BICUBIC)
    laid = Image.blend(under, Image.new("RGB", picture.size), opacity)
    part = under.crop((left, top, right, bottom))
    laid.paste(Image.blend(part, coloured(large), opacity), (left, top))
    out = io.BytesIO()
    laid.save(out, "JPEG", quality=88)
    return out.getvalue()


def _levels(heat: np.ndarray) -> Image.Image:
    return Image.fromarray(np.clip(heat * 255 + 0.5, 0, 255).astype(np.uint8))


def coloured(levels: Image.Image) -> Image.Image:
    """Return a map in its colours.

    Args:
        levels: Of 0..255, mode L.
    """
    painted = levels.copy()
    painted.putpalette(_palette())
    return painted.convert("RGB")


def _palette() -> bytes:
    stops = np.array(STOPS, np.float64)
    places = np.linspace(0, len(stops) - 1, 256)
    colours = [np.interp(places, np.arange(len(stops)), channel) for channel in stops.T]
    return np.stack(colours, axis=1).round().astype(np.uint8).tobytes()
