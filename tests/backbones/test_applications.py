"""Networks of keras.applications: right structure, and published files land where they belong."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flowercore.backbones import registry, weights
from flowercore.backbones.facts import Backbone, DownloadedWeights
from flowercore.errors import WeightsError

Inject = Callable[[Backbone], Backbone]


def published(name: str, path: Path) -> Any:
    """Write a network's file as Keras publishes it; return the network. Its weights are random."""
    weights.import_keras()
    import h5py
    import keras
    from keras.src.legacy.saving.legacy_h5_format import save_weights_to_hdf5_group

    facts = registry.get(name)
    size = facts.input_size
    network = getattr(keras.applications, str(facts.variant["network"]))(
        include_top=False, weights=None, input_shape=(size, size, 3)
    )
    rng = np.random.default_rng(0)
    for weight in network.weights:
        if len(weight.shape) == 1:  # statistics and biases are constant at first: all alike
            weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        save_weights_to_hdf5_group(file, network)
    return network


def injected(name: str, inject: Inject) -> tuple[Backbone, Any]:
    """Put such a file into the home folder, and an entry that expects it into the registry."""
    facts = registry.get(name)
    assert isinstance(facts.weights, DownloadedWeights)
    path = facts.weights.destination
    network = published(name, path)
    digest = hashlib.md5(path.read_bytes()).hexdigest()
    expected = dataclasses.replace(facts.weights, hash=f"md5:{digest}")
    return inject(dataclasses.replace(facts, weights=expected)), network


@pytest.mark.parametrize(
    "name",
    [
        "xception",
        "mobilenet-v3",
        *(
            pytest.param(name, marks=pytest.mark.slow)
            for name in ("inception-v3", "vgg16", "efficientnet-v2-b0", "convnext-tiny")
        ),
    ],
)
def test_a_file_in_the_home_folder_gives_what_keras_computes(
    name: str, inject: Inject, capfd: pytest.CaptureFixture[str]
) -> None:
    facts, theirs = injected(name, inject)
    capfd.readouterr()
    ours = weights.load(registry.get(name))
    assert capfd.readouterr() == ("", "")
    for one, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    import keras

    size = facts.input_size
    pixels = np.random.default_rng(1).uniform(0, 255, (2, size, size, 3)).astype(np.float32)
    prepared = pixels
    if facts.variant.get("include_preprocessing") is None:
        module = {"Xception": "xception", "InceptionV3": "inception_v3", "VGG16": "vgg16"}
        of = getattr(keras.applications, module[str(facts.variant["network"])])
        prepared = of.preprocess_input(pixels.copy())
    wanted = theirs(prepared, training=False).numpy()
    assert wanted.std() > 0
    computed = ours(pixels, training=False).numpy()
    np.testing.assert_allclose(computed, wanted, rtol=1e-2, atol=2e-3 * np.abs(wanted).max())


def test_xception_is_what_its_paper_draws() -> None:
    facts = registry.get("xception")
    model = weights.build(facts)
    import keras

    convolutions = [layer for layer in model.layers if type(layer) is keras.layers.Conv2D]
    separable = [layer for layer in model.layers if type(layer) is keras.layers.SeparableConv2D]
    assert model.count_params() == 20_861_480
    assert len(separable) == 34
    assert [layer.kernel_size for layer in convolutions].count((3, 3)) == 2
    assert [layer.kernel_size for layer in convolutions].count((1, 1)) == 4
    assert len(convolutions) == 6
    assert model.output_shape == (None, 10, 10, 2048)
    modules = {layer.name.split("_")[0] for layer in separable} | {"block1"}
    assert modules == {block.name for block in facts.blocks}
    flows = [block.note for block in facts.blocks]
    assert flows == ["entry flow"] * 4 + ["middle flow"] * 8 + ["exit flow"] * 2


def test_a_file_of_another_network_does_not_fit(inject: Inject) -> None:
    facts, _ = injected("mobilenet-v3", inject)
    other = dataclasses.replace(registry.get("efficientnet-v2-b0"), weights=facts.weights)
    with pytest.raises(WeightsError, match=r"does not fit EfficientNetV2-B0"):
        weights.load(other)
