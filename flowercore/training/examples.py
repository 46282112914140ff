"""Activations of labelled photos, and how fine-tuning is shown them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from flowercore.training.config import TrainConfig
from flowercore.training.objective import balanced_weights


@dataclass(frozen=True)
class Examples:
    """Activations of labelled photos.

    Attributes:
        activations: Shape (N, V, h, w, c): V views of N photos, maybe a memory map.
        labels: int64, shape (N,).
        train: Rows that are learned from.
        validation: Rows that are watched; maybe none.
        views: Which of the V views are learned from. View 0 is the plain one.
    """

    activations: np.ndarray
    labels: np.ndarray
    train: np.ndarray
    validation: np.ndarray
    views: Sequence[int]


def batches(examples: Examples, config: TrainConfig, classes: int) -> Any:
    """Return the training photos in batches, as Keras's ``fit`` takes them.

    Args:
        examples: What to learn from.
        config: Batch size, seed, mixup and class weights.
        classes: Number of classes C.

    Returns:
        A ``keras.utils.PyDataset`` of activations (B, h, w, c), wanted probabilities (B, C) and
        weights (B,).
    """
    import keras

    weights = np.ones(len(examples.labels), np.float32)
    if config.class_weights:
        weights[examples.train] = balanced_weights(examples.labels[examples.train])
    one_hot = np.eye(classes, dtype=np.float32)
    rows = examples.train
    views = np.array(examples.views)

    class Batches(keras.utils.PyDataset):
        """Each epoch shows each photo once, in a view drawn at random."""

        def __init__(self) -> None:
            super().__init__()
            self._rng = np.random.default_rng([config.seed, 1])
            self.on_epoch_end()

        def __len__(self) -> int:
            return -(-len(rows) // config.batch_size)

        def on_epoch_end(self) -> None:
            self._order = self._rng.permutation(rows)
            self._views = self._rng.choice(views, len(rows))

        def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
            part = slice(index * config.batch_size, (index + 1) * config.batch_size)
            chosen = self._order[part]
            x = examples.activations[chosen, self._views[part]].astype(np.float32)
            y = one_hot[examples.labels[chosen]]
            if config.mixup and len(chosen) > 1:
                x, y = self._mixed(x, y)
            return x, y, weights[chosen]

        def _mixed(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            # Zhang and others 2018, arXiv 1710.09412, at the boundary (manifold mixup, Verma and
            # others 2019, arXiv 1806.05236).
            share = np.float32(self._rng.beta(config.mixup, config.mixup))
            share = max(share, 1 - share)
            other = self._rng.permutation(len(x))
            return share * x + (1 - share) * x[other], share * y + (1 - share) * y[other]

    return Batches()
