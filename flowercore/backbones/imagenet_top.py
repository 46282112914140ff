"""The ImageNet classifier that comes with the default backbone: what else a photo might show.

Its thousand classes are things, animals and a few flowers. A network that was trained to tell them
apart says of a photo of something else what it is, which no distance between photos can say.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from flowercore.backbones import registry, weights
from flowercore.backbones.torch_file import read_torch_file
from flowercore.errors import WeightsError


def logits(features: np.ndarray) -> np.ndarray:
    """Return the logits of ImageNet's classes.

    Args:
        features: Plain features of the default backbone, float32 (N, 1280).

    Returns:
        float32 (N, 1000).

    Raises:
        WeightsError: If the backbone's file is missing or not the expected one.
    """
    kernel, bias = _top()
    return features @ kernel + bias


@lru_cache(maxsize=1)
def _top() -> tuple[np.ndarray, np.ndarray]:
    backbone = registry.get(registry.DEFAULT)
    tensors = read_torch_file(weights.verified(backbone))
    try:
        kernel, bias = tensors["_fc.weight"], tensors["_fc.bias"]
    except KeyError as error:
        raise WeightsError(
            f"The weights of {backbone.title} come without ImageNet's classifier."
        ) from error
    return np.ascontiguousarray(kernel.T, np.float32), bias.astype(np.float32)
