"""The port of EfficientNet-Lite0 computes what the original computes, on real photos."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from flowercore.backbones import registry, runtime, weights
from flowercore.backbones.efficientnet_lite import inverted_residuals
from flowercore.data.views import PLAIN, pixels
from flowercore.errors import StorageError

IMAGENET_DAISY = 985


def test_the_blocks_are_those_of_the_paper() -> None:
    found = inverted_residuals()
    assert [block.name for block in found[:4]] == ["block1a", "block2a", "block2b", "block3a"]
    assert len(found) == 16
    assert [block.filters_out for block in found] == (
        [16, 24, 24, 40, 40, 80, 80, 80, 112, 112, 112, 192, 192, 192, 192, 320]
    )
    assert np.prod([block.stride for block in found]) * 2 == 32


@pytest.fixture(scope="module")
def daisies(real_photos: Path) -> np.ndarray:
    files = sorted((real_photos / "daisy").iterdir())
    return np.stack([pixels(f.read_bytes(), [PLAIN], name=f.name, size=224)[0] for f in files])


@pytest.mark.real_photos
def test_it_classifies_real_daisies_as_imagenet_daisies(daisies: np.ndarray) -> None:
    model = weights.load(registry.get(registry.DEFAULT), top=True)
    logits = model.predict(daisies.astype(np.float32), batch_size=25, verbose=0)
    assert (logits.argmax(axis=1) == IMAGENET_DAISY).sum() >= 85


@pytest.mark.real_photos
@pytest.mark.usefixtures("prepared")
def test_litert_features_equal_keras_features(daisies: np.ndarray) -> None:
    model = weights.load(registry.get(registry.DEFAULT))
    some = daisies[:20]
    feature_map = model.predict(some.astype(np.float32), verbose=0)
    features, maps = runtime.extractor(registry.DEFAULT).maps(some)
    np.testing.assert_allclose(maps, feature_map, atol=1e-4)
    np.testing.assert_allclose(features, feature_map.mean(axis=(1, 2)), atol=1e-4)
    np.testing.assert_array_equal(runtime.extractor(registry.DEFAULT).features(some), features)


def test_an_unprepared_machine_is_told_what_to_run() -> None:
    with pytest.raises(StorageError, match="flowercore prepare"):
        runtime.extractor(registry.DEFAULT)


def test_the_network_without_pretraining_still_tells_photos_apart() -> None:
    model = weights.load(registry.get("no-pretraining"))
    photos = np.random.default_rng(0).uniform(0, 255, (4, 1, 1, 3)) * np.ones((4, 224, 224, 3))
    features = model.predict(photos, verbose=0).mean(axis=(1, 2))
    assert features.std(axis=0).mean() > 0.01
