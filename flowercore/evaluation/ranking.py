"""How well one class is told from all others, whatever the threshold: ROC and precision-recall."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from flowercore.evaluation.intervals import (
    Interval,
    logit_interval,
    score_interval,
    wilson_interval,
)


@dataclass(frozen=True, eq=False)
class Curve:
    """A curve over all thresholds, with the area below it.

    Attributes:
        x: False positive rate, or recall; float64, shape (M,).
        y: True positive rate, or precision; float64, shape (M,).
        area: Area below the curve, 0..1.
        interval: 95 % interval of the area.
    """

    x: np.ndarray
    y: np.ndarray
    area: float
    interval: Interval


@dataclass(frozen=True, eq=False)
class Ranking:
    """One class against all others.

    Attributes:
        roc: Receiver operating characteristic: of the others, the share that is taken for the class
            (x), against the share of the class that is found (y).
        precision_recall: Recall (x) against precision (y).
        positives: Photos of the class.
        negatives: Photos of the others.
    """

    roc: Curve
    precision_recall: Curve
    positives: int
    negatives: int


def ranking(belongs: np.ndarray, scores: np.ndarray) -> Ranking | None:
    """Measure how well scores tell a class from the rest.

    Args:
        belongs: Whether each photo is of the class, bool (N,).
        scores: The class's probability for each photo, float (N,).

    Returns:
        Both curves, or None where a curve cannot be drawn: no photo is of the class, or all are.
    """
    positives = int(belongs.sum())
    negatives = len(belongs) - positives
    if not positives or not negatives:
        return None
    order = np.argsort(-scores, kind="stable")
    # One point a score that occurs: photos of one score pass a threshold together.
    last = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    hits = np.cumsum(belongs[order])[last]
    called = last + 1
    return Ranking(
        roc=_roc(belongs, scores, hits, called - hits),
        precision_recall=_precision_recall(hits, called, positives),
        positives=positives,
        negatives=negatives,
    )


def _roc(belongs: np.ndarray, scores: np.ndarray, hits: np.ndarray, alarms: np.ndarray) -> Curve:
    x = np.append(0.0, alarms / alarms[-1])
    y = np.append(0.0, hits / hits[-1])
    area = float(np.trapezoid(y, x))
    return Curve(x, y, area, _area_interval(belongs, scores, area))


def _area_interval(belongs: np.ndarray, scores: np.ndarray, area: float) -> Interval:
    """Return DeLong's interval on the scale of log odds.

    The area is the chance that a photo of the class scores higher than another one; its variance
    follows from how that chance differs from photo to photo (E. R. DeLong, D. M. DeLong and D. L.
    Clarke-Pearson 1988, Biometrics 44, 837-845). Where all photos agree there is no variance: then
    the bound is Wilson's for as many successes as the smaller side has photos.
    """
    positive, negative = scores[belongs], scores[~belongs]
    of_positives = _share_below(positive, negative)
    of_negatives = 1 - _share_below(negative, positive)
    variance = _variance(of_positives) / len(positive) + _variance(of_negatives) / len(negative)
    if variance <= 0 or not 0 < area < 1:
        fewer = min(len(positive), len(negative))
        return wilson_interval(round(area * fewer), fewer)
    return logit_interval(area, math.sqrt(variance))


def _share_below(ones: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return for each of some scores the share of others that lie below, equal ones half."""
    ordered = np.sort(others)
    below = np.searchsorted(ordered, ones, side="left")
    upto = np.searchsorted(ordered, ones, side="right")
    return (below + upto) / (2 * len(others))


def _variance(values: np.ndarray) -> float:
    return float(values.var(ddof=1)) if len(values) > 1 else 0.0


def _precision_recall(hits: np.ndarray, called: np.ndarray, positives: int) -> Curve:
    precision, recall = hits / called, hits / positives
    # Not the area of a polygon, which is too good: between two thresholds there is nothing.
    area = float((np.diff(recall, prepend=0.0) * precision).sum())
    return Curve(
        np.append(0.0, recall),
        np.append(1.0, precision),
        area,
        _precision_interval(area, positives),
    )


def _precision_interval(area: float, positives: int) -> Interval:
    """Return the interval of the average precision, taken as a share of the class's photos.

    K. Boyd, K. H. Eng and C. D. Page, "Area under the precision-recall curve: point estimates and
    confidence intervals" (2013), propose the binomial interval; Wilson's form of it suits areas
    near 1, where their log odds reach down to where no area of such a class ever was.
    """
    return score_interval(min(1.0, area), positives)
