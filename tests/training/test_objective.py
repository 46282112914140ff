"""The loss and its gradient are those of the formulas, also far from the usual."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_sample_weight

from flowercore.training.config import TrainConfig
from flowercore.training.objective import Objective, balanced_weights, log_softmax


def test_logarithms_hold_where_probabilities_would_be_zero() -> None:
    logits = np.array([[0, 1000, 2000], [1, 1, 1]], np.float32)
    np.testing.assert_allclose(
        log_softmax(logits), [[-2000, -1000, 0], [-np.log(3)] * 3], rtol=1e-6
    )


def test_balanced_weights_equal_those_of_scikit_learn() -> None:
    labels = np.repeat([0, 1, 3], [70, 25, 5])
    np.random.default_rng(0).shuffle(labels)
    weights = balanced_weights(labels)
    np.testing.assert_allclose(weights, compute_sample_weight("balanced", labels), rtol=1e-6)
    assert weights.mean() == pytest.approx(1)


def test_the_gradient_is_the_slope_of_the_loss() -> None:
    rng = np.random.default_rng(0)
    labels = np.array([0, 0, 0, 1, 1, 2])
    config = TrainConfig(data="none", label_smoothing=0.2, class_weights=True)
    objective = Objective.of(labels, 3, config, weighed=True)
    logits = rng.normal(0, 1, (6, 3))
    rows = np.array([5, 0, 3, 1, 4, 2])

    def loss(logits: np.ndarray) -> float:
        return objective.score(log_softmax(logits), rows)[0]

    gradient = objective.error(log_softmax(logits), rows)
    small = 1e-5
    for place in np.ndindex(logits.shape):
        step = np.zeros_like(logits)
        step[place] = small
        slope = (loss(logits + step) - loss(logits - step)) / (2 * small)
        assert gradient[place] == pytest.approx(slope, abs=1e-6)


def test_class_weights_hold_for_training_photos_only() -> None:
    labels, logits = np.array([0, 0, 0, 1]), np.zeros((4, 2), np.float32)
    logits[3] = 5, 0
    config = TrainConfig(data="none", class_weights=True)
    said = log_softmax(logits)
    weighed, right = Objective.of(labels, 2, config, weighed=True).score(said)
    plain, _ = Objective.of(labels, 2, config, weighed=False).score(said)
    assert right == 3
    assert weighed > plain * 1.5


def test_the_penalty_is_the_kernels_sum_of_squares() -> None:
    kernel = np.array([[1, 2], [3, 4]], np.float32)
    labels, config = np.array([0, 1]), TrainConfig(data="none", l2=0.1)
    objective = Objective.of(labels, 2, config, weighed=True)
    assert objective.penalty(kernel) == pytest.approx(0.1 * 30)
    assert Objective.of(labels, 2, TrainConfig(data="none"), weighed=True).penalty(kernel) == 0
