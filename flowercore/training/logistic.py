"""Logistic regression on more features than photos: the lowest point, not 25 epochs of the way."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from flowercore.training.config import TrainConfig
from flowercore.training.head import Head
from flowercore.training.objective import Objective, log_softmax
from flowercore.training.one_core import on_one_core

_ITERATIONS = 500


@on_one_core
def fit(
    features: np.ndarray,
    labels: np.ndarray,
    classes: int,
    config: TrainConfig,
    *,
    penalty: float,
    check: Callable[[], None],
) -> Head:
    """Find the softmax head of the lowest penalised loss, by L-BFGS from zero.

    What is lowered is the sum of the photos' losses and half of ``penalty`` times the kernel's sum
    of squares, as in scikit-learn's ``LogisticRegression`` with C = 1 / ``penalty``. Source of the
    method: D. Liu and J. Nocedal, "On the limited memory BFGS method for large scale optimization"
    (1989).

    Args:
        features: float32, shape (N, D).
        labels: int, shape (N,).
        classes: Number of classes C.
        config: Label smoothing and class weights.
        penalty: Above zero.
        check: Called after every iteration; raises to stop.

    Returns:
        The head that takes D features.
    """
    from scipy.optimize import minimize

    aim = Objective.of(labels, classes, config, weighed=True)
    count, dimension = features.shape
    everything = np.arange(count)
    share = penalty / count

    def slope(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        kernel, bias = _parts(parameters, dimension, classes)
        logarithms = log_softmax(features @ kernel.astype(np.float32) + bias.astype(np.float32))
        loss, _ = aim.score(logarithms)
        error = aim.error(logarithms, everything)
        down = np.vstack([features.T @ error, error.sum(axis=0)]).astype(np.float64)
        down[:-1] += share * kernel
        return loss + share * float(np.vdot(kernel, kernel)) / 2, down.ravel()

    found = minimize(
        slope,
        np.zeros((dimension + 1) * classes),
        jac=True,
        method="L-BFGS-B",
        callback=lambda _: check(),
        # The loss is summed in single precision: what is smaller than that is noise.
        options={"maxiter": _ITERATIONS, "ftol": 1e-7, "gtol": 1e-6},
    )
    kernel, bias = _parts(found.x, dimension, classes)
    return Head(kernel.astype(np.float32), bias.astype(np.float32))


def _parts(parameters: np.ndarray, dimension: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    both = parameters.reshape(dimension + 1, classes)
    return both[:-1], both[-1]
