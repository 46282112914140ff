"""The head trains as Keras's ``fit`` does, number for number."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace

import numpy as np
import pytest

from flowercore.backbones import weights
from flowercore.training.config import TrainConfig
from flowercore.training.head import (
    Epoch,
    Head,
    diverged,
    initial_head,
    train_head,
)

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


def test_a_photo_may_cost_more_than_clipped_probabilities_show(
    vectors: tuple[np.ndarray, np.ndarray],
) -> None:
    features, labels = vectors
    _, epochs = trained((features * 20, labels), replace(CONFIG, epochs=1))
    weights.import_keras()
    import keras

    rng = np.random.default_rng(CONFIG.seed)
    start = initial_head(1280, CLASSES, rng)
    layer = keras.layers.Dense(CLASSES, activation="softmax")
    model = keras.Sequential([keras.Input((1280,)), layer])
    layer.set_weights([start.kernel, start.bias])
    model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy")
    order = rng.permutation(110)
    history = model.fit(
        features[order] * 20, labels[order], batch_size=16, shuffle=False, verbose=0
    ).history
    assert epochs[0].loss == pytest.approx(history["loss"][0], rel=1e-4)
    assert epochs[0].loss > -math.log(1e-7)


def test_one_view_trains_bit_for_bit_as_no_views(vectors: tuple[np.ndarray, np.ndarray]) -> None:
    features, labels = vectors
    nothing = (features[:0], labels[:0])
    heads = [
        train_head(shown, labels, nothing, CLASSES, CONFIG, lambda epoch: True)
        for shown in (features, features[:, None], np.stack([features] * 3, axis=1))
    ]
    for head in heads[1:]:
        np.testing.assert_array_equal(head.kernel, heads[0].kernel)


def test_all_views_are_learned_and_the_plain_one_is_judged(
    vectors: tuple[np.ndarray, np.ndarray],
) -> None:
    features, labels = vectors
    # The second view shows each photo's values backwards: only training on it makes it known.
    views = np.stack([features[:110], features[:110, ::-1]], axis=1)
    backwards = (features[110:, ::-1], labels[110:])
    accuracy = {}
    for name, shown in {"plain": features[:110], "views": views}.items():
        epochs: list[Epoch] = []
        config = replace(CONFIG, epochs=12)
        keep = epochs.append
        train_head(shown, labels[:110], backwards, CLASSES, config, lambda e, k=keep: k(e) is None)
        accuracy[name] = epochs[-1].val_accuracy
    assert accuracy["plain"] < 0.5
    assert accuracy["views"] > 0.6


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
@pytest.mark.parametrize("batch_size", [16, 500])
def test_a_rate_of_a_million_is_seen_as_divergence_in_the_first_epoch(
    vectors: tuple[np.ndarray, np.ndarray], optimizer: str, batch_size: int
) -> None:
    config = replace(CONFIG, learning_rate=1e6, optimizer=optimizer, batch_size=batch_size)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _, epochs = trained(vectors, config)
    assert math.isfinite(epochs[0].loss)
    assert diverged(epochs[0], CLASSES)


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
@pytest.mark.parametrize("rate", [1e-4, 1e-3, 0.1, 1.0])
def test_rates_that_still_learn_are_no_divergence(
    vectors: tuple[np.ndarray, np.ndarray], optimizer: str, rate: float
) -> None:
    config = replace(CONFIG, learning_rate=rate, optimizer=optimizer, epochs=12)
    _, epochs = trained(vectors, config)
    assert not any(diverged(epoch, CLASSES) for epoch in epochs)


@pytest.mark.parametrize(
    "settings",
    [
        {"learning_rate": 1e38},
        {"learning_rate": 1e300, "optimizer": "sgd"},
        {"learning_rate": 1e6, "optimizer": "sgd", "l2": 1.0},
        {"learning_rate": 1e38, "early_stopping": 2, "schedule": "plateau", "dropout": 0.5},
    ],
    ids=lambda settings: "-".join(settings),
)
def test_numbers_that_overflow_neither_warn_nor_raise(
    vectors: tuple[np.ndarray, np.ndarray], settings: dict[str, object]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _, epochs = trained(vectors, replace(CONFIG, **settings))
    assert not math.isfinite(epochs[-1].loss)
    assert diverged(epochs[-1], CLASSES)


def test_weights_that_overflow_in_the_last_step_show_in_the_loss(
    vectors: tuple[np.ndarray, np.ndarray],
) -> None:
    features, labels = vectors
    epochs: list[Epoch] = []
    config = replace(CONFIG, epochs=1, batch_size=500, learning_rate=1e300)
    head = train_head(
        features,
        labels,
        (features[:0], labels[:0]),
        CLASSES,
        config,
        lambda epoch: epochs.append(epoch) is None,
    )
    assert not np.isfinite(head.kernel).all()
    assert math.isnan(epochs[0].loss)


@pytest.mark.parametrize(
    ("loss", "val_loss", "astray"),
    [
        (1.6, 1.7, False),
        (1.6, None, False),
        (1600.0, 1600.0, False),
        (1620.0, None, True),
        (1.6, 1620.0, True),
        (math.nan, None, True),
        (math.inf, 1.0, True),
        (1.6, math.nan, True),
    ],
)
def test_divergence_is_a_thousand_times_the_loss_of_guessing(
    loss: float, val_loss: float | None, astray: bool
) -> None:
    assert diverged(Epoch(1, loss, 0.5, val_loss, 0.5, 0.1), 5) == astray
