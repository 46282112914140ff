"""The head: one dense softmax layer on feature vectors.

Written in NumPy because a head of a few thousand weights spends its time in overheads: a step here
costs tens of microseconds where a general framework needs a millisecond, and no framework has to
be imported first. Losses and updates are Keras's, so that the history is what Keras's ``fit``
gives for the same vectors in the same order, whatever the settings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from flowercore.training.batches import Batches
from flowercore.training.config import TrainConfig
from flowercore.training.objective import Objective, log_softmax
from flowercore.training.one_core import on_one_core
from flowercore.training.optimizers import Optimizer, make_optimizer
from flowercore.training.schedules import Schedule, make_schedule
from flowercore.training.stopping import EarlyStopping

DIVERGED_LOSS = 1000.0
"""Losses above this many times the loss of guessing are no learning."""


@dataclass(frozen=True)
class Head:
    """A dense softmax layer: ``kernel`` float32 of shape (D, C), ``bias`` float32 of shape (C,)."""

    kernel: np.ndarray
    bias: np.ndarray

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """Return class probabilities, shape (N, C), for features of shape (N, D)."""
        return softmax(features @ self.kernel + self.bias)


def mean_of_logits(one: Head, other: Head) -> Head:
    """Return the head on the features of both, one's first, whose logits are the mean of theirs.

    Two models that are averaged so are one model with a wider last layer. What is averaged are
    logits and not probabilities: who is sure of something speaks louder.

    Args:
        one: Takes D features.
        other: Takes E features.

    Returns:
        A head that takes D + E features.
    """
    kernel = np.vstack([one.kernel, other.kernel]) / np.float32(2)
    return Head(kernel, (one.bias + other.bias) / np.float32(2))


class Learner:
    """A head that learns: kernel and bias lie in one array, so that a step moves both at once.

    Args:
        head: What it starts as; left as it is.

    Attributes:
        weights: float32, shape (D + 1, C): the kernel, and the bias below it.
        gradient: Of the same shape, for a step's gradient.
        head: The head as it is now: views of ``weights``.
    """

    def __init__(self, head: Head) -> None:
        self.weights = np.vstack([head.kernel, head.bias])
        self.gradient = np.empty_like(self.weights)
        self.head = Head(self.weights[:-1], self.weights[-1])


@dataclass(frozen=True)
class Epoch:
    """What one pass over the training photos came to.

    Attributes:
        epoch: Its number, from 1.
        loss: Mean over the steps, each taken before its update, as Keras's ``fit`` reports it:
            with label smoothing, class weights, dropout and L2 penalty. NaN when the epoch left
            weights that are not finite.
        accuracy: Share of the training photos that were right, measured in the same steps.
        val_loss: Loss of the validation photos at the end, with label smoothing and L2 penalty;
            None without such photos.
        val_accuracy: Share of them that are right; None without them.
        seconds: What the epoch took.
        phase: What was trained; "head" for the head alone.
        learning_rate: Rate of the epoch's last step.
    """

    epoch: int
    loss: float
    accuracy: float
    val_loss: float | None
    val_accuracy: float | None
    seconds: float
    phase: str = "head"
    learning_rate: float = 0.0


def softmax(logits: np.ndarray) -> np.ndarray:
    """Turn logits of shape (N, C) into probabilities; rows sum to 1."""
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def initial_head(features: int, classes: int, rng: np.random.Generator) -> Head:
    """Draw a head with Glorot's uniform initialisation (Glorot and Bengio 2010) and zero bias."""
    bound = np.sqrt(6 / (features + classes))
    kernel = rng.uniform(-bound, bound, (features, classes)).astype(np.float32)
    return Head(kernel, np.zeros(classes, np.float32))


def diverged(epoch: Epoch, classes: int) -> bool:
    """Tell whether a training has gone astray, so that going on is pointless.

    A loss that is no longer a number is the rare case: Adam's steps are no longer than the
    learning rate, so that even a rate of 1e6 only makes the weights huge, and the loss with them.
    The rule is therefore: a loss is not finite, or is more than 1,000 times ln(C), the loss of
    guessing among C classes. (On EfficientNet-Lite0's features of 5 classes the first epoch of
    Adam is 0.8 times ln(C) at a rate of 1e-3, 210 times at 10, 2e7 times at 1e6.)

    Args:
        epoch: An epoch of the head or of fine-tuning.
        classes: Number of classes C.
    """
    losses = [epoch.loss] if epoch.val_loss is None else [epoch.loss, epoch.val_loss]
    return not all(loss <= DIVERGED_LOSS * np.log(classes) for loss in losses)


