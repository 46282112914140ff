"""What a model gains if it may say "not sure": accuracy over the share that it answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flowercore.evaluation.intervals import Interval, wilson_interval


@dataclass(frozen=True)
class Answered:
    """What becomes of photos if those below a confidence are not answered.

    Attributes:
        threshold: Least confidence that is answered, 0..1.
        count: Photos that are answered.
        of: All photos.
        right: Answered photos that are named right.
        interval: 95 % interval of the accuracy; None if nothing is answered.
    """

    threshold: float
    count: int
    of: int
    right: int
    interval: Interval | None

    @property
    def coverage(self) -> float:
        """Share of the photos that is answered."""
        return self.count / self.of

    @property
    def accuracy(self) -> float | None:
        """Share of the answered photos that is named right; None if nothing is answered."""
        return self.right / self.count if self.count else None


def answered(true: np.ndarray, probabilities: np.ndarray, threshold: float) -> Answered:
    """Tell what is left if photos below a confidence are not answered.

    Args:
        true: Indices of the true classes, integers (N,), N > 0.
        probabilities: Shape (N, C).
        threshold: Least probability of the most probable class, 0..1.
    """
    confidence = probabilities.max(axis=1)
    kept = confidence >= threshold
    count = int(kept.sum())
    right = int((kept & (probabilities.argmax(axis=1) == true)).sum())
    interval = wilson_interval(right, count) if count else None
    return Answered(threshold, count, len(true), right, interval)


def coverage_curve(true: np.ndarray, probabilities: np.ndarray) -> tuple[Answered, ...]:
    """Return what is left at each confidence that occurs, from answering all to the surest photo.

    Source: Y. Geifman and R. El-Yaniv, "Selective classification for deep neural networks" (2017),
    arXiv 1705.08500 (there as risk over coverage).

    Args:
        true: Indices of the true classes, integers (N,), N > 0.
        probabilities: Shape (N, C).
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == true
    order = np.argsort(-confidence, kind="stable")
    hits = np.cumsum(right[order])
    # Photos of one confidence are answered together or not at all.
    last = np.flatnonzero(np.append(np.diff(confidence[order]) != 0, True))
    return tuple(
        Answered(
            float(confidence[order[place]]),
            int(place) + 1,
            len(true),
            int(hits[place]),
            wilson_interval(int(hits[place]), int(place) + 1),
        )
        for place in last[::-1]
    )
