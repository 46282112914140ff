"""How much work a layer is, by formula."""

from __future__ import annotations

import math
from collections.abc import Sequence

CONVOLUTIONS = ("Conv2D", "DepthwiseConv2D", "SeparableConv2D")
"""Kinds of layers, as Keras calls them, that are counted; all others are free."""


def multiply_adds(
    kind: str, kernel: Sequence[int] | None, input_shape: Sequence[int], output_shape: Sequence[int]
) -> int:
    """Count the multiply-adds of a layer for one photo.

    With output places P, kernel area A, input channels M and output channels N they are P·A·M·N
    for a convolution, P·A·M for one channel by channel, and P·(A·M + M·N) for a separable one
    (Howard and others 2017, 'MobileNets', arXiv 1704.04861, section 3.1). As is usual, a network's
    work is that of its convolutions: biases, activations, pooling and additions are left out, and
    batch normalization is part of the convolution before it once the network is compiled.

    Args:
        kind: Keras's name of the layer's class.
        kernel: Height and width in pixels; None for a layer without a kernel.
        input_shape: Height, width and channels.
        output_shape: Height, width and channels.

    Returns:
        Multiply-adds; 0 for a kind that is not counted.
    """
    if kind not in CONVOLUTIONS or kernel is None:
        return 0
    places = math.prod(output_shape[:-1])
    area = math.prod(kernel)
    channels_in, channels_out = input_shape[-1], output_shape[-1]
    weights = {
        "Conv2D": area * channels_in * channels_out,
        "DepthwiseConv2D": area * channels_in,
        "SeparableConv2D": area * channels_in + channels_in * channels_out,
    }
    return places * weights[kind]
