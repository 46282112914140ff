"""What the registry says of each network is what Keras builds."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from flowercore.backbones import registry, weights
from flowercore.backbones.facts import Backbone, DownloadedWeights
from flowercore.errors import ConfigError, NotFoundError

QUICK = {registry.DEFAULT, "xception", "small-convnet"}
ALL = [
    pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in registry.names()
]


def trained(layers: list[Any]) -> int:
    import keras

    return sum(
        int(np.prod(weight.shape))
        for layer in layers
        if not isinstance(layer, keras.layers.BatchNormalization)
        for weight in layer.weights
    )


@pytest.mark.parametrize("name", ALL)
def test_the_registry_tells_the_truth(name: str) -> None:
    facts = registry.get(name)
    model = weights.build(facts)
    import keras

    assert model.count_params() == facts.parameters
    assert model.input_shape == (None, facts.input_size, facts.input_size, 3)
    assert model.output_shape[-1] == facts.feature_dim
    assert trained(model.layers) == facts.blocks[0].trainable
    for block in facts.blocks[1:]:
        # Building both parts at all shows that nothing passes the boundary beside one tensor.
        boundary = model.get_layer(block.boundary).output
        before, after = keras.Model(model.input, boundary), keras.Model(boundary, model.output)
        assert trained(after.layers) == block.trainable, block
        assert before.count_params() + after.count_params() == facts.parameters, block


@pytest.mark.parametrize("name", ALL)
def test_weights_are_called_the_same_in_every_model(name: str) -> None:
    weights.import_keras()
    import keras

    def paths() -> list[str]:
        return [weight.path for weight in weights.build(registry.get(name)).weights]

    first = paths()
    keras.layers.Conv2D(1, 1)
    keras.layers.Add()
    assert paths() == first
    assert len(set(first)) == len(first)


@pytest.mark.parametrize(
    ("name", "block"),
    [
        (registry.DEFAULT, "block5b"),
        ("xception", "block13"),
        ("small-convnet", "conv2"),
        pytest.param("mobilenet-v3", "expanded_conv_9", marks=pytest.mark.slow),
        pytest.param("inception-v3", "mixed4", marks=pytest.mark.slow),
        pytest.param("efficientnet-v2-b0", "block4b", marks=pytest.mark.slow),
        pytest.param("convnext-tiny", "stage2", marks=pytest.mark.slow),
    ],
)
def test_the_two_parts_compute_what_the_whole_computes(name: str, block: str) -> None:
    facts = registry.get(name)
    model = weights.build(facts)
    import keras

    boundary = model.get_layer(facts.block(block).boundary).output
    before, after = keras.Model(model.input, boundary), keras.Model(boundary, model.output)
    size = facts.input_size
    pixels = np.random.default_rng(0).uniform(0, 255, (2, size, size, 3)).astype(np.float32)
    whole = model(pixels).numpy()
    assert np.abs(whole).max() > 0
    np.testing.assert_array_equal(after(before(pixels)).numpy(), whole)


@pytest.mark.parametrize("facts", registry.backbones(), ids=registry.names())
def test_every_entry_is_complete(facts: Backbone) -> None:
    for words in (facts.title, facts.licence, facts.source, facts.note):
        assert words.strip() == words != ""
    assert facts.note.endswith(".")
    blocks = facts.blocks
    assert blocks[0].boundary is None
    assert all(block.boundary for block in blocks[1:])
    assert len({block.name for block in blocks}) == len(blocks)
    # The first block of a slider trains most; each further one must free something.
    assert all(a.trainable > b.trainable > 0 for a, b in itertools.pairwise(blocks))
    if isinstance(facts.weights, DownloadedWeights):
        assert facts.weights.file.endswith(".h5")
        algorithm, _, value = facts.weights.hash.partition(":")
        assert len(value) == {"md5": 32, "sha256": 64}[algorithm]


def test_the_default_comes_first_and_names_are_given_once() -> None:
    assert registry.names()[0] == registry.DEFAULT
    assert [facts.name for facts in registry.backbones()] == registry.names()
    titles = [facts.title for facts in registry.backbones()]
    assert len(set(titles)) == len(titles)


def test_fingerprints_tell_backbones_apart() -> None:
    prints = {facts.fingerprint for facts in registry.backbones()}
    assert len(prints) == len(registry.names())


@pytest.mark.parametrize(
    "change",
    [
        {"input_size": 192},
        {"variant": {"width": 1.0, "depth": 1.1}},
        {"preprocessing": registry.get("vgg16").preprocessing},
        {"weights": registry.get("no-pretraining").weights},
    ],
    ids=str,
)
def test_a_fingerprint_tells_what_is_computed(change: dict[str, Any]) -> None:
    facts = registry.get(registry.DEFAULT)
    assert dataclasses.replace(facts, **change).fingerprint != facts.fingerprint
    assert dataclasses.replace(facts, note="Other words.").fingerprint == facts.fingerprint


def test_an_unknown_backbone_is_named_with_what_there_is() -> None:
    with pytest.raises(NotFoundError, match=r"efficientnet-lite0.*Received: 'resnet-9000'"):
        registry.get("resnet-9000")


def test_a_block_is_found_and_an_unknown_one_is_named_with_what_there_is() -> None:
    facts = registry.get("xception")
    assert facts.block("block5").note == "middle flow"
    with pytest.raises(
        ConfigError, match=r"Fine-tuning must start at one of block1, .*, block14\. Received: 'x'"
    ):
        facts.block("x")


def test_an_entry_can_be_injected(inject: Callable[[Backbone], Backbone]) -> None:
    entry = inject(dataclasses.replace(registry.get("vgg16"), title="Mine"))
    assert registry.get("vgg16") is entry
    assert len(registry.names()) == len(registry.backbones())
