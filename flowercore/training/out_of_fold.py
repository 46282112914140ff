"""What heads say of photos that they have not learned from, by cross-validation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from flowercore.data.split import deal_folds
from flowercore.training.batches import Batches
from flowercore.training.config import TrainConfig
from flowercore.training.head import Head, initial_head, measured
from flowercore.training.objective import Objective, balanced_weights, log_softmax
from flowercore.training.one_core import on_one_core
from flowercore.training.optimizers import make_optimizer
from flowercore.training.schedules import make_schedule

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


@on_one_core
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
    """Train a head without each fold and ask it about that fold.

    All heads learn side by side: they are shown the same batches, and each learns from those photos
    of a batch that are not of its fold. Batches are larger by what is left out, so that a head
    learns from as many photos a step as the run's own, and takes as many steps.

    Args:
        pool: The photos.
        classes: Number of classes C.
        config: The run's settings of the head.
        epochs: Epochs that the run's head kept: as many are trained here, without early stopping.
        folds: How many, at least two.
        progress: Called with (epochs trained, epochs in all).
        check: Called after each epoch; raises to stop.

    Returns:
        float64, shape (N, C): probabilities of each photo, averaged over its views.
    """
    fold_of = deal_folds(pool.labels, pool.groups, folds, seed=config.seed)
    heads = _Heads(pool, fold_of, folds, classes, config)
    epochs = min(epochs, config.epochs)
    for epoch in range(epochs):
        if progress is not None:
            progress(epoch, epochs)
        with np.errstate(over="ignore", invalid="ignore"):
            heads.show_all()
        if check is not None:
            check()
    found = np.zeros((len(pool.labels), classes))
    for fold in range(folds):
        held = fold_of == fold
        found[held] = mean_probabilities(heads.without(fold), pool.judged[held])
    if progress is not None:
        progress(epochs, epochs)
    return found


class _Heads:
    """K heads that learn side by side, each without the photos of its fold."""

    def __init__(
        self, pool: Pool, fold_of: np.ndarray, folds: int, classes: int, config: TrainConfig
    ) -> None:
        self._pool, self._fold_of, self._classes, self._config = pool, fold_of, classes, config
        # All start as the run's own head did. Kernels, and the biases below them: (D + 1, K * C).
        rng = np.random.default_rng(config.seed)
        first = initial_head(pool.learned.shape[-1], classes, rng)
        self._weights = np.tile(np.vstack([first.kernel, first.bias]), folds)
        self._gradient = np.empty_like(self._weights)
        size = round(config.batch_size * folds / (folds - 1))
        self._batches = Batches(pool.learned, size, config.dropout, rng)
        self._optimizer = make_optimizer(config.optimizer, [self._weights])
        steps = config.epochs * len(self._batches)
        self._schedules = [
            make_schedule(config.schedule, config.learning_rate, steps) for _ in range(folds)
        ]
        self._seen = fold_of[:, None] != np.arange(folds)
        self._weighed = self._seen.astype(np.float32)
        if config.class_weights:
            for fold, seen in enumerate(self._seen.T):
                self._weighed[seen, fold] = balanced_weights(pool.labels[seen])
        self._targets = Objective.of(pool.labels, classes, config, weighed=False).targets

    def without(self, fold: int) -> Head:
        """Return the head that has not seen a fold."""
        one = self._weights.reshape(len(self._weights), -1, self._classes)[:, fold]
        return Head(one[:-1], one[-1])

    def show_all(self) -> None:
        """Show each photo once, and move the heads a step a batch."""
        kernel, bias = self._weights[:-1], self._weights[-1]
        l2 = np.float32(self._config.l2)
        for rows, x in self._batches.epoch():
            logits = (x @ kernel + bias).reshape(-1, self._classes)
            error = np.exp(log_softmax(logits)).reshape(len(rows), -1, self._classes)
            error -= self._targets[rows, None]
            # The mean is over the photos that a head learns from, as if there were no others.
            counts = np.maximum(np.count_nonzero(self._seen[rows], axis=0), 1).astype(np.float32)
            error *= (self._weighed[rows] / counts)[:, :, None]
            error = error.reshape(len(rows), -1)
            np.matmul(x.T, error, out=self._gradient[:-1])
            if l2:
                self._gradient[:-1] += 2 * l2 * kernel
            np.add.reduce(error, axis=0, out=self._gradient[-1])
            self._optimizer.update([self._weights], [self._gradient], self._rate())
        if self._config.schedule == "plateau":
            for fold, schedule in enumerate(self._schedules):
                schedule.end_epoch(self._held_loss(fold))

    def _rate(self) -> float | np.ndarray:
        rates = [schedule.rate(self._optimizer.iterations) for schedule in self._schedules]
        same = rates.count(rates[0]) == len(rates)
        return rates[0] if same else np.repeat(rates, self._classes)

    def _held_loss(self, fold: int) -> float:
        held = self._fold_of == fold
        aim = Objective.of(self._pool.labels[held], self._classes, self._config, weighed=False)
        loss, _ = measured(self.without(fold), self._pool.judged[held, 0], aim)
        return float("nan") if loss is None else loss


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
