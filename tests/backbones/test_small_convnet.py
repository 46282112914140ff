"""The network that is trained from scratch is the one that the workshop draws."""

from __future__ import annotations

import numpy as np

from flowercore.backbones import registry, weights


def test_it_has_three_blocks_of_convolution_and_pooling() -> None:
    model = weights.load(registry.get("small-convnet"))
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds == ["InputLayer", "Rescaling", *["Conv2D", "MaxPooling2D"] * 3]
    convolutions = [layer for layer in model.layers if type(layer).__name__ == "Conv2D"]
    assert [layer.filters for layer in convolutions] == [32, 64, 128]
    assert {layer.kernel_size for layer in convolutions} == {(3, 3)}
    assert {layer.activation.__name__ for layer in convolutions} == {"relu"}
    assert model.output_shape == (None, 12, 12, 128)


def test_its_random_weights_are_always_the_same() -> None:
    first, second = (weights.load(registry.get("small-convnet")) for _ in range(2))
    for one, other in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert np.abs(first.get_weights()[0]).max() > 0
