"""Probabilities that can be trusted: how far they are off, and temperature scaling.

A temperature T divides the logits before the softmax: above 1 it makes a model less sure, below 1
surer, and which class comes first never changes. On probabilities it is the same as raising each
to 1/T and scaling them to sum to 1 again, so that it also suits averages over several views.

Source: C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On calibration of modern neural networks"
(2017), arXiv 1706.04599.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from flowercore.evaluation.intervals import Interval, wilson_interval

BINS = 10
"""Bins of equal mass of a reliability diagram, where there are photos enough."""
LEAST_PER_BIN = 5
SIGNIFICANT = 3.841458820694124
"""95 % point of the chi-square distribution with one degree of freedom."""
_LOWEST, _HIGHEST = 0.05, 20.0
# Smaller probabilities than any that a float32 softmax gives; their logarithm must be finite.
_TINY = 1e-300


@dataclass(frozen=True)
class Temperature:
    """A temperature that was fitted.

    Attributes:
        value: The one of the smallest log loss.
        count: Photos it was fitted on.
        loss_before: Mean log loss of these photos without it, in nats.
        loss_after: With it.
        gain: How much smaller the loss that was minimised became; see `fit_temperature`.
    """

    value: float
    count: int
    loss_before: float
    loss_after: float
    gain: float

    @property
    def helps(self) -> bool:
        """Whether chance alone would hardly make it so much better than none.

        The likelihood-ratio test of T = 1 on a level of 5 % (S. S. Wilks 1938): twice the gain in
        log likelihood is compared with the chi-square distribution with one degree of freedom.
        """
        return 2 * self.count * self.gain > SIGNIFICANT


@dataclass(frozen=True)
class Calibration:
    """What is known of how far a run's probabilities can be trusted.

    Attributes:
        temperature: By which they are scaled; 1 for not at all.
        fitted: The temperature that was found; None if none could be looked for.
        count: Photos of training and validation that it was fitted on.
        folds: Heads that were trained without them in turn.
        loss_before: Log loss of these photos without it, in nats; None if not fitted.
        loss_after: With it.
        reason: Why nothing could be fitted, in a sentence; empty if it was.
    """

    temperature: float = 1.0
    fitted: float | None = None
    count: int = 0
    folds: int = 0
    loss_before: float | None = None
    loss_after: float | None = None
    reason: str = ""

    @classmethod
    def of(cls, fit: Temperature, folds: int) -> Calibration:
        """Use a temperature where it helps, and remember it where it does not."""
        return cls(
            temperature=fit.value if fit.helps else 1.0,
            fitted=fit.value,
            count=fit.count,
            folds=folds,
            loss_before=fit.loss_before,
            loss_after=fit.loss_after,
        )

    @property
    def applied(self) -> bool:
        """Whether probabilities are scaled."""
        return self.temperature != 1


@dataclass(frozen=True)
class Bin:
    """Photos of similar confidence in a reliability diagram.

    Attributes:
        low: Lowest confidence, the probability of the class that was named.
        high: Highest confidence.
        confidence: Mean confidence.
        accuracy: Share that was named right.
        interval: 95 % interval of that share.
        count: Photos.
    """

    low: float
    high: float
    confidence: float
    accuracy: float
    interval: Interval
    count: int


def scaled(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Return probabilities at a temperature.

    Args:
        probabilities: Shape (..., C); each row sums to 1.
        temperature: T > 0; at 1 nothing changes.

    Returns:
        float64, same shape.

    Raises:
        ValueError: If the temperature is not positive.
    """
    if not temperature > 0:
        raise ValueError(f"A temperature must be above 0. Received: {temperature}.")
    values = np.asarray(probabilities, np.float64)
    if temperature == 1:
        return values
    logits = np.log(np.maximum(values, _TINY)) / temperature
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def fit_temperature(true: np.ndarray, probabilities: np.ndarray) -> Temperature:
    """Find the temperature of the smallest log loss.

    As many photos as there are cannot show that a model is never wrong: as in Platt's scaling, the
    true class is wanted with a probability of (N + 1) / (N + 2) instead of 1, and the others share
    the rest. Of hundreds of photos that changes next to nothing; of a dozen that all are right it
    keeps the temperature from falling to 0. The loss is convex in 1/T, so that halving an interval
    by the sign of the slope finds its only minimum.

    Args:
        true: Indices of the true classes, integers (N,), N > 0.
        probabilities: What a model says of photos that it has not learned from, shape (N, C).

    Returns:
        The fit; T stays within 0.05..20.

    Source: J. C. Platt, "Probabilistic outputs for support vector machines" (1999), for the wanted
    probability.
    """
    logits = np.log(np.maximum(np.asarray(probabilities, np.float64), _TINY))
    count, classes = logits.shape
    # One class alone leaves nothing to share.
    rest = 1 / (count + 2) / (classes - 1) if classes > 1 else 0.0
    wanted = np.full(logits.shape, rest)
    wanted[np.arange(count), true] = 1 - rest * (classes - 1)
    hard = np.eye(classes)[true]

    def slope(inverse: float) -> float:
        return float(((_softmax(logits, inverse) - wanted) * logits).sum(axis=1).mean())

    low, high = math.log(1 / _HIGHEST), math.log(1 / _LOWEST)
    for _ in range(60):
        middle = (low + high) / 2
        if slope(math.exp(middle)) < 0:
            low = middle
        else:
            high = middle
    inverse = math.exp((low + high) / 2)
    return Temperature(
        value=1 / inverse,
        count=count,
        loss_before=_loss(logits, hard, 1),
        loss_after=_loss(logits, hard, inverse),
        gain=_loss(logits, wanted, 1) - _loss(logits, wanted, inverse),
    )


