"""The head: one dense softmax layer on feature vectors, trained with Adam.

Written in NumPy because a head of a few thousand weights spends its time in overheads: a step here
costs tens of microseconds where a general framework needs a millisecond, and no framework has to
be imported first. Losses and updates are Keras's, so that the history is what Keras's ``fit``
gives for the same vectors in the same order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from flowercore.training.config import TrainConfig

ADAM_BETA_1 = 0.9
ADAM_BETA_2 = 0.999
ADAM_EPSILON = 1e-7
# Keras clips probabilities to this before the logarithm.
PROBABILITY_FLOOR = 1e-7


@dataclass(frozen=True)
class Head:
    """A dense softmax layer: ``kernel`` float32 of shape (D, C), ``bias`` float32 of shape (C,)."""

    kernel: np.ndarray
    bias: np.ndarray

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """Return class probabilities, shape (N, C), for features of shape (N, D)."""
        return softmax(features @ self.kernel + self.bias)


@dataclass(frozen=True)
class Epoch:
    """What one pass over the training photos came to; validation is None without such photos."""

    epoch: int
    loss: float
    accuracy: float
    val_loss: float | None
    val_accuracy: float | None
    seconds: float


def softmax(logits: np.ndarray) -> np.ndarray:
    """Turn logits of shape (N, C) into probabilities; rows sum to 1."""
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def cross_entropy(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return each photo's sparse categorical cross-entropy, shape (N,), in nats."""
    chosen = probabilities[np.arange(len(labels)), labels]
    return -np.log(np.clip(chosen, PROBABILITY_FLOOR, 1 - PROBABILITY_FLOOR))


def initial_head(features: int, classes: int, rng: np.random.Generator) -> Head:
    """Draw a head with Glorot's uniform initialisation (Glorot and Bengio 2010) and zero bias."""
    bound = np.sqrt(6 / (features + classes))
    kernel = rng.uniform(-bound, bound, (features, classes)).astype(np.float32)
    return Head(kernel, np.zeros(classes, np.float32))


class Adam:
    """Adam (Kingma and Ba 2015, arXiv 1412.6980) in the form and with the defaults of Keras."""

    def __init__(self, weights: list[np.ndarray]) -> None:
        self._step = 0
        self._first = [np.zeros_like(w) for w in weights]
        self._second = [np.zeros_like(w) for w in weights]

    def update(
        self, weights: list[np.ndarray], gradients: list[np.ndarray], learning_rate: float
    ) -> None:
        """Move the weights in place, one step against their gradients."""
        self._step += 1
        correction = np.sqrt(1 - ADAM_BETA_2**self._step) / (1 - ADAM_BETA_1**self._step)
        rate = np.float32(learning_rate * correction)
        for w, g, m, v in zip(weights, gradients, self._first, self._second, strict=True):
            m += (g - m) * np.float32(1 - ADAM_BETA_1)
            v += (g * g - v) * np.float32(1 - ADAM_BETA_2)
            w -= rate * m / (np.sqrt(v) + np.float32(ADAM_EPSILON))


def train_head(
    features: np.ndarray,
    labels: np.ndarray,
    validation: tuple[np.ndarray, np.ndarray],
    classes: int,
    config: TrainConfig,
    on_epoch: Callable[[Epoch], bool],
) -> Head:
    """Train a head.

    Args:
        features: float32, shape (N, D): the training photos.
        labels: int, shape (N,), values 0..C-1.
        validation: Features and labels to watch, of shapes (M, D) and (M,); M may be 0.
        classes: Number of classes C.
        config: Epochs, batch size, learning rate and seed.
        on_epoch: Called after every epoch; returns whether to go on.

    Returns:
        The head after the last epoch.
    """
    rng = np.random.default_rng(config.seed)
    start = initial_head(features.shape[1], classes, rng)
    kernel, bias = start.kernel.copy(), start.bias.copy()
    adam = Adam([kernel, bias])
    targets = np.eye(classes, dtype=np.float32)[labels]
    for epoch in range(1, config.epochs + 1):
        began = perf_counter()
        order = rng.permutation(len(features))
        losses, right = 0.0, 0
        for first in range(0, len(order), config.batch_size):
            rows = order[first : first + config.batch_size]
            x, y = features[rows], labels[rows]
            probabilities = softmax(x @ kernel + bias)
            losses += float(cross_entropy(probabilities, y).sum())
            right += int((probabilities.argmax(axis=1) == y).sum())
            error = (probabilities - targets[rows]) / np.float32(len(rows))
            adam.update([kernel, bias], [x.T @ error, error.sum(axis=0)], config.learning_rate)
        head = Head(kernel, bias)
        val_loss, val_accuracy = _measured(head, *validation)
        measured = Epoch(
            epoch,
            losses / len(order),
            right / len(order),
            val_loss,
            val_accuracy,
            perf_counter() - began,
        )
        if not on_epoch(measured):
            break
    return Head(kernel, bias)


def _measured(
    head: Head, features: np.ndarray, labels: np.ndarray
) -> tuple[float | None, float | None]:
    if len(labels) == 0:
        return None, None
    probabilities = head.probabilities(features)
    loss = float(cross_entropy(probabilities, labels).mean())
    return loss, float((probabilities.argmax(axis=1) == labels).mean())
