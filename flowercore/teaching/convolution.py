"""What a convolution does: the result for a whole picture, and one place of it in numbers.

As in all networks the kernel is not turned round before it is laid on the picture; mathematicians
call that a cross-correlation. Sizes and padding are those of Keras and TensorFlow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Padding = Literal["same", "valid"]


@dataclass(frozen=True)
class Axis:
    """How a kernel moves along one side of a picture.

    Attributes:
        size: Of the picture, pixels.
        kernel: Of the kernel, pixels.
        stride: Pixels from one place to the next.
        before: Zeros that are put before the first pixel.
        after: Zeros that are put behind the last one.
        places: Where the kernel comes to lie: the size of the result.
    """

    size: int
    kernel: int
    stride: int
    before: int
    after: int
    places: int

    def start(self, place: int) -> int:
        """Return the first pixel under the kernel at a place; below 0 it lies in the padding."""
        return place * self.stride - self.before

    def nearest(self, pixel: int) -> int:
        """Return the place at which the kernel's middle lies nearest to a pixel."""
        wanted = (pixel - self.kernel // 2 + self.before) / self.stride
        return min(max(round(wanted), 0), self.places - 1)


def axis(size: int, kernel: int, stride: int, padding: Padding) -> Axis:
    """Work out how a kernel moves along one side of a picture.

    With ``valid`` it stays within the picture: ``(size - kernel) // stride + 1`` places. With
    ``same`` there are ``ceil(size / stride)`` places, and as many zeros are put around the picture
    as that takes, an odd one behind it (TensorFlow's documentation, `tf.nn.convolution`).

    Args:
        size: Of the picture, pixels, at least that of the kernel.
        kernel: Of the kernel, pixels.
        stride: Pixels from one place to the next, at least 1.
        padding: Which of both.

    Raises:
        ValueError: If the kernel does not fit or the stride is below 1.
    """
    if not (1 <= kernel <= size and stride >= 1):
        raise ValueError(
            "A kernel must fit into the picture and move on. "
            f"Received: size={size}, kernel={kernel}, stride={stride}."
        )
    if padding == "valid":
        return Axis(size, kernel, stride, 0, 0, (size - kernel) // stride + 1)
    places = -(-size // stride)
    zeros = max((places - 1) * stride + kernel - size, 0)
    return Axis(size, kernel, stride, zeros // 2, zeros - zeros // 2, places)


def convolve(
    picture: np.ndarray, kernel: np.ndarray, stride: int = 1, padding: Padding = "same"
) -> np.ndarray:
    """Slide a kernel over a picture.

    Args:
        picture: Numbers of shape (H, W, C).
        kernel: Weights of shape (h, w, C): one filter.
        stride: Pixels from one place to the next, both ways.
        padding: ``same`` or ``valid``; see `axis`.

    Returns:
        float32 of shape (H', W'): at each place the sum of all products.

    Raises:
        ValueError: If the kernel does not fit or the stride is below 1.
    """
    _check(picture, kernel)
    down, across = _axes(picture, kernel, stride, padding)
    channels = np.pad(
        np.moveaxis(picture, 2, 0).astype(np.float32),
        ((0, 0), (down.before, down.after), (across.before, across.after)),
    )
    total = np.zeros((down.places, across.places), np.float32)
    # A kernel has few weights and a picture many places: one pass over all places a weight.
    for row, column, channel in zip(*np.nonzero(kernel), strict=True):
        rows = slice(row, row + (down.places - 1) * stride + 1, stride)
        columns = slice(column, column + (across.places - 1) * stride + 1, stride)
        total += np.float32(kernel[row, column, channel]) * channels[channel, rows, columns]
    return total


@dataclass(frozen=True, eq=False)
class Window:
    """One place of a convolution in numbers.

    Attributes:
        row: Of the result.
        column: Of the result.
        top: First row of the picture under the kernel; below 0 it lies in the padding.
        left: First column, likewise.
        values: What lies under the kernel, (h, w, C); zeros in the padding.
        products: Each of them times its weight, (h, w, C).
        inside: Which of the (h, w) lie in the picture.
    """

    row: int
    column: int
    top: int
    left: int
    values: np.ndarray
    products: np.ndarray
    inside: np.ndarray

    @property
    def total(self) -> float:
        """Sum of all products: what the convolution writes down here."""
        return float(self.products.sum())


def window(
    picture: np.ndarray, kernel: np.ndarray, stride: int, padding: Padding, pixel: tuple[int, int]
) -> Window:
    """Work out the place of a convolution that lies nearest to a pixel.

    Args:
        picture: Numbers of shape (H, W, C).
        kernel: Weights of shape (h, w, C).
        stride: Pixels from one place to the next, both ways.
        padding: ``same`` or ``valid``; see `axis`.
        pixel: Row and column of the picture; the nearest place is taken for one outside.

    Raises:
        ValueError: If the kernel does not fit or the stride is below 1.
    """
    _check(picture, kernel)
    down, across = _axes(picture, kernel, stride, padding)
    row, column = down.nearest(pixel[0]), across.nearest(pixel[1])
    top, left = down.start(row), across.start(column)
    rows, columns = top + np.arange(down.kernel), left + np.arange(across.kernel)
    inside = np.logical_and.outer(
        (rows >= 0) & (rows < down.size), (columns >= 0) & (columns < across.size)
    )
    found = picture[np.clip(rows, 0, down.size - 1)][:, np.clip(columns, 0, across.size - 1)]
    values = np.where(inside[:, :, np.newaxis], found, 0).astype(np.float64)
    return Window(row, column, top, left, values, values * kernel, inside)


def _axes(
    picture: np.ndarray, kernel: np.ndarray, stride: int, padding: Padding
) -> tuple[Axis, Axis]:
    return (
        axis(picture.shape[0], kernel.shape[0], stride, padding),
        axis(picture.shape[1], kernel.shape[1], stride, padding),
    )


def _check(picture: np.ndarray, kernel: np.ndarray) -> None:
    if picture.ndim != 3 or kernel.ndim != 3 or picture.shape[2] != kernel.shape[2]:
        raise ValueError(
            "A kernel must have the channels of the picture. "
            f"Received: a picture of {picture.shape}, a kernel of {kernel.shape}."
        )
