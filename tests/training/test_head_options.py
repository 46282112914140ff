"""Whatever the settings, the head trains as Keras's ``fit`` does with the same ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from flowercore.backbones import weights
from flowercore.training.config import TrainConfig
from flowercore.training.head import Epoch, Head, initial_head, train_head

CLASSES, WIDTH, TRAINING = 4, 320, 118
PLAIN = TrainConfig(data="none", epochs=8, batch_size=16, learning_rate=2e-3, seed=3)


@dataclass(frozen=True)
class Data:
    features: np.ndarray
    labels: np.ndarray
    validation: tuple[np.ndarray, np.ndarray]


@pytest.fixture
def data() -> Data:
    """Draw vectors of unequal classes, some labels wrong, so that a head is soon past its best."""
    rng = np.random.default_rng(0)
    labels = rng.choice(CLASSES, 170, p=[0.5, 0.25, 0.15, 0.1])
    centres = rng.gamma(0.5, 0.4, (CLASSES, WIDTH))
    vectors = np.maximum(0, centres[labels] + rng.normal(0, 1.5, (170, WIDTH)))
    features = vectors.astype(np.float32)
    wrong = rng.random(170) < 0.3
    labels[wrong] = rng.integers(0, CLASSES, wrong.sum())
    return Data(features[:TRAINING], labels[:TRAINING], (features[TRAINING:], labels[TRAINING:]))


def without_validation(data: Data) -> Data:
    return replace(data, validation=(data.features[:0], data.labels[:0]))


def trained(data: Data, config: TrainConfig) -> tuple[Head, list[Epoch]]:
    epochs: list[Epoch] = []
    head = train_head(
        data.features,
        data.labels,
        data.validation,
        CLASSES,
        config,
        lambda epoch: epochs.append(epoch) is None,
    )
    return head, epochs


def keras_fit(data: Data, config: TrainConfig) -> tuple[Head, dict[str, list[float]]]:
    """Train with Keras's own optimizers, schedules, losses and callbacks, in the same order."""
    weights.import_keras()
    import keras
    import tensorflow as tf

    rng = np.random.default_rng(config.seed)
    start = initial_head(WIDTH, CLASSES, rng)
    count, steps = len(data.labels), -(-len(data.labels) // config.batch_size)
    wanted = np.eye(CLASSES, dtype=np.float32)

    def batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for _ in range(config.epochs):
            order = rng.permutation(count)
            for first in range(0, count, config.batch_size):
                rows = order[first : first + config.batch_size]
                yield data.features[rows], wanted[data.labels[rows]]

    layer = keras.layers.Dense(
        CLASSES,
        activation="softmax",
        kernel_regularizer=keras.regularizers.L2(config.l2) if config.l2 else None,
    )
    model = keras.Sequential([keras.Input((WIDTH,)), layer])
    layer.set_weights([start.kernel, start.bias])
    rate: Any = config.learning_rate
    if config.schedule == "cosine":
        rate = keras.optimizers.schedules.CosineDecay(rate, config.epochs * steps)
    model.compile(
        keras.optimizers.Adam(rate)
        if config.optimizer == "adam"
        else keras.optimizers.SGD(rate, momentum=0.9),
        keras.losses.CategoricalCrossentropy(label_smoothing=config.label_smoothing),
        metrics=["accuracy"],
    )
    watched = "val_loss" if len(data.validation[1]) else "loss"
    callbacks: list[Any] = []
    if config.schedule == "plateau":
        callbacks.append(keras.callbacks.ReduceLROnPlateau(watched, factor=0.5, patience=3))
    if config.early_stopping:
        callbacks.append(
            keras.callbacks.EarlyStopping(
                watched, patience=config.early_stopping, restore_best_weights=True
            )
        )
    counts = np.bincount(data.labels)
    balanced = {c: count / (CLASSES * counts[c]) for c in range(CLASSES)}
    features, labels = data.validation
    history = model.fit(
        tf.data.Dataset.from_generator(
            batches,
            output_signature=(
                tf.TensorSpec((None, WIDTH), tf.float32),
                tf.TensorSpec((None, CLASSES), tf.float32),
            ),
        ),
        epochs=config.epochs,
        steps_per_epoch=steps,
        validation_data=(features, wanted[labels]) if len(labels) else None,
        class_weight=balanced if config.class_weights else None,
        callbacks=callbacks,
        shuffle=False,
        verbose=0,
    ).history
    return Head(*layer.get_weights()), history


def check_equal(data: Data, config: TrainConfig) -> list[Epoch]:
    head, epochs = trained(data, config)
    kept, history = keras_fit(data, config)
    assert len(epochs) == len(history["loss"])
    for name, values in history.items():
        ours = [getattr(epoch, name) for epoch in epochs]
        np.testing.assert_allclose(ours, values, rtol=2e-5, atol=1e-4, err_msg=name)
    np.testing.assert_allclose(head.kernel, kept.kernel, atol=1e-4)
    np.testing.assert_allclose(head.bias, kept.bias, atol=1e-4)
    return epochs


EVERYTHING = {
    "label_smoothing": 0.1,
    "l2": 0.003,
    "class_weights": True,
    "early_stopping": 4,
}


@pytest.mark.parametrize(
    "settings",
    [
        {"optimizer": "sgd"},
        {"schedule": "cosine"},
        {"optimizer": "sgd", "schedule": "cosine"},
        {"l2": 0.01},
        {"label_smoothing": 0.2},
        {"class_weights": True},
        {"class_weights": True, "label_smoothing": 0.1},
        {"batch_size": 500, "l2": 0.01},
        EVERYTHING | {"schedule": "cosine"},
        EVERYTHING | {"optimizer": "sgd", "schedule": "plateau"},
    ],
    ids=lambda settings: "-".join(settings),
)
def test_history_and_weights_equal_keras_fit(data: Data, settings: dict[str, Any]) -> None:
    epochs = check_equal(data, replace(PLAIN, **settings))
    plain = trained(data, PLAIN)[1]
    assert [e.loss for e in epochs] != [e.loss for e in plain[: len(epochs)]]


@pytest.mark.parametrize("watched", ["validation", "training"])
def test_on_a_plateau_the_rate_falls_as_in_keras(data: Data, watched: str) -> None:
    config = replace(PLAIN, schedule="plateau", epochs=40, learning_rate=0.05, l2=0.02)
    if watched == "training":
        data = without_validation(data)
    # Keras's callback writes the rates into the history, where they are compared.
    rates = [epoch.learning_rate for epoch in check_equal(data, config)]
    assert len(set(rates)) >= 3
    assert rates == sorted(rates, reverse=True)


def test_the_reported_rate_is_that_of_the_epochs_last_step(data: Data) -> None:
    _, epochs = trained(data, replace(PLAIN, schedule="cosine"))
    steps = np.arange(1, 9) * 8 - 1
    expected = 2e-3 * 0.5 * (1 + np.cos(np.pi * steps / 64))
    np.testing.assert_allclose([epoch.learning_rate for epoch in epochs], expected)
    _, epochs = trained(data, PLAIN)
    assert {epoch.learning_rate for epoch in epochs} == {2e-3}


def test_early_stopping_ends_and_keeps_the_best_weights_as_keras(data: Data) -> None:
    config = replace(PLAIN, epochs=40, early_stopping=5, learning_rate=5e-3)
    epochs = check_equal(data, config)
    assert len(epochs) < 40
    losses = [epoch.val_loss for epoch in epochs]
    assert np.argmin(losses) == len(epochs) - 6
    best, _ = trained(data, replace(config, early_stopping=0, epochs=len(epochs) - 5))
    np.testing.assert_array_equal(trained(data, config)[0].kernel, best.kernel)


def test_the_best_weights_are_kept_although_all_epochs_ran(data: Data) -> None:
    config = replace(PLAIN, epochs=22, early_stopping=30, learning_rate=5e-3)
    epochs = check_equal(data, config)
    assert len(epochs) == 22
    best = int(np.argmin([epoch.val_loss for epoch in epochs])) + 1
    assert best < 22
    kept, _ = trained(data, config)
    alone, _ = trained(data, replace(config, early_stopping=0, epochs=best))
    np.testing.assert_array_equal(kept.kernel, alone.kernel)
    np.testing.assert_array_equal(kept.bias, alone.bias)


def test_without_validation_photos_early_stopping_watches_the_training_loss(data: Data) -> None:
    config = replace(PLAIN, learning_rate=0.05, l2=0.02, early_stopping=2, epochs=40)
    epochs = check_equal(without_validation(data), config)
    assert len(epochs) < 40
    assert np.argmin([epoch.loss for epoch in epochs]) == len(epochs) - 3


def test_dropout_changes_training_but_not_judging(data: Data) -> None:
    config = replace(PLAIN, dropout=0.5)
    head, epochs = trained(data, config)
    again, same = trained(data, config)
    _, other_seed = trained(data, replace(config, seed=4))
    _, plain = trained(data, PLAIN)
    np.testing.assert_array_equal(head.kernel, again.kernel)
    assert [e.loss for e in epochs] == [e.loss for e in same]
    assert epochs[0].loss not in (plain[0].loss, other_seed[0].loss)
    features, labels = data.validation
    chosen = head.probabilities(features)[np.arange(len(labels)), labels]
    assert epochs[-1].val_loss == pytest.approx(-np.log(chosen).mean(), abs=1e-5)


def test_dropout_makes_training_as_hard_as_keras_does(data: Data) -> None:
    weights.import_keras()
    import keras

    # A rate so low that the weights stand still leaves many draws of one distribution.
    config = replace(PLAIN, dropout=0.4, epochs=150, batch_size=200, learning_rate=1e-20)
    head, epochs = trained(data, config)
    ours = np.array([epoch.loss for epoch in epochs])
    dropout, dense = keras.layers.Dropout(0.4, seed=1), keras.layers.Dense(CLASSES)
    dense.build((None, WIDTH))
    dense.set_weights([head.kernel, head.bias])
    measure = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    theirs = np.array(
        [
            float(measure(data.labels, dense(dropout(data.features, training=True))))
            for _ in range(150)
        ]
    )
    error = np.hypot(ours.std(), theirs.std()) / np.sqrt(150)
    assert abs(ours.mean() - theirs.mean()) < 4 * error
    assert ours.std() == pytest.approx(theirs.std(), rel=0.3)
    _, plain = trained(data, replace(config, dropout=0.0, epochs=1))
    assert abs(plain[0].loss - theirs.mean()) > 8 * error


def test_class_weights_find_more_of_the_rare_class() -> None:
    rng = np.random.default_rng(5)
    labels = np.repeat([0, 1], [570, 30])
    features = (rng.normal(0, 1, (600, 8)) + 0.5 * labels[:, None]).astype(np.float32)
    unseen = (rng.normal(0, 1, (400, 8)) + 0.5).astype(np.float32)
    nothing = (features[:0], labels[:0])
    recall = {}
    for weighed in (False, True):
        config = replace(PLAIN, epochs=30, class_weights=weighed, learning_rate=0.01)
        head = train_head(features, labels, nothing, 2, config, lambda epoch: True)
        recall[weighed] = (head.probabilities(unseen).argmax(axis=1) == 1).mean()
    assert recall[True] > recall[False] + 0.4
