"""What the three convolutions cost is what Keras's layers hold."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from flowercore.anatomy.counting import multiply_adds
from flowercore.backbones import weights
from flowercore.errors import ConfigError
from flowercore.teaching.separable import (
    WAYS,
    Sizes,
    computed_ratio,
    depthwise_separable,
    divisors,
    formula_ratio,
    inception_towers,
    regular,
)

SIZES = [
    Sizes(3, 32, 3, 12, towers=4),
    Sizes(16, 24, 5, 7, towers=3),
    Sizes(8, 8, 3, 10, towers=8),
    Sizes(20, 10, 1, 5, towers=1),
    Sizes(1, 6, 7, 9, towers=2),
]


def held(sizes: Sizes, *layers: Any) -> list[int]:
    """Build layers one after the other; return how many weights each holds."""
    import keras

    x = keras.Input((sizes.side, sizes.side, sizes.channels_in))
    for layer in layers:
        x = layer(x)
    assert tuple(x.shape[1:]) == (sizes.side, sizes.side, sizes.channels_out)
    return [layer.count_params() for layer in layers]


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_the_weights_are_those_of_keras(sizes: Sizes) -> None:
    weights.import_keras()
    from keras import layers

    n, k = sizes.channels_out, sizes.kernel
    options: dict[str, Any] = {"padding": "same", "use_bias": False}

    (of_regular,) = held(sizes, layers.Conv2D(n, k, **options))
    assert regular(sizes).parameters == of_regular

    # Groups are Keras's segments of channels that see nothing of each other.
    of_towers = held(
        sizes,
        layers.Conv2D(n, 1, **options),
        layers.Conv2D(n, k, groups=sizes.towers, **options),
    )
    assert [step.parameters for step in inception_towers(sizes).steps] == of_towers

    parts = held(sizes, layers.DepthwiseConv2D(k, **options), layers.Conv2D(n, 1, **options))
    assert [step.parameters for step in depthwise_separable(sizes).steps] == parts
    (whole,) = held(sizes, layers.SeparableConv2D(n, k, **options))
    assert depthwise_separable(sizes).parameters == whole == sum(parts)


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_the_work_is_that_of_the_layer_tables(sizes: Sizes) -> None:
    kernel = (sizes.kernel, sizes.kernel)
    before = (sizes.side, sizes.side, sizes.channels_in)
    after = (sizes.side, sizes.side, sizes.channels_out)
    assert regular(sizes).multiply_adds == multiply_adds("Conv2D", kernel, before, after)
    separable = multiply_adds("SeparableConv2D", kernel, before, after)
    assert depthwise_separable(sizes).multiply_adds == separable


def test_the_work_is_what_is_multiplied() -> None:
    # Counted one by one: places, outputs of a segment, its inputs, weights of the kernel.
    sizes = Sizes(4, 6, 3, 5, towers=2)
    pointwise = sum(1 for _ in range(5 * 5) for _ in range(6) for _ in range(4))
    spatial = sum(
        1
        for _ in range(5 * 5)
        for _ in range(sizes.towers)
        for _ in range(3)
        for _ in range(3)
        for _ in range(3 * 3)
    )
    assert [one.multiply_adds for one in inception_towers(sizes).steps] == [pointwise, spatial]


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_the_ratio_is_the_formula_exactly(sizes: Sizes) -> None:
    assert computed_ratio(sizes) == formula_ratio(sizes)
    by_weights = Fraction(depthwise_separable(sizes).parameters, regular(sizes).parameters)
    assert by_weights == formula_ratio(sizes)


def test_a_kernel_of_one_pixel_gains_nothing() -> None:
    assert computed_ratio(Sizes(20, 10, 1, 5)) == 1 + Fraction(1, 10)


def test_the_towers_lie_between_the_two() -> None:
    many = [inception_towers(Sizes(64, 64, 3, 19, towers=t)) for t in divisors(64)]
    costs = [one.parameters for one in many]
    assert costs == sorted(costs, reverse=True)
    assert len(set(costs)) == len(costs)
    # As many towers as channels: the separable convolution in the other order.
    extreme, separable = many[-1], depthwise_separable(Sizes(64, 64, 3, 19))
    assert extreme.parameters == separable.parameters
    one_tower = many[0]
    assert one_tower.parameters == regular(Sizes(64, 64, 3, 19)).parameters + 64 * 64


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        (Sizes(0, 8, 3, 5), r"channels_in must be at least 1\. Received: 0"),
        (Sizes(4, 8, 3, 5, towers=3), r"3 towers for 8 channels"),
        (Sizes(4, 8, 3, 5, towers=16), r"16 towers for 8 channels"),
    ],
)
def test_sizes_that_cannot_be(sizes: Sizes, words: str) -> None:
    for cost in WAYS.values():
        with pytest.raises(ConfigError, match=words):
            cost(sizes)


def test_divisors() -> None:
    assert divisors(12) == [1, 2, 3, 4, 6, 12]
    assert divisors(1) == [1]
    assert len(divisors(728)) == 16
