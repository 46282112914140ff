"""Which part of a photo one cell of a feature map can have seen.

A layer is a step: kernel, stride, padding. The way back from a cell through all steps gives its
receptive field; where a network branches, as at a residual connection, the longest path counts,
because it reaches furthest.

Source: A. Araujo, W. Norris and J. Sim, "Computing Receptive Fields of Convolutional Neural
Networks" (2019), Distill, doi 10.23915/distill.00021. The names in formulas are theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod


@dataclass(frozen=True)
class Step:
    """One layer that moves a window along an axis: a convolution or a pooling.

    Attributes:
        kernel: Size of the window, k.
        stride: Cells from one place to the next, s.
        padding: Zeros before the first cell, p. Those behind the last one move nothing.
    """

    kernel: int
    stride: int = 1
    padding: int = 0


def same(size: int, layers: Iterable[tuple[int, int]]) -> tuple[Step, ...]:
    """Return the steps of layers that are padded as Keras's ``same`` does.

    How many zeros that takes depends on the size of what comes in, and an odd one goes behind.

    Args:
        size: Of the photo along the axis, pixels.
        layers: Kernel and stride of each layer from the photo on.
    """
    steps = []
    for kernel, stride in layers:
        out = -(-size // stride)
        steps.append(Step(kernel, stride, max((out - 1) * stride + kernel - size, 0) // 2))
        size = out
    return tuple(steps)


def extent(steps: Sequence[Step]) -> int:
    """Return the size of a receptive field along the axis, pixels, were the photo endless.

    ``r = 1 + sum over l of (k_l - 1) * product of the strides before l`` (equation 2).
    """
    size, moved = 1, 1
    for step in steps:
        size += (step.kernel - 1) * moved
        moved *= step.stride
    return size


def effective_stride(steps: Sequence[Step]) -> int:
    """Return how many pixels lie between neighbouring cells: the product of all strides."""
    return prod(step.stride for step in steps)


def receptive_field(steps: Sequence[Step], cell: int) -> tuple[int, int]:
    """Return the first and the last pixel that a cell can have seen along an axis.

    Either may lie outside the photo: there the cell saw padding (equations 3 and 4).

    Args:
        steps: The layers from the photo to the feature map.
        cell: Its place in the feature map, from 0 on.
    """
    first = last = cell
    for step in reversed(steps):
        first = first * step.stride - step.padding
        last = last * step.stride - step.padding + step.kernel - 1
    return first, last