def _softmax(logits: np.ndarray, inverse: float) -> np.ndarray:
    exponentials = np.exp(inverse * (logits - logits.max(axis=1, keepdims=True)))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def _loss(logits: np.ndarray, wanted: np.ndarray, inverse: float) -> float:
    shifted = inverse * (logits - logits.max(axis=1, keepdims=True))
    logarithms = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-(wanted * logarithms).sum(axis=1).mean())


def reliability(true: np.ndarray, probabilities: np.ndarray) -> tuple[Bin, ...]:
    """Divide photos by confidence into bins of equal mass.

    Bins of equal width leave most bins of a good model with hardly a photo; of equal mass, each
    says as much as the others. There are as many as give each 5 photos, at most 10; photos of the
    same confidence lie in one bin.

    Args:
        true: Indices of the true classes, integers (N,), N > 0.
        probabilities: Shape (N, C).

    Returns:
        The bins, the least confident first.
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == true
    order = np.argsort(confidence, kind="stable")
    wanted = min(BINS, max(1, len(true) // LEAST_PER_BIN))
    ends = [round(len(true) * number / wanted) for number in range(1, wanted + 1)]
    found, start = [], 0
    for end in ends:
        if end <= start:
            continue
        last = confidence[order[end - 1]]
        end = int(np.searchsorted(confidence[order], last, side="right"))
        rows = order[start:end]
        hits = int(right[rows].sum())
        found.append(
            Bin(
                low=float(confidence[rows[0]]),
                high=float(last),
                confidence=float(confidence[rows].mean()),
                accuracy=hits / len(rows),
                interval=wilson_interval(hits, len(rows)),
                count=len(rows),
            )
        )
        start = end
    return tuple(found)


def calibration_error(bins: tuple[Bin, ...]) -> float:
    """Return the expected calibration error: how far confidence and accuracy lie apart.

    The mean over the photos of ``|accuracy - confidence|`` of their bin (M. P. Naeini, G. F. Cooper
    and M. Hauskrecht 2015), here with bins of equal mass.

    Args:
        bins: Of `reliability`, at least one.
    """
    whole = sum(one.count for one in bins)
    return sum(one.count * abs(one.accuracy - one.confidence) for one in bins) / whole
