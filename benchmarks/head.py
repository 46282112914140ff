"""Seconds to train a head, next to plain Keras ``fit`` on the same vectors.

    python -m benchmarks.head

360 training and 40 validation vectors of 1,280 values in 5 classes, 25 epochs: with the default
settings, with each setting that costs time, and with all of them. Each epoch is reported to a
function, as in a run. Seconds of different machines say little; compare the ratios.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter

import numpy as np

from flowercore.training.config import TrainConfig
from flowercore.training.head import Epoch, train_head

PHOTOS, WATCHED, WIDTH, CLASSES, VIEWS = 360, 40, 1280, 5, 4
REPEATS = 15
DEFAULTS = TrainConfig(data="none")
# Patience beyond the epochs: every epoch is run, and the best weights are kept all the same.
EVERYTHING = replace(
    DEFAULTS,
    schedule="cosine",
    dropout=0.3,
    l2=1e-4,
    label_smoothing=0.1,
    class_weights=True,
    early_stopping=DEFAULTS.epochs,
)
SETTINGS = {
    "defaults": DEFAULTS,
    "sgd": replace(DEFAULTS, optimizer="sgd"),
    "dropout 0.3": replace(DEFAULTS, dropout=0.3),
    "all options": EVERYTHING,
    "all options, sgd": replace(EVERYTHING, optimizer="sgd"),
}


def main() -> None:
    """Print a table of seconds and ratios."""
    features, labels = vectors()
    base = 0.0
    for name, config in SETTINGS.items():
        seconds = median(lambda c=config: head(features, labels, c))
        base = base or seconds
        print(f"{name}: {seconds:.4f} s, {seconds / base:.2f} of the defaults")
    views = np.repeat(features[:, None], VIEWS, axis=1)
    seconds = median(lambda: head(views, labels, EVERYTHING))
    print(f"all options, {VIEWS} views a photo: {seconds:.4f} s, {seconds / base:.2f}")
    with tempfile.TemporaryDirectory() as home:
        os.environ["FLOWERCORE_HOME"] = home
        first, warm = keras_fit(features, labels)
    print(f"Keras fit with the defaults: {warm:.3f} s, {first:.3f} s the first time")
    print(f"defaults against Keras fit: {warm / base:.0f} times faster")


def vectors() -> tuple[np.ndarray, np.ndarray]:
    """Draw vectors as a backbone gives them: above zero, many near it."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, CLASSES, PHOTOS + WATCHED)
    centres = rng.gamma(0.3, 0.6, (CLASSES, WIDTH))
    noise = rng.normal(0, 0.3, (PHOTOS + WATCHED, WIDTH))
    return np.maximum(0, centres[labels] + noise).astype(np.float32), labels


def median(measured: Callable[[], None]) -> float:
    """Return the median seconds of a call."""
    seconds = []
    for _ in range(REPEATS):
        began = perf_counter()
        measured()
        seconds.append(perf_counter() - began)
    return statistics.median(seconds)


def head(features: np.ndarray, labels: np.ndarray, config: TrainConfig) -> None:
    """Train a head and check that all epochs were reported."""
    epochs: list[Epoch] = []
    plain = features if features.ndim == 2 else features[:, 0]
    train_head(
        features[:PHOTOS],
        labels[:PHOTOS],
        (plain[PHOTOS:], labels[PHOTOS:]),
        CLASSES,
        config,
        lambda epoch: epochs.append(epoch) is None,
    )
    assert len(epochs) == config.epochs


def keras_fit(features: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Return the seconds of a first ``fit`` and the median of three later ones."""
    from flowercore.backbones import weights

    weights.import_keras()
    import keras

    def fit() -> float:
        model = keras.Sequential(
            [keras.Input((WIDTH,)), keras.layers.Dense(CLASSES, activation="softmax")]
        )
        model.compile(
            keras.optimizers.Adam(DEFAULTS.learning_rate),
            "sparse_categorical_crossentropy",
            metrics=["accuracy"],
        )
        began = perf_counter()
        model.fit(
            features[:PHOTOS],
            labels[:PHOTOS],
            batch_size=DEFAULTS.batch_size,
            epochs=DEFAULTS.epochs,
            validation_data=(features[PHOTOS:], labels[PHOTOS:]),
            verbose=0,
        )
        return perf_counter() - began

    first = fit()
    return first, statistics.median(fit() for _ in range(3))


if __name__ == "__main__":
    main()
