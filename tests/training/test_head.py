"""The head trains as Keras's ``fit`` does, number for number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from flowercore.backbones import weights
from flowercore.training.config import TrainConfig
from flowercore.training.head import Epoch, Head, initial_head, train_head

CONFIG = TrainConfig(data="none", epochs=6, batch_size=16, learning_rate=1e-3, seed=3)
CLASSES = 5


@pytest.fixture
def vectors() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, CLASSES, 150)
    centres = rng.gamma(0.5, 1, (CLASSES, 1280))
    features = np.maximum(0, centres[labels] + rng.normal(0, 0.8, (150, 1280)))
    return features.astype(np.float32), labels


def trained(
    vectors: tuple[np.ndarray, np.ndarray], config: TrainConfig = CONFIG
) -> tuple[Head, list[Epoch]]:
    features, labels = vectors
    epochs: list[Epoch] = []

    def keep(epoch: Epoch) -> bool:
        epochs.append(epoch)
        return True

    held_back = (features[110:], labels[110:])
    head = train_head(features[:110], labels[:110], held_back, CLASSES, config, keep)
    return head, epochs


def test_history_and_weights_equal_keras_fit(vectors: tuple[np.ndarray, np.ndarray]) -> None:
    head, epochs = trained(vectors)
    weights.import_keras()
    import keras

    features, labels = vectors
    x, y = features[:110], labels[:110]
    rng = np.random.default_rng(CONFIG.seed)
    start = initial_head(1280, CLASSES, rng)
    model = keras.Sequential([keras.Input((1280,)), keras.layers.Dense(5, activation="softmax")])
    model.layers[0].set_weights([start.kernel, start.bias])
    model.compile(
        keras.optimizers.Adam(CONFIG.learning_rate),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    for ours in epochs:
        order = rng.permutation(110)
        theirs = model.fit(
            x[order],
            y[order],
            batch_size=CONFIG.batch_size,
            shuffle=False,
            validation_data=(features[110:], labels[110:]),
            verbose=0,
        ).history
        assert ours.loss == pytest.approx(theirs["loss"][0], abs=1e-4)
        assert ours.accuracy == pytest.approx(theirs["accuracy"][0], abs=1e-4)
        assert ours.val_loss == pytest.approx(theirs["val_loss"][0], abs=1e-4)
        assert ours.val_accuracy == pytest.approx(theirs["val_accuracy"][0], abs=1e-4)
    kernel, bias = model.layers[0].get_weights()
    np.testing.assert_allclose(head.kernel, kernel, atol=1e-5)
    np.testing.assert_allclose(head.bias, bias, atol=1e-5)


def without_times(epochs: list[Epoch]) -> list[Epoch]:
    return [replace(epoch, seconds=0) for epoch in epochs]


def test_the_same_seed_gives_the_same_bits(vectors: tuple[np.ndarray, np.ndarray]) -> None:
    (one, first), (two, second) = trained(vectors), trained(vectors)
    assert without_times(first) == without_times(second)
    np.testing.assert_array_equal(one.kernel, two.kernel)
    _, other = trained(vectors, replace(CONFIG, seed=4))
    assert without_times(other) != without_times(first)


def test_it_learns(vectors: tuple[np.ndarray, np.ndarray]) -> None:
    _, epochs = trained(vectors)
    assert epochs[-1].loss < epochs[0].loss / 2
    assert epochs[-1].val_accuracy is not None
    assert epochs[-1].val_accuracy > 0.6


def test_it_stops_when_told_to_and_keeps_what_it_learned(
    vectors: tuple[np.ndarray, np.ndarray],
) -> None:
    features, labels = vectors
    seen: list[int] = []

    def stop_after_two(epoch: Epoch) -> bool:
        seen.append(epoch.epoch)
        return epoch.epoch < 2

    nothing = (features[:0], labels[:0])
    stopped = train_head(features, labels, nothing, CLASSES, CONFIG, stop_after_two)
    whole = train_head(
        features, labels, nothing, CLASSES, replace(CONFIG, epochs=2), lambda epoch: True
    )
    assert seen == [1, 2]
    np.testing.assert_array_equal(stopped.kernel, whole.kernel)


def test_without_validation_photos_nothing_is_claimed_about_them(
    vectors: tuple[np.ndarray, np.ndarray],
) -> None:
    features, labels = vectors
    epochs: list[Epoch] = []
    train_head(
        features,
        labels,
        (features[:0], labels[:0]),
        CLASSES,
        replace(CONFIG, epochs=1),
        lambda epoch: epochs.append(epoch) is None,
    )
    assert epochs[0].val_loss is None
    assert epochs[0].val_accuracy is None
