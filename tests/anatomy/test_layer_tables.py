"""The layer tables are what Keras builds, and their work is what TensorFlow counts."""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import Any

import pytest

from flowercore.anatomy import kinds
from flowercore.anatomy.describe import describe
from flowercore.anatomy.layers import INPUT, NAMES, Anatomy, Layer, anatomy, table
from flowercore.anatomy.modules import modules
from flowercore.backbones import registry, weights
from flowercore.errors import NotFoundError


@lru_cache(maxsize=len(NAMES))
def built(name: str) -> Any:
    return weights.build(registry.get(name))


@pytest.mark.parametrize("name", NAMES)
def test_the_table_is_what_the_network_is(name: str) -> None:
    model, found = built(name), anatomy(name)
    assert describe(model, registry.get(name)) == found
    assert table(name).read_text("utf-8") == found.to_json()


@pytest.mark.parametrize("name", NAMES)
def test_keras_says_the_same_of_each_layer(name: str) -> None:
    model, found = built(name), anatomy(name)
    rows = {layer.name: layer for layer in found.layers}
    # Turning the channels round is an operation, which Keras calls no layer.
    assert {layer.name for layer in model.layers} == rows.keys() - {"flip"}
    for layer in model.layers:
        row = rows[layer.name]
        assert row.parameters == layer.count_params()
        assert row.output_shape == tuple(layer.output.shape[1:])
        if row.kernel is not None:
            config = layer.get_config()
            assert list(row.kernel) == list(config.get("kernel_size") or config["pool_size"])
            assert list(row.stride or ()) == list(config["strides"])
            assert row.padding == config["padding"]
        if row.kind == "Activation":
            assert layer.get_config()["activation"] == "relu"  # as `kinds` says
        if row.kind == "ReLU":
            assert layer.get_config()["max_value"] == 6
    assert found.parameters == model.count_params() == registry.get(name).parameters
    size = registry.get(name).input_size
    assert found.input_shape == (size, size, 3)
    assert found.output_shape == tuple(model.output_shape[1:])


@pytest.mark.parametrize("name", NAMES)
def test_the_work_is_what_tensorflow_counts(name: str) -> None:
    # The profiler counts on the graph that is computed, and knows nothing of layers.
    convolutions = {"Conv2D", "DepthwiseConv2dNative"}
    assert profiled(name, convolutions) == 2 * anatomy(name).multiply_adds


def profiled(name: str, kinds_of_operations: set[str]) -> int:
    """Count floating point operations of one photo: two a multiply-add."""
    import tensorflow as tf
    from tensorflow.python.profiler import model_analyzer, option_builder

    size = registry.get(name).input_size
    graph = (
        tf.function(built(name))
        .get_concrete_function(tf.TensorSpec((1, size, size, 3), tf.float32))
        .graph
    )
    options = (
        option_builder.ProfileOptionBuilder(option_builder.ProfileOptionBuilder.float_operation())
        .with_empty_output()
        .with_accounted_types(["_trainable_variables", ".*"])
        .build()
    )
    counted = model_analyzer.profile(graph, cmd="op", options=options)
    found, rest = 0, list(counted.children)
    while rest:
        node = rest.pop()
        rest += node.children
        if node.name in kinds_of_operations:
            found += node.float_ops
    return found


def test_xception_is_what_its_paper_draws() -> None:
    found = anatomy("xception")
    separable = [layer for layer in found.layers if layer.kind == "SeparableConv2D"]
    plain = [layer for layer in found.layers if layer.kind == "Conv2D"]
    assert found.parameters == 20_861_480
    assert len(separable) == 34
    assert {layer.kernel for layer in separable} == {(3, 3)}
    assert sorted(layer.kernel or () for layer in plain) == [(1, 1)] * 4 + [(3, 3)] * 2
    assert found.input_shape == (299, 299, 3)
    assert found.output_shape == (10, 10, 2048)
    # "36 convolutional layers ... structured into 14 modules" (Chollet 2017, section 4): the
    # shortcuts lie beside them.
    assert found.depth == 36
    drawn = modules("xception")
    assert sum(module.repeats for module in drawn) == 14
    assert [(module.flow, module.repeats) for module in drawn] == [
        *[("entry flow", 1)] * 4,
        ("middle flow", 8),
        *[("exit flow", 1)] * 2,
    ]
    assert [module.residual for module in drawn] == [False, True, True, True, True, True, False]
    assert [len(module.shortcut) for module in drawn] == [0, 2, 2, 2, 0, 2, 0]
    assert [layer.name for layer in drawn[1].shortcut] == ["conv2d", "batch_normalization"]
    assert [layer.kind for layer in drawn[1].way] == ["SeparableConv2D"] * 2 + ["MaxPooling2D"]
    assert [module.output_shape for module in drawn] == [
        (147, 147, 64),
        (74, 74, 128),
        (37, 37, 256),
        (19, 19, 728),
        (19, 19, 728),
        (10, 10, 1024),
        (10, 10, 2048),
    ]


