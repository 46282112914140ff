"""The outputs between are those of the layers that they name, and change nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from flowercore.backbones import litert, registry, runtime, weights
from flowercore.backbones.depths import depths

DEPTHS = depths(registry.DEFAULT)
PHOTO = np.random.default_rng(11).integers(0, 256, (224, 224, 3)).astype(np.uint8)


def test_a_network_is_looked_into_at_five_depths_and_only_where_it_says_so() -> None:
    assert [depth.side for depth in DEPTHS] == [112, 56, 28, 14, 7]
    assert {name for name in registry.names() if depths(name)} == {registry.DEFAULT}
    assert len({depth.name for depth in DEPTHS}) == 5


def test_other_outputs_are_another_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_depths = runtime._model_path(registry.DEFAULT, "")
    monkeypatch.setattr(runtime, "depths", lambda name: DEPTHS[:4])
    with_four = runtime._model_path(registry.DEFAULT, "")
    monkeypatch.setattr(runtime, "depths", lambda name: ())
    without = runtime._model_path(registry.DEFAULT, "")
    assert len({with_depths, with_four, without}) == 3
    # What homes hold of the other networks stays where it is.
    identity = registry.get("xception").identity
    assert runtime._model_path("xception", "").name == f"xception-{identity}.tflite"
    # The features are the same, and so is the name that they are kept under.
    assert registry.get(registry.DEFAULT).fingerprint == "b39cfed0f168bb21"


@pytest.mark.usefixtures("prepared")
def test_each_is_what_keras_computes_there() -> None:
    found = runtime.depth_maps(registry.DEFAULT, PHOTO)
    assert list(found) == [depth.name for depth in DEPTHS]
    model = weights.load(registry.get(registry.DEFAULT))
    import keras

    between = keras.Model(model.input, [model.get_layer(one.layer).output for one in DEPTHS])
    wanted = between(PHOTO[np.newaxis].astype(np.float32), training=False)
    for depth, values in zip(DEPTHS, wanted, strict=True):
        assert found[depth.name].shape == (depth.side, depth.side, depth.channels)
        assert found[depth.name].min() >= 0
        assert found[depth.name].max() > 1
        np.testing.assert_allclose(found[depth.name], np.asarray(values)[0], atol=1e-4)
    _, last = runtime.extractor(registry.DEFAULT).maps(PHOTO[np.newaxis])
    np.testing.assert_array_equal(found["depth_head"], last[0])


@pytest.mark.slow
@pytest.mark.usefixtures("prepared")
def test_features_have_the_same_bits_with_and_without() -> None:
    plain = litert.Compiled(
        litert.compile_model(weights.load(registry.get(registry.DEFAULT)), "pixels", litert.pooled),
        1,
    )
    photos = np.random.default_rng(12).integers(0, 256, (6, 224, 224, 3)).astype(np.uint8)
    features, maps = runtime.extractor(registry.DEFAULT).maps(photos)
    for photo, one, last in zip(photos, features, maps, strict=True):
        wanted = plain.run(photo, litert.FEATURES, litert.FEATURE_MAP)
        np.testing.assert_array_equal(one, wanted[0])
        np.testing.assert_array_equal(last, wanted[1])


def test_a_network_without_depths_gives_none(monkeypatch: pytest.MonkeyPatch) -> None:
    class Network:
        def run(self, pixels: np.ndarray, *outputs: str) -> list[np.ndarray]:
            return []

    monkeypatch.setattr(runtime, "_prepared", lambda name, until: Network())
    assert runtime.depth_maps("xception", PHOTO) == {}
