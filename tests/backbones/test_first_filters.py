"""The first filters, folded and applied with NumPy, are the real network's first layer."""

from __future__ import annotations

import numpy as np
import pytest

from flowercore.backbones import registry, runtime
from flowercore.backbones.first_filters import STRIDE, activated, first_filters, prepared
from flowercore.teaching.convolution import convolve


@pytest.mark.usefixtures("prepared")
def test_they_give_the_first_feature_map_of_the_network() -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (224, 224, 3)).astype(np.uint8)
    wanted = runtime.depth_maps(registry.DEFAULT, pixels)["depth_stem"]
    filters = first_filters()
    assert len(filters) == 32
    assert filters.weights.shape == (32, 3, 3, 3)
    values = prepared(pixels)
    found = [
        activated(convolve(values, weights, STRIDE, "same") + bias)
        for weights, bias in zip(filters.weights, filters.bias, strict=True)
    ]
    assert wanted.max() > 1
    np.testing.assert_allclose(np.stack(found, axis=2), wanted, atol=2e-5)