def test_the_work_is_that_of_the_literature() -> None:
    # 407 million of EfficientNet-Lite0's makers, 15.5 thousand million of VGG16 and 8.4 of
    # Xception by others' counts: with the classifier, and rounded.
    billions = {name: anatomy(name).multiply_adds / 1e9 for name in NAMES}
    assert billions["xception"] == pytest.approx(8.4, abs=0.05)
    assert billions["vgg16"] == pytest.approx(15.4, abs=0.1)
    assert billions["efficientnet-lite0"] == pytest.approx(0.4, abs=0.02)


def test_depth_is_what_a_person_counts() -> None:
    # Lite0: a stem, two in the first block, three in each of 15 others, and a head.
    assert anatomy("efficientnet-lite0").depth == 1 + 2 + 3 * 15 + 1
    assert anatomy("vgg16").depth == 13


@pytest.mark.parametrize("name", NAMES)
def test_the_modules_hold_every_layer_once(name: str) -> None:
    found, drawn = anatomy(name), modules(name)
    blocks = [block for module in drawn for block in module.blocks]
    assert blocks == [block.name for block in registry.get(name).blocks]
    before = [layer for layer in found.layers if layer.block == INPUT]
    assert sum(module.parameters for module in drawn) == found.parameters
    assert sum(module.multiply_adds for module in drawn) == found.multiply_adds
    assert [layer.kind for layer in before] in (
        ["InputLayer", "Rescaling"],
        ["InputLayer", "Flip", "Rescaling"],
    )
    for earlier, later in itertools.pairwise(drawn):
        assert earlier.output_shape == later.input_shape
    for module in drawn:
        assert module.way, module.name
        assert module.output_shape == module.way[-1].output_shape
        for layer in module.layers:
            assert layer.block == module.name


def test_each_layer_comes_after_what_it_takes() -> None:
    for name in NAMES:
        seen: set[str] = set()
        for layer in anatomy(name).layers:
            assert set(layer.inputs) <= seen, layer.name
            seen.add(layer.name)


def test_a_block_that_differs_is_drawn_by_itself() -> None:
    found = {module.name: module.blocks for module in modules("efficientnet-lite0")}
    assert found["block6b"] == ("block6b", "block6c", "block6d")
    assert found["block6a"] == ("block6a",)  # halves the picture
    assert len(modules("vgg16")) == 5


def test_every_kind_of_layer_has_words() -> None:
    seen = {layer.kind for name in NAMES for layer in anatomy(name).layers}
    assert seen == kinds.KINDS.keys()
    pointwise = next(one for one in anatomy("xception").layers if one.name == "conv2d")
    assert kinds.kind_of(pointwise) is kinds.POINTWISE
    first = next(one for one in anatomy("xception").layers if one.name == "block1_conv1")
    assert kinds.kind_of(first) is kinds.KINDS["Conv2D"]


def test_a_row_is_read_as_it_was_written() -> None:
    for layer in anatomy("xception").layers:
        assert Layer.from_row(layer.row()) == layer


def test_an_unknown_network_is_named_with_what_there_is() -> None:
    with pytest.raises(NotFoundError, match=r"xception, .*Received: 'resnet'"):
        anatomy("resnet")


def test_an_empty_network_has_no_work() -> None:
    assert Anatomy("none", ()).multiply_adds == 0
