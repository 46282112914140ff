"""A convolution of a photo with all that is needed to show it: by hand, or as the network does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from flowercore.backbones.first_filters import CEILING, activated, first_filters, prepared
from flowercore.teaching.convolution import Padding, Window, convolve, window
from flowercore.teaching.kernels import Tones, tones


@dataclass(frozen=True, eq=False)
class Filtering:
    """A photo, a filter and what comes of them.

    Attributes:
        picture: What is shown of the photo, uint8 (H, W) or (H, W, 3).
        values: What is convolved, (H, W, C).
        weights: The kernel, (h, w, C).
        bias: Added to each sum.
        stride: Pixels from one place to the next.
        padding: ``same`` or ``valid``.
        result: float32 (H', W').
        tones: In which the result is drawn.
        relu: Whether the result is what ReLU6 leaves of it.
    """

    picture: np.ndarray
    values: np.ndarray
    weights: np.ndarray
    bias: float
    stride: int
    padding: Padding
    result: np.ndarray
    tones: Tones
    relu: bool

    @property
    def channels(self) -> int:
        """Numbers that each pixel has: 1 for grey, 3 for colours."""
        return self.values.shape[2]

    @property
    def drawn(self) -> np.ndarray:
        """The result as grey pixels, uint8 (H', W')."""
        return self.tones.pixels(self.result)

    def window(self, pixel: tuple[int, int]) -> Window:
        """Return the place nearest to a pixel, given as row and column, in numbers."""
        return window(self.values, self.weights, self.stride, self.padding, pixel)

    def activated(self, total: float) -> float:
        """Return what is written down for a sum to which the bias was added."""
        return float(activated(np.array(total))) if self.relu else total

    def seen(self, values: np.ndarray) -> np.ndarray:
        """Return the greys, uint8, as which values of the photo are seen."""
        tones = Tones(-1.0, 1.0, signed=True) if self.channels > 1 else Tones(0.0, 255.0, False)
        return tones.pixels(values)


def by_hand(pixels: np.ndarray, weights: np.ndarray, stride: int, padding: Padding) -> Filtering:
    """Convolve the greys of a photo with a kernel.

    Args:
        pixels: uint8 of shape (H, W, 3).
        weights: Of shape (h, w).
        stride: Pixels from one place to the next.
        padding: ``same`` or ``valid``.
    """
    grey = np.asarray(Image.fromarray(pixels).convert("L"))
    values, kernel = grey[:, :, np.newaxis], weights[:, :, np.newaxis]
    result = convolve(values, kernel, stride, padding)
    return Filtering(
        picture=grey,
        values=values,
        weights=kernel,
        bias=0.0,
        stride=stride,
        padding=padding,
        result=result,
        tones=tones(kernel, result),
        relu=False,
    )


def by_network(pixels: np.ndarray, number: int, stride: int, padding: Padding) -> Filtering:
    """Do to a photo what a filter of the default backbone's first layer does.

    Batch normalization is folded into weights and bias; ReLU6 follows. With the network's own
    stride and padding the result is its first feature map.

    Args:
        pixels: uint8 of shape (H, W, 3).
        number: Which filter, from 0 on.
        stride: Pixels from one place to the next.
        padding: ``same`` or ``valid``.

    Raises:
        WeightsError: If the backbone's file is missing or not the expected one.
    """
    filters = first_filters()
    values, weights = prepared(pixels), filters.weights[number]
    bias = float(filters.bias[number])
    result = activated(convolve(values, weights, stride, padding) + np.float32(bias))
    most = float(result.max())
    return Filtering(
        picture=pixels,
        values=values,
        weights=weights,
        bias=bias,
        stride=stride,
        padding=padding,
        result=result,
        tones=Tones(0.0, most if most > 0 else CEILING, signed=False),
        relu=True,
    )
