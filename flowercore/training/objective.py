"""What training lowers: the cross-entropy of a softmax layer and the penalty on its kernel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flowercore.training.config import TrainConfig


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Turn logits of shape (N, C) into logarithms of probabilities, however small those are."""
    # Not .max() and .sum(): for a batch of 16 their way through Python takes longer than they do.
    shifted = logits - np.maximum.reduce(logits, axis=1, keepdims=True)
    return shifted - np.log(np.add.reduce(np.exp(shifted), axis=1, keepdims=True))


def balanced_weights(labels: np.ndarray) -> np.ndarray:
    """Weigh photos so that every class counts the same in all: n / (C * n_c).

    scikit-learn's ``class_weight="balanced"`` (King and Zeng 2001).

    Args:
        labels: int, shape (N,).

    Returns:
        float32, shape (N,): the weight of each photo; 1 on average.
    """
    _, which, counts = np.unique(labels, return_inverse=True, return_counts=True)
    return (len(labels) / (len(counts) * counts[which])).astype(np.float32)


@dataclass(frozen=True)
class Objective:
    """The loss of some photos, as Keras's ``fit`` counts it.

    Attributes:
        labels: int, shape (N,): class of each photo.
        targets: float32, shape (N, C): wanted probabilities, smoothed (Szegedy et al. 2016, arXiv
            1512.00567) as in Keras's ``CategoricalCrossentropy(label_smoothing=...)``.
        weights: float32, shape (N, 1): how much each photo counts; None: all the same.
        l2: Factor of the penalty, the kernel's sum of squares.
    """

    labels: np.ndarray
    targets: np.ndarray
    weights: np.ndarray | None
    l2: np.float32

    @classmethod
    def of(
        cls, labels: np.ndarray, classes: int, config: TrainConfig, *, weighed: bool
    ) -> Objective:
        """Set the aim for photos of these labels; ``weighed`` says whether class weights hold."""
        hard = np.eye(classes, dtype=np.float32)[labels]
        spread = np.float32(config.label_smoothing)
        targets = hard * (1 - spread) + spread / np.float32(classes)
        weights = balanced_weights(labels)[:, None] if weighed and config.class_weights else None
        return cls(labels, targets, weights, np.float32(config.l2))

    def error(self, logarithms: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Return the gradient of a batch's loss by its logits, without the penalty.

        Args:
            logarithms: float32, shape (B, C): log-softmax of the logits.
            rows: Which photos they belong to.

        Returns:
            float32, shape (B, C). Weights scale a photo's loss; the mean is still over the number
            of photos.
        """
        error = np.exp(logarithms)
        error -= self.targets[rows]
        if self.weights is not None:
            error *= self.weights[rows]
        error /= np.float32(len(logarithms))
        return error

    def penalty(self, kernel: np.ndarray) -> float:
        """Return the penalty on a kernel, float32 of shape (D, C)."""
        return float(self.l2 * np.vdot(kernel, kernel)) if self.l2 else 0.0

    def score(
        self, logarithms: np.ndarray, rows: np.ndarray | slice = slice(None)
    ) -> tuple[float, int]:
        """Compare what was said of photos with what is wanted.

        Logarithms are taken, not rounded probabilities: a photo may cost any number of nats.

        Args:
            logarithms: float32, shape (N, C): log-softmax of the logits.
            rows: Which photos they belong to.

        Returns:
            The mean loss without penalty, and how many photos are right.
        """
        losses = self.targets[rows] * logarithms
        if self.weights is not None:
            losses *= self.weights[rows]
        right = np.count_nonzero(logarithms.argmax(axis=1) == self.labels[rows])
        return float(-losses.sum() / len(logarithms)), int(right)
