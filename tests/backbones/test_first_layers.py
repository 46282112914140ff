"""What a network's first convolution gets is what its makers gave it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flowercore.backbones import litert, registry, weights
from flowercore.backbones.first_layers import pixels_and_input


def ours(name: str, size: int | None = None) -> Any:
    weights.import_keras()
    import keras

    facts = registry.get(name)
    if size is not None:
        facts = dataclasses.replace(facts, input_size=size)
    return keras.Model(*pixels_and_input(facts))


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3)).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "module"),
    [("xception", "xception"), ("inception-v3", "inception_v3"), ("vgg16", "vgg16")],
)
def test_it_is_what_keras_preprocesses(name: str, module: str, pixels: np.ndarray) -> None:
    model = ours(name, 224)
    import keras

    wanted = getattr(keras.applications, module).preprocess_input(pixels.copy())
    np.testing.assert_allclose(model(pixels).numpy(), wanted, atol=2e-5)


@pytest.mark.parametrize(
    ("name", "network"),
    [
        ("mobilenet-v3", "MobileNetV3Large"),
        ("efficientnet-v2-b0", "EfficientNetV2B0"),
        ("convnext-tiny", "ConvNeXtTiny"),
    ],
)
def test_it_is_what_keras_builds_in(name: str, network: str, pixels: np.ndarray) -> None:
    model = ours(name)
    import keras

    kinds = (keras.layers.Rescaling, keras.layers.Normalization)
    theirs = getattr(keras.applications, network)(include_top=False, weights=None)
    *_, last = (layer for layer in theirs.layers if isinstance(layer, kinds))
    # The output of their network's last such layer goes into its first convolution.
    wanted = keras.Model(theirs.input, last.output)(pixels).numpy()
    np.testing.assert_allclose(model(pixels).numpy(), wanted, atol=2e-5)


def test_efficientnet_lite_gets_what_its_package_says(pixels: np.ndarray) -> None:
    np.testing.assert_allclose(ours(registry.DEFAULT)(pixels).numpy(), (pixels - 127) / 128)


@pytest.mark.parametrize("name", ["vgg16", "convnext-tiny"])
def test_it_is_kept_in_exported_models(name: str, pixels: np.ndarray, tmp_path: Path) -> None:
    model = ours(name)
    import keras

    wanted = model(pixels).numpy()
    model.save(tmp_path / "first.keras")
    loaded = keras.models.load_model(tmp_path / "first.keras")
    np.testing.assert_array_equal(loaded(pixels).numpy(), wanted)
    compiled = litert.compile_model(model, "pixels", lambda outputs: {litert.ACTIVATIONS: outputs})
    (received,) = litert.Compiled(compiled, 1).run(pixels[0], litert.ACTIVATIONS)
    np.testing.assert_allclose(received, wanted[0], atol=2e-5)
