"""The end of a network that learns in a moment, and photos for it."""

from __future__ import annotations

from typing import Any

import numpy as np

from flowercore.training import tail as tails
from flowercore.training.config import TrainConfig
from flowercore.training.examples import Examples
from flowercore.training.frozen_end import FrozenEnd
from flowercore.training.head import Epoch, Head, initial_head

CLASSES = 3
CONFIG = TrainConfig(
    data="none",
    batch_size=8,
    seed=5,
    fine_tune_from="stem",
    fine_tune_epochs=3,
    fine_tune_learning_rate=3e-3,
    label_smoothing=0.1,
)


def head() -> Head:
    return initial_head(8, CLASSES, np.random.default_rng(2))


def trained(
    tail: Any,
    examples: Examples,
    config: TrainConfig = CONFIG,
    stop: Any = None,
    frozen: FrozenEnd | None = None,
) -> tuple[Head | None, list[Epoch]]:
    epochs: list[Epoch] = []

    def keep(epoch: Epoch) -> bool:
        epochs.append(epoch)
        return True

    listen = stop or (lambda done, steps: True)
    return tails.train_tail(tail, head(), examples, config, keep, listen, frozen), epochs


def copies(tail: Any) -> dict[str, np.ndarray]:
    return {path: value.copy() for path, value in tails.tensors(tail).items()}


def loss_of(
    tail: Any, head: Head, examples: Examples, rows: np.ndarray
) -> tuple[float, np.ndarray]:
    maps = tail(examples.activations[rows, 0].astype(np.float32), training=False).numpy()
    probabilities = head.probabilities(maps.mean(axis=(1, 2)))
    smooth = 0.9 * np.eye(CLASSES)[examples.labels[rows]] + 0.1 / CLASSES
    return float(-(smooth * np.log(probabilities)).sum(axis=1).mean()), probabilities
