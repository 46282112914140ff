"""Labels that are probably wrong, by confident learning.

After Northcutt, Jiang and Chuang 2021, 'Confident Learning: Estimating Uncertainty in Dataset
Labels', Journal of Artificial Intelligence Research 70 (arXiv 1911.00068): a model that has not
learned from a photo says what it is, and is believed where it is as sure of a class as it is on
average of the photos that bear its name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from flowercore.audit.findings import SUSPECT
from flowercore.audit.seen import Seen
from flowercore.data.names import shown
from flowercore.data.similarity import nearest_rows
from flowercore.data.split import deal_folds
from flowercore.training.config import TrainConfig
from flowercore.training.head import train_head

FOLDS = 5
LEAST = FOLDS
"""Different photos of a class below which its labels cannot be judged."""

NEIGHBOURS = 5
"""Nearest photos that a reason counts."""

# A penalty that keeps the head from learning wrong labels by heart, and one length for all features
# (those of EfficientNet-Lite0 have 15 on average), so that it means the same for each backbone.
_HEAD = TrainConfig(data="audit", epochs=100, batch_size=64, l2=0.01)
_LENGTH = 15.0
# Cross-validations that are averaged: their folds differ, and with them what chance does.
_REPEATS, _MANY = 3, 5000

Progress = Callable[[int, int], None]
Check = Callable[[], None]


def suspects(
    seen: Seen, *, progress: Progress | None = None, check: Check | None = None
) -> tuple[list[dict[str, Any]], list[str]]:
    """Find the photos whose label is probably wrong.

    Args:
        seen: The photos.
        progress: Called with (trainings done, trainings in all).
        check: Called between epochs; raises to stop.

    Returns:
        A problem for each, without rank but with a suggested label; and what is to be said where
        labels cannot be judged.
    """
    rows = np.flatnonzero(seen.shows)
    groups = seen.groups[rows]
    classes, labels = np.unique(seen.labels[rows].astype(str), return_inverse=True)
    different = [len(np.unique(groups[labels == one])) for one in range(len(classes))]
    judged = np.array([count >= LEAST for count in different], bool)
    if judged.sum() < 2:
        return [], [
            f"Labels cannot be judged: that takes two classes of {LEAST} or more different photos."
        ]
    notes = [
        f"Labels of '{shown(name)}' cannot be judged: that takes {LEAST} different photos, and "
        f"there {'is' if count == 1 else 'are'} {count}."
        for name, count in zip(classes, different, strict=True)
        if count < LEAST
    ]
    probabilities = out_of_sample(
        _LENGTH * seen.unit[rows], labels, groups, len(classes), progress=progress, check=check
    )
    doubted = np.flatnonzero(issues(probabilities, labels) & judged[labels])
    neighbours = nearest_rows(
        seen.unit[rows], groups, min(NEIGHBOURS, len(np.unique(groups)) - 1), check=check
    )[0]
    found = []
    for row in doubted:
        others = probabilities[row].copy()
        others[labels[row]] = -1
        suggested = int(others.argmax())
        photo = seen.photos[rows[row]]
        near = int((labels[neighbours[row]] == suggested).sum())
        found.append(
            {
                "key": photo.key,
                "sha256": photo.sha256,
                "kind": SUSPECT,
                "score": float(1 - probabilities[row, labels[row]]),
                "why": (
                    f"{near or 'None'} of its {neighbours.shape[1]} nearest photos "
                    f"{'is' if near == 1 else 'are'} labelled {shown(classes[suggested])}. "
                    "A model that has not seen it says "
                    f"{shown(classes[suggested])} ({probabilities[row, suggested]:.0%}), "
                    f"not {shown(photo.label)} ({probabilities[row, labels[row]]:.0%})."
                ),
                "suggested": str(classes[suggested]),
            }
        )
    return found, notes


def issues(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Tell which labels are probably wrong.

    Those off the diagonal of the confident joint, and those whose own class gets less than half of
    what guessing would give it (in small sets the thresholds alone miss some of them); in any case
    only where another class gets more.

    Args:
        probabilities: Out of sample, shape (N, C).
        labels: int, shape (N,), each class at least once.

    Returns:
        bool, shape (N,).
    """
    own = probabilities[np.arange(len(labels)), labels]
    unlikely = own < 0.5 / probabilities.shape[1]
    return (off_diagonal(probabilities, labels) | unlikely) & (own < probabilities.max(axis=1))


def off_diagonal(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Tell which photos the confident joint counts in another class than their own.

    Args:
        probabilities: Out of sample, shape (N, C).
        labels: int, shape (N,), each class at least once.

    Returns:
        bool, shape (N,).
    """
    classes = probabilities.shape[1]
    thresholds = np.array([probabilities[labels == one, one].mean() for one in range(classes)])
    confident = probabilities >= thresholds - 1e-6
    counted = np.where(confident, probabilities, -1).argmax(axis=1)
    return confident.any(axis=1) & (counted != labels)


def out_of_sample(
    features: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray,
    classes: int,
    *,
    progress: Progress | None = None,
    check: Check | None = None,
) -> np.ndarray:
    """Return what heads say of photos that they have not learned from.

    Args:
        features: float32, shape (N, D).
        labels: int, shape (N,), values 0..C-1.
        groups: int, shape (N,); photos of one group are learned from together or not at all.
        classes: Number of classes C.
        progress: Called with (trainings done, trainings in all).
        check: Called between epochs; raises to stop.

    Returns:
        float64, shape (N, C): the mean over cross-validations.
    """

    def on_epoch(_: object) -> bool:
        if check is not None:
            check()
        return True

    repeats = _REPEATS if len(labels) <= _MANY else 1
    total = np.zeros((len(labels), classes))
    for repeat in range(repeats):
        folds = deal_folds(labels, groups, FOLDS, seed=repeat)
        for fold in range(FOLDS):
            if progress is not None:
                progress(repeat * FOLDS + fold, repeats * FOLDS)
            left_out = folds == fold
            if not left_out.any():
                continue
            train = ~left_out
            nothing = (features[:0], labels[:0])
            head = train_head(features[train], labels[train], nothing, classes, _HEAD, on_epoch)
            total[left_out] += head.probabilities(features[left_out].astype(np.float64))
    if progress is not None:
        progress(repeats * FOLDS, repeats * FOLDS)
    return total / repeats