@on_one_core
def train_head(
    features: np.ndarray,
    labels: np.ndarray,
    validation: tuple[np.ndarray, np.ndarray],
    classes: int,
    config: TrainConfig,
    on_epoch: Callable[[Epoch], bool],
) -> Head:
    """Train a head.

    Numbers that overflow are no error here: `on_epoch` sees the loss, and `diverged` judges it.

    Args:
        features: float32, shape (N, D): the training photos; or (N, V, D): V views of each, view
            0 the plain one. Each epoch shows one view of each photo, drawn evenly.
        labels: int, shape (N,), values 0..C-1.
        validation: Features and labels to watch, of shapes (M, D) and (M,); M may be 0.
        classes: Number of classes C.
        config: The settings of the head. Order of photos and first weights follow from the seed
            alone, whatever else is set.
        on_epoch: Called after every epoch; returns whether to go on.

    Returns:
        The head after the last epoch; with early stopping that of the best epoch, also when all
        epochs ran or `on_epoch` ended the training, as Keras does.
    """
    rng = np.random.default_rng(config.seed)
    learner = Learner(initial_head(features.shape[-1], classes, rng))
    head, weights = learner.head, [learner.weights]
    batches = Batches(features, config.batch_size, config.dropout, rng)
    objective = Objective.of(labels, classes, config, weighed=True)
    held_back = Objective.of(validation[1], classes, config, weighed=False)
    optimizer = make_optimizer(config.optimizer, weights)
    schedule = make_schedule(config.schedule, config.learning_rate, config.epochs * len(batches))
    stopping = EarlyStopping(config.early_stopping) if config.early_stopping else None
    for epoch in range(1, config.epochs + 1):
        began = perf_counter()
        with np.errstate(over="ignore", invalid="ignore"):
            loss, accuracy, rate = one_pass(learner, batches, objective, optimizer, schedule)
            val_loss, val_accuracy = measured(head, validation[0], held_back)
        monitored = loss if val_loss is None else val_loss
        schedule.end_epoch(monitored)
        patience_ended = stopping is not None and stopping.end_epoch(monitored, weights)
        ended = Epoch(
            epoch=epoch,
            loss=loss,
            accuracy=accuracy,
            val_loss=val_loss,
            val_accuracy=val_accuracy,
            seconds=perf_counter() - began,
            learning_rate=rate,
        )
        if not on_epoch(ended) or patience_ended:
            break
    if stopping is not None:
        stopping.restore(weights)
    return head


def one_pass(
    learner: Learner,
    batches: Batches,
    objective: Objective,
    optimizer: Optimizer,
    schedule: Schedule,
) -> tuple[float, float, float]:
    """Show each photo once and move the head in place, a step a batch.

    Args:
        learner: What learns.
        batches: The photos.
        objective: What is wanted of them.
        optimizer: Moves the learner's weights.
        schedule: Gives the rate of each step.

    Returns:
        Loss (NaN where the weights are no longer finite), accuracy and the last step's rate.
    """
    head, gradient = learner.head, learner.gradient
    # Scored at the end, all at once: for each batch it would take a fifth of the time.
    shown: list[np.ndarray] = []
    said: list[np.ndarray] = []
    penalty, rate = 0.0, 0.0
    for rows, x in batches.epoch():
        logarithms = log_softmax(x @ head.kernel + head.bias)
        error = objective.error(logarithms, rows)
        shown.append(rows)
        said.append(logarithms)
        penalty += objective.penalty(head.kernel) * len(rows)
        np.matmul(x.T, error, out=gradient[:-1])
        if objective.l2:
            gradient[:-1] += 2 * objective.l2 * head.kernel
        np.add.reduce(error, axis=0, out=gradient[-1])
        rate = schedule.rate(optimizer.iterations)
        optimizer.update([learner.weights], [gradient], rate)
    # What overflowed in the last step shows in no loss of this epoch.
    finite = np.isfinite(learner.weights).all()
    order = np.concatenate(shown)
    loss, right = objective.score(np.concatenate(said), order)
    loss += penalty / len(order)
    return loss if finite else float("nan"), right / len(order), rate


def measured(
    head: Head, features: np.ndarray, objective: Objective
) -> tuple[float | None, float | None]:
    """Return loss and accuracy on photos that are only watched; None where there are none.

    Args:
        head: The head.
        features: float32, shape (M, D).
        objective: What is wanted of them.
    """
    if len(features) == 0:
        return None, None
    loss, right = objective.score(log_softmax(features @ head.kernel + head.bias))
    return loss + objective.penalty(head.kernel), right / len(features)
