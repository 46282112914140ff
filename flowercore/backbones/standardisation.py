"""The course notebook's preprocessing: standardise by the training photos' mean and deviation."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from flowercore.backbones.registry import Preprocessing
from flowercore.errors import DatasetError


@dataclass(frozen=True)
class Standardisation:
    """Mean and standard deviation of all values of all training photos, scaled to 0..1."""

    mean: float
    deviation: float

    @property
    def name(self) -> str:
        """What tells it from others; part of the name under which features are kept."""
        return f"standardised-{self.mean!r}-{self.deviation!r}"

    def pixels(self, pixels: np.ndarray, preprocessing: Preprocessing) -> np.ndarray:
        """Return pixels that reach the network's first convolution as the standardised photo.

        Compiled backbones begin with a preprocessing of their own, which is undone here.

        Args:
            pixels: Values of 0..255, RGB, shape (..., 3).
            preprocessing: What the backbone does first.

        Returns:
            float32 array of the same shape: what the backbone turns into
            ``(pixels / 255 - mean) / deviation``.
        """
        wanted = (pixels.astype(np.float64) / 255 - self.mean) / self.deviation
        undone = (wanted - np.array(preprocessing.offset)) / np.array(preprocessing.scale)
        if preprocessing.bgr:
            undone = undone[..., ::-1]
        return undone.astype(np.float32)


@dataclass(frozen=True)
class Sums:
    """Number, sum and sum of squares of a photo's values of 0..255: whole numbers, so exact."""

    count: int
    total: int
    squares: int


def sums(photo: np.ndarray) -> Sums:
    """Return the sums of one photo, a uint8 array."""
    values = photo.astype(np.int64)
    return Sums(values.size, int(values.sum()), int((values * values).sum()))


def standardisation_of(photos: Iterable[Sums]) -> Standardisation:
    """Return the mean and deviation over all values of photos.

    Args:
        photos: Sums of each photo.

    Raises:
        DatasetError: If there is no photo, or all values are alike.
    """
    parts = list(photos)
    count = sum(part.count for part in parts)
    total = sum(part.total for part in parts)
    variance = count * sum(part.squares for part in parts) - total * total
    if count == 0 or variance == 0:
        raise DatasetError(
            "Photos must differ to be standardised. Received: training photos of one single colour."
        )
    return Standardisation(total / count / 255, math.sqrt(variance) / count / 255)
