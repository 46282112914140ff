"""How good a classifier is, in numbers with their uncertainty."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from flowercore.errors import ConfigError

# Keras' epsilon: one photo that is wrong with full certainty costs 16.1 and not infinity.
SMALLEST_PROBABILITY = 1e-7


@dataclass(frozen=True)
class ClassScore:
    """How well one class is found.

    Attributes:
        precision: Of the photos called this class, the fraction that is it.
        recall: Of the photos of this class, the fraction that was called it.
        f1: Harmonic mean of precision and recall.
        support: Photos of this class.
    """

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a classifier did on photos whose class is known.

    Attributes:
        accuracy: Fraction of photos whose most probable class is the true one.
        loss: Mean cross-entropy in nats.
        count: Photos.
        classes: Names, in the order of the matrix.
        confusion_matrix: Integers (C, C); the row is the true class, the column the predicted one.
        per_class: Scores by class name.
        accuracy_interval: 95 % Wilson interval of the accuracy.
    """

    accuracy: float
    loss: float
    count: int
    classes: tuple[str, ...]
    confusion_matrix: np.ndarray
    per_class: dict[str, ClassScore]
    accuracy_interval: tuple[float, float]

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, lists and names, ready for JSON."""
        return {
            "accuracy": self.accuracy,
            "loss": self.loss,
            "count": self.count,
            "classes": list(self.classes),
            "confusion_matrix": self.confusion_matrix.tolist(),
            "per_class": {name: asdict(score) for name, score in self.per_class.items()},
            "accuracy_interval": list(self.accuracy_interval),
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Evaluation:
        """Read back what ``to_dict`` returned."""
        low, high = value["accuracy_interval"]
        return cls(
            accuracy=float(value["accuracy"]),
            loss=float(value["loss"]),
            count=int(value["count"]),
            classes=tuple(value["classes"]),
            confusion_matrix=np.array(value["confusion_matrix"], dtype=np.int64),
            per_class={name: ClassScore(**score) for name, score in value["per_class"].items()},
            accuracy_interval=(float(low), float(high)),
        )


def evaluate(true: np.ndarray, probabilities: np.ndarray, classes: Sequence[str]) -> Evaluation:
    """Compare predicted probabilities with the true classes.

    Args:
        true: Indices of the true classes, integers (N,).
        probabilities: Predicted probabilities (N, C); each row sums to 1.
        classes: The C class names.

    Returns:
        The evaluation. Where a score would divide by zero (a class that is never predicted, or
        of which there is no photo) it is 0.0.

    Raises:
        ConfigError: If there is no photo.
        ValueError: If the arrays do not fit each other or are no class indices and probabilities.
    """
    true = np.asarray(true)
    probabilities = np.asarray(probabilities, dtype=np.float64)
    if len(true) == 0:
        raise ConfigError(
            "An evaluation needs at least 1 photo. Received: 0 photos. "
            "Choose a larger test fraction, or evaluate on another dataset."
        )
    _check(true, probabilities, len(classes))
    predicted = probabilities.argmax(axis=1)
    matrix = np.zeros((len(classes), len(classes)), dtype=np.int64)
    np.add.at(matrix, (true, predicted), 1)
    right = int(np.trace(matrix))
    return Evaluation(
        accuracy=right / len(true),
        loss=cross_entropy(true, probabilities),
        count=len(true),
        classes=tuple(classes),
        confusion_matrix=matrix,
        per_class=_class_scores(matrix, classes),
        accuracy_interval=wilson_interval(right, len(true)),
    )


def cross_entropy(true: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the mean of ``-log p(true class)`` in nats.

    Args:
        true: Indices of the true classes, integers (N,), N > 0.
        probabilities: Predicted probabilities (N, C), taken as at least 1e-7 (as Keras does).
    """
    of_truth = np.asarray(probabilities, dtype=np.float64)[np.arange(len(true)), true]
    return float(-np.log(np.maximum(of_truth, SMALLEST_PROBABILITY)).mean())


def wilson_interval(right: int, count: int, confidence: float = 0.95) -> tuple[float, float]:
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
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    proportion = right / count
    shrink = 1 + z * z / count
    centre = (proportion + z * z / (2 * count)) / shrink
    half = z / shrink * math.sqrt(proportion * (1 - proportion) / count + (z / (2 * count)) ** 2)
    # At the ends the bound is 0 or 1 exactly; rounding would leave it a hair inside or outside.
    low = 0.0 if right == 0 else centre - half
    high = 1.0 if right == count else centre + half
    return low, high


def largest_confusions(evaluation: Evaluation, k: int = 3) -> list[tuple[str, str, int]]:
    """Return the most frequent mistakes.

    Args:
        evaluation: What the classifier did.
        k: How many at most.

    Returns:
        (true class, predicted class, photos), most photos first, only pairs that occurred;
        equal counts in the order of the classes.
    """
    mistakes = evaluation.confusion_matrix.copy()
    np.fill_diagonal(mistakes, 0)
    order = np.argsort(-mistakes, axis=None, kind="stable")[:k]
    pairs = [np.unravel_index(cell, mistakes.shape) for cell in order]
    return [
        (evaluation.classes[row], evaluation.classes[column], int(mistakes[row, column]))
        for row, column in pairs
        if mistakes[row, column] > 0
    ]


def _check(true: np.ndarray, probabilities: np.ndarray, classes: int) -> None:
    if true.ndim != 1 or probabilities.shape != (len(true), classes):
        raise ValueError(
            f"Probabilities must have a row for each photo and a column for each class, here "
            f"({true.size}, {classes}). Received: {true.shape=}, {probabilities.shape=}."
        )
    if not np.issubdtype(true.dtype, np.integer) or true.min() < 0 or true.max() >= classes:
        raise ValueError(
            f"True classes must be whole numbers in 0..{classes - 1}. "
            f"Received: {true.dtype} in {true.min()}..{true.max()}."
        )
    if not np.isfinite(probabilities).all() or not np.allclose(probabilities.sum(1), 1, atol=1e-3):
        raise ValueError("The probabilities of each photo must be finite and sum to 1.")


def _class_scores(matrix: np.ndarray, classes: Sequence[str]) -> dict[str, ClassScore]:
    scores = {}
    for index, name in enumerate(classes):
        hits = int(matrix[index, index])
        support = int(matrix[index].sum())
        called = int(matrix[:, index].sum())
        scores[name] = ClassScore(
            precision=_ratio(hits, called),
            recall=_ratio(hits, support),
            f1=_ratio(2 * hits, support + called),
            support=support,
        )
    return scores


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
