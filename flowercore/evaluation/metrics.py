"""How good a classifier is, in numbers with their uncertainty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from flowercore.errors import ConfigError
from flowercore.evaluation.intervals import (
    Interval,
    f1_interval,
    macro_f1_interval,
    mean_interval,
    mean_of_proportions_interval,
    wilson_interval,
)

# scikit-learn's bound: one photo that is wrong with full certainty costs 36 and not infinity.
SMALLEST_PROBABILITY = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class ClassScore:
    """How well one class is found.

    Attributes:
        precision: Of the photos called this class, the fraction that is it.
        recall: Of the photos of this class, the fraction that was called it.
        f1: Harmonic mean of precision and recall.
        support: Photos of this class.
        precision_interval: 95 % interval; None if no photo was called this class.
        recall_interval: 95 % interval; None without a photo of this class.
        f1_interval: 95 % interval; None if neither.
    """

    precision: float
    recall: float
    f1: float
    support: int
    precision_interval: Interval | None = None
    recall_interval: Interval | None = None
    f1_interval: Interval | None = None


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a classifier did on photos whose class is known.

    Attributes:
        accuracy: Fraction of photos whose most probable class is the true one.
        loss: Mean cross-entropy in nats, the log loss.
        count: Photos.
        classes: Names, in the order of the matrix.
        confusion_matrix: Integers (C, C); the row is the true class, the column the predicted one.
        per_class: Scores by class name.
        accuracy_interval: 95 % Wilson interval of the accuracy.
        balanced_accuracy: Mean recall of the classes that have a photo: what guessing the largest
            class gains nothing of.
        balanced_accuracy_interval: 95 % interval.
        macro_f1: Mean F1 of the classes that have a photo or were predicted.
        macro_f1_interval: 95 % interval; None for a single photo.
        loss_interval: 95 % interval of the loss; None for a single photo.
        baseline: Accuracy of always saying the largest class of these photos.
    """

    accuracy: float
    loss: float
    count: int
    classes: tuple[str, ...]
    confusion_matrix: np.ndarray
    per_class: dict[str, ClassScore]
    accuracy_interval: Interval
    balanced_accuracy: float
    balanced_accuracy_interval: Interval
    macro_f1: float
    macro_f1_interval: Interval | None
    loss_interval: Interval | None
    baseline: float

    @property
    def right(self) -> int:
        """Photos that were named right."""
        return int(np.trace(self.confusion_matrix))

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, lists and names, ready for JSON."""
        return {
            field.name: _plain(getattr(self, field.name))
            for field in fields(self)
            if field.name != "per_class"
        } | {"per_class": {name: _plain(asdict(one)) for name, one in self.per_class.items()}}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Evaluation:
        """Read back what ``to_dict`` returned, also what earlier versions did.

        Raises:
            KeyError, TypeError, ValueError: If it is something else.
        """
        matrix = np.array(value["confusion_matrix"], dtype=np.int64)
        return _of_matrix(
            matrix,
            tuple(value["classes"]),
            float(value["loss"]),
            _pair(value.get("loss_interval")),
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
    losses = photo_losses(true, probabilities)
    return _of_matrix(matrix, tuple(classes), float(losses.mean()), mean_interval(losses))


def photo_losses(true: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return ``-log p(true class)`` of each photo in nats.

    Args:
        true: Indices of the true classes, integers (N,).
        probabilities: Predicted probabilities (N, C), taken as at least 2e-16, as scikit-learn
            does.

    Returns:
        float64, shape (N,).
    """
    of_truth = np.asarray(probabilities, dtype=np.float64)[np.arange(len(true)), true]
    return -np.log(np.maximum(of_truth, SMALLEST_PROBABILITY))


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


def _of_matrix(
    matrix: np.ndarray, classes: tuple[str, ...], loss: float, loss_interval: Interval | None
) -> Evaluation:
    if matrix.shape != (len(classes), len(classes)) or matrix.min() < 0 or not matrix.any():
        raise ValueError("A confusion matrix must have a row and a column a class, and a photo.")
    support, hits = matrix.sum(axis=1), np.diag(matrix)
    called = matrix.sum(axis=0)
    count, right = int(matrix.sum()), int(hits.sum())
    per_class = {
        name: _class_score(int(hits[one]), int(support[one]), int(called[one]))
        for one, name in enumerate(classes)
    }
    there = np.flatnonzero(support)
    recalls = [(int(hits[one]), int(support[one])) for one in there]
    # As scikit-learn counts: a class that is neither in the photos nor in the answers is no class.
    named = [per_class[classes[one]].f1 for one in np.flatnonzero(support + called)]
    return Evaluation(
        accuracy=right / count,
        loss=loss,
        count=count,
        classes=classes,
        confusion_matrix=matrix,
        per_class=per_class,
        accuracy_interval=wilson_interval(right, count),
        balanced_accuracy=float(np.mean([of / whole for of, whole in recalls])),
        balanced_accuracy_interval=mean_of_proportions_interval(recalls),
        macro_f1=float(np.mean(named)),
        macro_f1_interval=macro_f1_interval(matrix),
        loss_interval=loss_interval,
        baseline=int(support.max()) / count,
    )


def _class_score(hits: int, support: int, called: int) -> ClassScore:
    wrongs = support + called - 2 * hits
    return ClassScore(
        precision=_ratio(hits, called),
        recall=_ratio(hits, support),
        f1=_ratio(2 * hits, support + called),
        support=support,
        precision_interval=wilson_interval(hits, called) if called else None,
        recall_interval=wilson_interval(hits, support) if support else None,
        f1_interval=f1_interval(hits, wrongs) if support + called else None,
    )


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, tuple):
        return list(value)
    return {key: _plain(one) for key, one in value.items()} if isinstance(value, dict) else value


def _pair(value: Sequence[float] | None) -> Interval | None:
    if value is None:
        return None
    low, high = value
    return float(low), float(high)
