"""Activations of labelled photos, and how fine-tuning is shown them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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


class Batches:
    """Training photos in batches: each epoch shows each photo once, in a view drawn at random.

    Args:
        examples: What to learn from.
        config: Batch size, seed, mixup and class weights.
        classes: Number of classes C.
    """

    def __init__(self, examples: Examples, config: TrainConfig, classes: int) -> None:
        self._examples, self._config = examples, config
        self._one_hot = np.eye(classes, dtype=np.float32)
        self._weights = np.ones(len(examples.labels), np.float32)
        if config.class_weights:
            balanced = balanced_weights(examples.labels[examples.train])
            self._weights[examples.train] = balanced
        self._rng = np.random.default_rng([config.seed, 1])

    def __len__(self) -> int:
        """Return the number of batches an epoch."""
        return -(-len(self._examples.train) // self._config.batch_size)

    def epoch(self) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Yield activations (B, h, w, c), wanted probabilities (B, C) and weights (B,)."""
        rows = self._examples.train
        order = self._rng.permutation(rows)
        views = self._rng.choice(np.array(self._examples.views), len(rows))
        for first in range(0, len(rows), self._config.batch_size):
            part = slice(first, first + self._config.batch_size)
            chosen = order[part]
            x = self._examples.activations[chosen, views[part]].astype(np.float32)
            y = self._one_hot[self._examples.labels[chosen]]
            if self._config.mixup and len(chosen) > 1:
                x, y = self._mixed(x, y)
            yield x, y, self._weights[chosen]

    def _mixed(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        # Zhang and others 2018, arXiv 1710.09412, at the boundary (manifold mixup, Verma and others
        # 2019, arXiv 1806.05236).
        share = np.float32(self._rng.beta(self._config.mixup, self._config.mixup))
        share = max(share, 1 - share)
        other = self._rng.permutation(len(x))
        return share * x + (1 - share) * x[other], share * y + (1 - share) * y[other]
