"""The filters of the default backbone's first convolution, read from its weights.

At prediction batch normalization is a fixed factor and summand a channel, so it can be folded into
the convolution before it: ``scale = gamma / sqrt(variance + epsilon)``, weights times ``scale``,
bias ``beta - mean * scale`` (Ioffe and Szegedy 2015, "Batch normalization", arXiv 1502.03167,
section 3.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from flowercore.backbones import registry, weights
from flowercore.backbones.efficientnet_lite import BATCH_NORM_EPSILON
from flowercore.backbones.torch_file import read_torch_file
from flowercore.errors import WeightsError

STRIDE = 2
"""Of the first convolution, whose padding is ``same``."""
CEILING = 6.0
"""Of its activation, ReLU6: what is below 0 becomes 0, what is above becomes this."""


@dataclass(frozen=True, eq=False)
class FirstFilters:
    """Filters with their batch normalization folded in.

    Attributes:
        weights: float32 of shape (F, h, w, 3), for prepared pixels in the order red, green, blue.
        bias: float32 of shape (F,).
    """

    weights: np.ndarray
    bias: np.ndarray

    def __len__(self) -> int:
        return len(self.weights)


@lru_cache(maxsize=1)
def first_filters() -> FirstFilters:
    """Return the filters of the default backbone. No TensorFlow.

    Raises:
        WeightsError: If the backbone's file is missing or not the expected one.
    """
    backbone = registry.get(registry.DEFAULT)
    tensors = read_torch_file(weights.verified(backbone))
    try:
        kernel = tensors["_conv_stem.weight"]
        gamma, beta, mean, variance = (
            tensors[f"_bn0.{part}"] for part in ("weight", "bias", "running_mean", "running_var")
        )
    except KeyError as error:
        raise WeightsError(
            f"The weights of {backbone.title} come without its first convolution."
        ) from error
    scale = gamma / np.sqrt(variance + np.float32(BATCH_NORM_EPSILON))
    folded = kernel.transpose(0, 2, 3, 1) * scale[:, np.newaxis, np.newaxis, np.newaxis]
    return FirstFilters(
        np.ascontiguousarray(folded, np.float32), (beta - mean * scale).astype(np.float32)
    )


def prepared(pixels: np.ndarray) -> np.ndarray:
    """Return what the first convolution gets.

    Args:
        pixels: Values of 0..255, shape (S, S, 3).

    Returns:
        float32 of the same shape, around 0.
    """
    facts = registry.get(registry.DEFAULT).preprocessing
    scale, offset = (np.array(part, np.float32) for part in (facts.scale, facts.offset))
    return pixels.astype(np.float32) * scale + offset


def activated(values: np.ndarray) -> np.ndarray:
    """Return the activations of the first layer: ReLU6.

    Args:
        values: Of the convolution with the bias added.
    """
    return np.clip(values, 0, CEILING)
