"""Training photos in batches: shuffled, one view of each, with dropout."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np


class Batches:
    """Feature vectors in batches, in another order each epoch.

    Views and dropout draw from streams of their own, so that order does not depend on them.
    """

    def __init__(
        self, features: np.ndarray, size: int, dropout: float, rng: np.random.Generator
    ) -> None:
        """Set up the batches.

        Args:
            features: float32, shape (N, D), or (N, V, D) for V views of each photo.
            size: Photos a batch; the last one of an epoch may be smaller.
            dropout: Share of the values that are set to 0 (Srivastava et al. 2014); the others
                are divided by what is left, so that the sum stays the same on average.
            rng: Draws the order.
        """
        self._features = features if features.ndim == 3 else features[:, None]
        self._size = size
        self._dropout = np.float32(dropout)
        self._order = rng
        self._views, self._drops = rng.spawn(2)

    def __len__(self) -> int:
        """Return the number of batches an epoch."""
        return -(-len(self._features) // self._size)

    def epoch(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the rows of each batch, shape (B,), and their vectors, shape (B, D)."""
        count, views, _ = self._features.shape
        order = self._order.permutation(count)
        shown = self._views.integers(views, size=(count,))
        for first in range(0, count, self._size):
            rows = order[first : first + self._size]
            vectors = self._look(rows, shown[rows])
            if self._dropout:
                vectors *= self._drops.random(vectors.shape, np.float32) >= self._dropout
                vectors /= 1 - self._dropout
            yield rows, vectors

    def _look(self, rows: np.ndarray, views: np.ndarray) -> np.ndarray:
        return self._features[rows, views]


class ComputedBatches(Batches):
    """The same batches in the same order, of vectors that are computed anew each time."""

    def __init__(
        self,
        count: int,
        compute: Callable[[np.ndarray], np.ndarray],
        size: int,
        dropout: float,
        rng: np.random.Generator,
    ) -> None:
        """Set up the batches.

        Args:
            count: Number of photos.
            compute: From rows, shape (B,), to their vectors, float32, shape (B, D).
            size: As for `Batches`; likewise dropout and rng.
            dropout: Likewise.
            rng: Likewise.
        """
        super().__init__(np.empty((count, 0), np.float32), size, dropout, rng)
        self._compute = compute

    def _look(self, rows: np.ndarray, views: np.ndarray) -> np.ndarray:
        return self._compute(rows)
