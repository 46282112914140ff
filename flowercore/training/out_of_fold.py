"""What heads say of photos that they have not learned from, by cross-validation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from flowercore.data.split import deal_folds
from flowercore.training.config import TrainConfig
from flowercore.training.head import Epoch, Head, train_head

LEAST_FOLDS, MOST_FOLDS = 3, 10
# From so many photos on, fewer folds are as good: each head has learned from thousands.
_MANY, _FEW_FOLDS = 3000, 5
# Photos that are turned into double precision at once.
_ROWS = 4096

Progress = Callable[[int, int], None]
Check = Callable[[], None]


@dataclass(frozen=True)
class Pool:
    """The photos of a training that are not its test, as vectors.

    Attributes:
        learned: float32, shape (N, D) or (N, V, D): what a head learns from.
        judged: float32, shape (N, J, D): the views over which probabilities are averaged.
        labels: int, shape (N,).
        groups: int, shape (N,); photos of one group are learned from together or not at all.
    """

    learned: np.ndarray
    judged: np.ndarray
    labels: np.ndarray
    groups: np.ndarray


def folds_for(pool: Pool, validation_split: float) -> int:
    """Return how many folds make heads that learned from as many photos as the run's own head.

    Fewer photos make other heads: of 5 folds the temperature of 500 flower photos came out 3 %
    below the best one, of 10 folds, which leave the run's 360 of 400 photos to each, on it
    (docs/decisions.md).

    Args:
        pool: The photos.
        validation_split: Share of them that the run did not learn from.

    Returns:
        3 to 10, or 0 where a class has too few different photos for 3.
    """
    wanted = MOST_FOLDS if not validation_split else round(1 / validation_split)
    wanted = min(max(wanted, LEAST_FOLDS), MOST_FOLDS)
    if len(pool.labels) >= _MANY:
        wanted = min(wanted, _FEW_FOLDS)
    found = min(wanted, least_different(pool.labels, pool.groups))
    return found if found >= LEAST_FOLDS else 0


def least_different(labels: np.ndarray, groups: np.ndarray) -> int:
    """Return how many different photos the class with the fewest of them has."""
    return min(len(np.unique(groups[labels == one])) for one in np.unique(labels))


def out_of_fold(
    pool: Pool,
    classes: int,
    config: TrainConfig,
    *,
    epochs: int,
    folds: int,
    progress: Progress | None = None,
    check: Check | None = None,
) -> np.ndarray:
    """Train a head without each fold in turn and ask it about that fold.

    Args:
        pool: The photos.
        classes: Number of classes C.
        config: The run's settings of the head.
        epochs: Epochs that the run's head kept: as many are trained here, without early stopping.
        folds: How many.
        progress: Called with (heads trained, heads in all).
        check: Called after each epoch; raises to stop.

    Returns:
        float64, shape (N, C): probabilities of each photo, averaged over its views.
    """
    fold_of = deal_folds(pool.labels, pool.groups, folds, seed=config.seed)
    found = np.zeros((len(pool.labels), classes))

    def on_epoch(epoch: Epoch) -> bool:
        if check is not None:
            check()
        return epoch.epoch < epochs

    for fold in range(folds):
        if progress is not None:
            progress(fold, folds)
        held = fold_of == fold
        head = train_head(
            pool.learned[~held],
            pool.labels[~held],
            (pool.judged[held, 0], pool.labels[held]),
            classes,
            replace(config, early_stopping=0),
            on_epoch,
        )
        found[held] = mean_probabilities(head, pool.judged[held])
    if progress is not None:
        progress(folds, folds)
    return found


def mean_probabilities(head: Head, views: np.ndarray) -> np.ndarray:
    """Return class probabilities, averaged over the views in which photos are judged.

    Args:
        head: The head.
        views: float32, shape (N, V, D).

    Returns:
        float64, shape (N, C); rows sum to 1.
    """
    found = np.zeros((len(views), len(head.bias)))
    for first in range(0, len(views), _ROWS):
        part = slice(first, first + _ROWS)
        for view in range(views.shape[1]):
            # In double precision: single would round small probabilities to nothing.
            found[part] += head.probabilities(views[part, view].astype(np.float64))
    return found / views.shape[1]
