"""How sure a number from few photos is: 95 % intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

CONFIDENCE = 0.95
DRAWS = 2000
"""Resamples of a bootstrap."""
# Numbers that a bootstrap holds at once.
_AT_ONCE = 2_000_000

Interval = tuple[float, float]
"""Lower and upper bound."""


def z_value(confidence: float = CONFIDENCE) -> float:
    """Return how many standard deviations a two-sided interval of the normal reaches."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def wilson_interval(right: int, count: int, confidence: float = CONFIDENCE) -> Interval:
    """Return the score interval of a proportion.

    Unlike the textbook interval ``p ± z·sqrt(p(1-p)/n)`` it stays within 0..1 and keeps its
    promise when the sample is small or the proportion is near 0 or 1.

    Args:
        right: Successes, 0..count.
        count: Trials, at least 1.
        confidence: Probability that the interval holds the true proportion, between 0 and 1.

    Returns:
        Lower and upper bound.

    Raises:
        ValueError: If an argument is out of its bounds.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22 (1927), 209-212.
    """
    if count < 1 or not 0 <= right <= count or not 0 < confidence < 1:
        raise ValueError(
            "Needed: count >= 1, right in 0..count, confidence between 0 and 1. "
            f"Received: {right=}, {count=}, {confidence=}."
        )
    return score_interval(right / count, count, confidence)


def score_interval(share: float, count: float, confidence: float = CONFIDENCE) -> Interval:
    """Return `wilson_interval` for a share that need not be whole successes.

    Args:
        share: 0..1.
        count: As many trials as say as much about it, above 0.
        confidence: As `wilson_interval`.
    """
    z = z_value(confidence)
    shrink = 1 + z * z / count
    centre = (share + z * z / (2 * count)) / shrink
    half = z / shrink * math.sqrt(share * (1 - share) / count + (z / (2 * count)) ** 2)
    # At the ends the bound is 0 or 1 exactly; rounding would leave it a hair inside or outside.
    low = 0.0 if share == 0 else centre - half
    high = 1.0 if share == 1 else centre + half
    return low, high


def f1_interval(hits: int, wrongs: int) -> Interval:
    """Return the interval of a class's F1.

    F1 is ``2J / (1 + J)`` where J, the share of hits among all photos that are this class or were
    called it, is a proportion: the bounds of its Wilson interval are carried over.

    Args:
        hits: Photos of this class that were called it.
        wrongs: Photos of this class that were not, and others that were; with hits at least 1.

    Source: K. F. Y. Lam, V. Gopal and J. Qian, "Confidence intervals for the F1 score" (2023),
    arXiv 2309.14621 (the 'Wilson indirect' interval).
    """
    low, high = wilson_interval(hits, hits + wrongs)
    return 2 * low / (1 + low), 2 * high / (1 + high)


def mean_of_proportions_interval(proportions: Sequence[tuple[int, int]]) -> Interval:
    """Return the interval of the plain mean of independent proportions, such as class recalls.

    Each proportion's Wilson bounds say how uncertain it is to either side, and squares add up: the
    'method of variance estimates recovery'.

    Args:
        proportions: Successes and trials of each, at least one.

    Source: G. Y. Zou and A. Donner, "Construction of confidence limits about effect measures",
    Statistics in Medicine 27 (2008), 1693-1702.
    """
    mean = sum(right / count for right, count in proportions) / len(proportions)
    below = above = 0.0
    for right, count in proportions:
        low, high = wilson_interval(right, count)
        below += (right / count - low) ** 2
        above += (high - right / count) ** 2
    return (
        max(0.0, mean - math.sqrt(below) / len(proportions)),
        min(1.0, mean + math.sqrt(above) / len(proportions)),
    )


def paired_difference_interval(only_a: int, only_b: int, count: int) -> Interval:
    """Return the interval of how much higher the share of A is than that of B on the same photos.

    Half a photo is added to each cell of the table of both, which keeps the promise also where
    few photos differ.

    Args:
        only_a: Photos that only A names right.
        only_b: Photos that only B names right.
        count: Photos in all, at least 1.

    Source: A. Agresti and Y. Min, "Simple improved confidence intervals for comparing matched
    proportions", Statistics in Medicine 24 (2005), 729-740 ("Wald + 2").
    """
    whole, more, fewer = count + 2, only_a + 0.5, only_b + 0.5
    difference = (more - fewer) / whole
    deviation = math.sqrt(more + fewer - (more - fewer) ** 2 / whole) / whole
    half = z_value() * deviation
    return max(-1.0, difference - half), min(1.0, difference + half)


def logit_interval(value: float, deviation: float) -> Interval:
    """Return the interval of a share that is normal on the scale of log odds.

    Args:
        value: The share, strictly between 0 and 1.
        deviation: Its standard error, on its own scale.
    """
    odds = math.log(value / (1 - value))
    half = z_value() * deviation / (value * (1 - value))
    low, high = (1 / (1 + math.exp(-max(-700.0, odds + sign * half))) for sign in (-1, 1))
    return low, high


def mean_interval(values: np.ndarray) -> Interval | None:
    """Return the percentile bootstrap interval of a mean; the same values give the same bounds.

    Args:
        values: One a photo, shape (N,).

    Returns:
        The bounds, or None for fewer than two values, which cannot tell how much they differ.

    Source: B. Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7
    (1979), 1-26.
    """
    count = len(values)
    if count < 2:
        return None
    rng = np.random.default_rng(0)
    step = max(1, _AT_ONCE // count)
    means = [
        values[rng.integers(0, count, (min(step, DRAWS - start), count))].mean(axis=1)
        for start in range(0, DRAWS, step)
    ]
    return _percentiles(np.concatenate(means))


def macro_f1_interval(matrix: np.ndarray) -> Interval | None:
    """Return the percentile bootstrap interval of the macro F1.

    Drawing photos with replacement is drawing the cells of the matrix from a multinomial. Without a
    mistake all draws are alike and say nothing: then the lower bound is that of the accuracy.

    Args:
        matrix: Confusion matrix, integers (C, C), rows are true classes.

    Returns:
        The bounds, or None for fewer than two photos.
    """
    count = int(matrix.sum())
    if count < 2:
        return None
    if int(np.trace(matrix)) == count:
        return wilson_interval(count, count)
    used = np.flatnonzero(matrix)
    rows, columns = np.unravel_index(used, matrix.shape)
    shares = matrix.ravel()[used] / count
    drawn = np.random.default_rng(0).multinomial(count, shares, DRAWS)
    scores = np.zeros(DRAWS)
    present = np.zeros(DRAWS)
    for one in range(len(matrix)):
        of_class = drawn[:, rows == one].sum(axis=1) + drawn[:, columns == one].sum(axis=1)
        hits = drawn[:, (rows == one) & (columns == one)].sum(axis=1)
        scores += np.divide(2 * hits, of_class, out=np.zeros(DRAWS), where=of_class > 0)
        present += of_class > 0
    return _percentiles(scores / present)


def _percentiles(values: np.ndarray) -> Interval:
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(values, [tail, 100 - tail])
    return float(low), float(high)
