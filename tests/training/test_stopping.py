"""Early stopping ends a training, and keeps the weights, where Keras does."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from flowercore.backbones import weights
from flowercore.training.stopping import EarlyStopping, improves

LOSSES = {
    "falls": [2.0 - 0.1 * epoch for epoch in range(12)],
    "rises": [1.0 + 0.1 * epoch for epoch in range(12)],
    "stands still": [1.0] * 12,
    "is lowest twice": [1.0, 0.5, 0.7, 0.5, 0.6, 0.6, 0.6],
    "differs in the eighth digit": [1.0, 1.0 - 1e-9, 1.0 - 2e-9, 1.0 - 3e-9],
    "is no number at first": [math.nan, 1.0, 0.5, 0.4],
    "is no number later": [1.0, 0.5, math.nan, 0.4, math.inf, math.nan, math.nan],
    "is random": np.random.default_rng(2).normal(1, 0.1, 60).tolist(),
}


class Weights:
    """All that Keras's callback wants to know of a model."""

    def __init__(self) -> None:
        self.value = 0.0
        self.stop_training = False
        self.metrics: list[SimpleNamespace] = []

    def get_weights(self) -> list[np.ndarray]:
        return [np.array([self.value])]

    def set_weights(self, values: list[np.ndarray]) -> None:
        self.value = float(values[0][0])


@pytest.mark.parametrize("patience", [1, 2, 3])
@pytest.mark.parametrize("losses", LOSSES.values(), ids=LOSSES)
def test_it_stops_and_restores_as_keras_does(losses: list[float], patience: int) -> None:
    weights.import_keras()
    import keras

    model = Weights()
    callback = keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
    callback.set_model(model)
    callback.on_train_begin()
    ours, kept = EarlyStopping(patience), np.zeros(1)
    for epoch, loss in enumerate(losses):
        model.value = kept[0] = epoch
        callback.on_epoch_end(epoch, {"val_loss": loss})
        assert ours.end_epoch(loss, [kept]) == model.stop_training
        if model.stop_training:
            break
    callback.on_train_end()
    ours.restore([kept])
    assert kept[0] == model.value


def test_a_loss_improves_by_more_than_the_least_difference() -> None:
    assert improves(5.0, None)
    assert improves(0.9, 1.0)
    assert not improves(1.0, 1.0)
    assert not improves(0.99995, 1.0, 0.0001)
    assert improves(0.9998, 1.0, 0.0001)
    assert not improves(math.nan, 1.0)
    assert not improves(1.0, math.nan)
