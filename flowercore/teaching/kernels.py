"""Kernels that people thought up, long before networks learned their own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Below this share of what all weights amount to, their sum counts as 0.
_BALANCED = 0.02


@dataclass(frozen=True)
class Kernel:
    """A kernel of 3 x 3 weights.

    Attributes:
        title: How it is called.
        weights: Three rows of three.
        meaning: What it does, in a sentence.
    """

    title: str
    weights: tuple[tuple[float, float, float], ...]
    meaning: str


_NINTH = 1 / 9

KERNELS: dict[str, Kernel] = {
    "vertical": Kernel(
        "Vertical edges (Sobel)",
        ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
        "Right minus left: large where the photo gets brighter to the right.",
    ),
    "horizontal": Kernel(
        "Horizontal edges (Sobel)",
        ((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
        "Bottom minus top: large where the photo gets brighter downwards.",
    ),
    "edges": Kernel(
        "All edges (Laplacian)",
        ((-1, -1, -1), (-1, 8, -1), (-1, -1, -1)),
        "A pixel against its eight neighbours: 0 wherever all are alike.",
    ),
    "blur": Kernel(
        "Blur (mean)",
        ((_NINTH, _NINTH, _NINTH),) * 3,
        "The mean of nine pixels: small differences go away.",
    ),
    "gauss": Kernel(
        "Soft blur (Gaussian)",
        ((1 / 16, 2 / 16, 1 / 16), (2 / 16, 4 / 16, 2 / 16), (1 / 16, 2 / 16, 1 / 16)),
        "A mean in which the middle counts most.",
    ),
    "sharpen": Kernel(
        "Sharpen",
        ((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
        "The pixel and how much it differs from its neighbours: edges become steeper.",
    ),
    "emboss": Kernel(
        "Emboss",
        ((-2, -1, 0), (-1, 1, 1), (0, 1, 2)),
        "Light from one corner: the photo looks pressed into paper.",
    ),
    "identity": Kernel(
        "Identity",
        ((0, 0, 0), (0, 1, 0), (0, 0, 0)),
        "Each pixel as it is: the way to see that nothing else happens.",
    ),
}
"""By a short name; the first one is the usual."""


@dataclass(frozen=True)
class Tones:
    """Which numbers of a result are drawn black and white.

    Attributes:
        black: This number and all below.
        white: This number and all above.
        signed: Whether 0 is the grey in the middle.
    """

    black: float
    white: float
    signed: bool

    def pixels(self, values: np.ndarray) -> np.ndarray:
        """Return uint8 of the same shape."""
        scaled = (values - self.black) * (255 / (self.white - self.black))
        return np.clip(scaled + 0.5, 0, 255).astype(np.uint8)


def tones(weights: np.ndarray, result: np.ndarray) -> Tones:
    """Choose the tones in which the result for pixels of 0..255 is drawn.

    Where the weights sum up to 0, a plain area gives 0 and both signs mean something: 0 is then
    grey, and the scale is the result's own. Otherwise black and white are what a black and a white
    photo would give.

    Args:
        weights: Of the kernel, any shape.
        result: Of the convolution.
    """
    total, all_of_them = float(weights.sum()), float(np.abs(weights).sum())
    if abs(total) > _BALANCED * all_of_them:
        black, white = sorted((0.0, 255 * total))
        return Tones(black, white, signed=False)
    # Not the largest: a few glaring pixels would leave all others grey.
    most = float(np.percentile(np.abs(result), 99)) if result.size else 0.0
    return Tones(-most, most, signed=True) if most > 0 else Tones(-1.0, 1.0, signed=True)
