"""Each schedule gives Keras's learning rates."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from flowercore.backbones import weights
from flowercore.training.schedules import make_schedule


def test_a_constant_rate_stays() -> None:
    schedule = make_schedule("constant", 0.01, 50)
    for epoch in range(10):
        assert schedule.rate(epoch * 5) == 0.01
        schedule.end_epoch(1.0)


def test_the_cosine_equals_that_of_keras() -> None:
    weights.import_keras()
    import keras

    theirs = keras.optimizers.schedules.CosineDecay(0.3, 50)
    ours = make_schedule("cosine", 0.3, 50)
    for step in range(55):
        assert ours.rate(step) == pytest.approx(float(theirs(step)), abs=1e-7)
    assert ours.rate(0) == 0.3
    assert ours.rate(49) > 0
    assert ours.rate(50) == 0


LOSSES = {
    "falls": [2.0 - 0.1 * epoch for epoch in range(12)],
    "stands still": [1.0] * 12,
    "falls by less than counts": [1.0 - 0.00002 * epoch for epoch in range(12)],
    "falls by just what counts": [1.0 - 0.0001 * epoch for epoch in range(12)],
    "rises and falls": [1.0, 1.2, 1.1, 0.9, 0.95, 0.92, 0.91, 0.905, 0.85, 0.9, 0.9, 0.84],
    "is no number at first": [math.nan, 1.0, 0.5, 0.4, 0.3, 0.2, 0.1, 0.1],
    "is no number later": [1.0, 0.5, math.nan, math.nan, math.nan, 0.4, math.inf, 0.3],
    "is random": np.random.default_rng(0).normal(1, 0.1, 60).tolist(),
}


@pytest.mark.parametrize("losses", LOSSES.values(), ids=LOSSES)
def test_the_plateau_equals_that_of_keras(losses: list[float]) -> None:
    weights.import_keras()
    import keras

    optimizer = SimpleNamespace(learning_rate=np.float32(0.01))
    callback = keras.callbacks.ReduceLROnPlateau(
        monitor="val_loss", factor=0.5, patience=3, min_delta=1e-4
    )
    callback.set_model(SimpleNamespace(optimizer=optimizer))
    callback.on_train_begin()
    ours = make_schedule("plateau", 0.01, 0)
    for epoch, loss in enumerate(losses):
        callback.on_epoch_end(epoch, {"val_loss": float(np.float32(loss))})
        ours.end_epoch(float(np.float32(loss)))
        assert ours.rate(0) == pytest.approx(float(optimizer.learning_rate), rel=1e-6)


def test_the_plateau_halves_the_rate_every_third_epoch_without_progress() -> None:
    schedule = make_schedule("plateau", 0.01, 0)
    rates = []
    for _ in range(8):
        schedule.end_epoch(1.0)
        rates.append(schedule.rate(0))
    assert rates == [0.01, 0.01, 0.01, 0.005, 0.005, 0.005, 0.0025, 0.0025]
