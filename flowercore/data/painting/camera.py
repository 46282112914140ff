"""The camera: what turns a painted canvas into something like a photo."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

MIDDLE_GRAY = 110.0  # contrast turns around this level
SOFT_SHARE = 0.5  # pictures that are slightly out of focus
MISSED_SHARE = 0.06  # pictures whose focus is missed
DIM_SHARE = 0.06  # pictures that are underexposed
VIGNETTE_SHARE = 0.4


def develop(rng: np.random.Generator, canvas: Image.Image, supersampling: int) -> Image.Image:
    """Turn the canvas into a photo: focus, light across it, tint, contrast, grain.

    Args:
        rng: Source of the camera's mood.
        canvas: RGB canvas.
        supersampling: How many times larger than the photo the canvas is.

    Returns:
        RGB photo.
    """
    image = _focus(rng, canvas.reduce(supersampling))
    wide, high = image.size
    exposure = rng.uniform(0.4, 0.7) if rng.uniform() < DIM_SHARE else rng.uniform(0.75, 1.15)
    contrast = rng.uniform(0.8, 1.2)
    gain = exposure * contrast * rng.normal(1.0, 0.05, 3)
    offset = rng.uniform(100, 122) - MIDDLE_GRAY * contrast
    grain = rng.standard_normal((high, wide, 1), dtype=np.float32) * rng.uniform(1, 7)
    levels = np.asarray(image, dtype=np.float32) * _light(rng, wide, high)
    levels *= gain.astype(np.float32)
    levels += (grain + offset).astype(np.float32)
    np.clip(levels, 0, 255, out=levels)
    return Image.fromarray(levels.astype(np.uint8))


def _focus(rng: np.random.Generator, image: Image.Image) -> Image.Image:
    kind = rng.uniform()
    if kind < MISSED_SHARE:
        return image.filter(ImageFilter.GaussianBlur(rng.uniform(1.5, 4)))
    if kind < MISSED_SHARE + SOFT_SHARE:
        return image.filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 1.1)))
    return image


def _light(rng: np.random.Generator, wide: int, high: int) -> np.ndarray:
    """Return brightness factors (high, wide, 1): patches of sun and shade, often a vignette."""
    rows, columns = rng.integers(2, 6, 2).tolist()
    small = Image.fromarray(rng.normal(1.0, 0.13, (rows, columns)).astype(np.float32))
    factors = np.array(small.resize((wide, high), Image.Resampling.BICUBIC))
    if rng.uniform() < VIGNETTE_SHARE:
        x = np.linspace(-1, 1, wide, dtype=np.float32) ** 2
        y = np.linspace(-1, 1, high, dtype=np.float32)[:, None] ** 2
        factors *= 1 - np.float32(rng.uniform(0.1, 0.3)) * (x + y)
    return factors[..., None]
