"""What stays beside a fine-tuned end, and how features vary together over a photo's places."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from flowercore.backbones import surgery
from flowercore.errors import CancelledError
from flowercore.training import frozen_end
from flowercore.training import tail as tails
from flowercore.training.config import TrainConfig
from flowercore.training.examples import Examples
from flowercore.training.frozen_end import FrozenEnd
from tests.training.small_tail import CLASSES, CONFIG, head, loss_of, trained

COMPONENTS = 4
WITH = replace(CONFIG, frozen_beside=True, covariance=COMPONENTS)


@pytest.fixture
def untouched(tail: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A pretrained end that is cut wherever somebody asks for one."""
    import keras

    copy = keras.models.clone_model(tail)
    copy.set_weights(tail.get_weights())
    monkeypatch.setattr(surgery, "cut", lambda backbone, block: (None, copy))
    return copy


def learned(examples: Examples, config: TrainConfig = WITH) -> FrozenEnd:
    found = frozen_end.learn(head(), examples, (0, 1), config, check=lambda: None)
    assert found is not None
    return found


def root(matrix: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(values)) @ vectors.T


def test_the_average_of_what_is_added_is_the_root_of_the_covariance(tail: Any) -> None:
    rng = np.random.default_rng(0)
    mean = rng.random(8).astype(np.float32)
    components = np.linalg.qr(rng.normal(size=(8, 3)))[0].astype(np.float32)
    end = surgery.with_covariance(tail, mean, components)
    x = rng.normal(0, 2, (5, 6, 6, 4)).astype(np.float32)
    maps, features = end(x).numpy(), tail(x).numpy()
    assert maps.shape == (5, 6, 6, 8 + 6)
    np.testing.assert_allclose(maps[..., :8], features, atol=1e-6)
    for photo, found in zip(features, maps[..., 8:].mean(axis=(1, 2)), strict=True):
        p = (photo.reshape(-1, 8) - mean) @ components
        wanted = root(p.T @ p / len(p))[np.triu_indices(3)]
        np.testing.assert_allclose(found, wanted, rtol=0.03, atol=0.03 * np.abs(wanted).max())
    assert not any(np.array_equal(v, w) for v in end.trainable_weights for w in [components])


def test_a_photo_without_differences_has_finite_features(tail: Any) -> None:
    blank = np.zeros((1, 6, 6, 4), np.float32)
    flat = tail(blank).numpy()[0, 3, 3]
    end = surgery.with_covariance(tail, flat, np.eye(8, 4, dtype=np.float32))
    assert np.isfinite(end(blank).numpy()).all()


def test_components_are_those_of_the_training_photos(untouched: Any, examples: Examples) -> None:
    found = learned(examples)
    maps = untouched(examples.activations[examples.train, 0].astype(np.float32)).numpy()
    places = maps.reshape(-1, 8).astype(np.float64)
    np.testing.assert_allclose(found.tensors["mean"], places.mean(axis=0), atol=1e-5)
    components = found.tensors["components"]
    np.testing.assert_allclose(components.T @ components, np.eye(COMPONENTS), atol=1e-5)
    spread = ((places - places.mean(axis=0)) @ components).var(axis=0)
    values = np.linalg.eigvalsh(np.cov(places.T, bias=True))[::-1][:COMPONENTS]
    np.testing.assert_allclose(spread, values, rtol=1e-4)

    others = examples.activations.copy()
    others[examples.validation] = 7
    again = learned(replace(examples, activations=others))
    np.testing.assert_array_equal(again.head.kernel, found.head.kernel)
    np.testing.assert_array_equal(again.tensors["components"], components)


def test_what_was_learned_is_built_anew(untouched: Any, examples: Examples) -> None:
    found = learned(examples)
    x = examples.activations[:4, 0].astype(np.float32)
    end = frozen_end.build(WITH, {**found.tensors, "kernel": found.head.kernel})
    np.testing.assert_allclose(end(x).numpy(), found.end(x).numpy(), atol=1e-6)
    assert frozen_end.build(replace(WITH, covariance=0), {}) is untouched


@pytest.mark.usefixtures("untouched")
def test_without_a_covariance_the_head_is_the_one_it_began_with(examples: Examples) -> None:
    start = head()
    config = replace(WITH, covariance=0)
    found = frozen_end.learn(start, examples, (0, 1), config, check=lambda: None)
    assert found is not None
    assert found.head is start
    assert found.tensors == {}


@pytest.mark.usefixtures("untouched")
def test_learning_can_be_stopped(examples: Examples) -> None:
    def stop() -> None:
        raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        frozen_end.learn(head(), examples, (0, 1), WITH, check=stop)


@pytest.mark.usefixtures("untouched")
def test_it_is_told_how_far_learning_is(
    examples: Examples, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frozen_end, "_FORWARD", 4)
    told: list[tuple[int, int]] = []
    frozen_end.learn(
        head(), examples, (0, 1), WITH, progress=lambda *a: told.append(a), check=lambda: None
    )
    photos = len(examples.train)
    assert told == sorted(told)
    assert len(set(told)) > 3
    assert told[-1] == (photos, photos)


@pytest.mark.parametrize("covariance", [0, COMPONENTS])
def test_what_is_watched_with_the_pretrained_end_beside_is_what_is_kept(
    tail: Any, untouched: Any, examples: Examples, covariance: int
) -> None:
    config = replace(WITH, covariance=covariance)
    beside = learned(examples, config)
    found, epochs = trained(tail, examples, config, frozen=beside)
    assert found is not None
    end, both = tails.kept_end(tail, found, beside)
    more = covariance * (covariance + 1) // 2
    assert both.kernel.shape == (16 + more, CLASSES)
    loss, said = loss_of(end, both, examples, examples.validation)
    assert epochs[-1].val_loss == pytest.approx(loss, abs=1e-4)
    right = (said.argmax(axis=1) == examples.labels[examples.validation]).mean()
    assert epochs[-1].val_accuracy == pytest.approx(right)
    # The mean of what each end says by itself, in logits up to a constant of each photo.
    each = [
        np.log(loss_of(one, of, examples, examples.validation)[1])
        for one, of in ((beside.end, beside.head), (tail, found))
    ]
    apart = np.log(said) - np.mean(each, axis=0)
    np.testing.assert_allclose(
        apart, apart.mean(axis=1, keepdims=True).repeat(CLASSES, 1), atol=1e-4
    )
    assert tails.kept_end(tail, found, None) == (tail, found)
