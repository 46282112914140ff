"""Optimizers: how a gradient moves the weights, in Keras's formulas and with its defaults."""

from __future__ import annotations

from typing import Protocol

import numpy as np

ADAM_BETA_1 = 0.9
ADAM_BETA_2 = 0.999
ADAM_EPSILON = 1e-7
SGD_MOMENTUM = 0.9


class Optimizer(Protocol):
    """Moves weights against their gradients, and remembers what it needs for that.

    Attributes:
        iterations: Steps taken so far.
    """

    iterations: int

    def update(
        self, weights: list[np.ndarray], gradients: list[np.ndarray], learning_rate: float
    ) -> None:
        """Move the weights in place, one step against their gradients.

        Args:
            weights: float32 arrays, each time the same ones.
            gradients: float32 arrays of the same shapes.
            learning_rate: Step size of this step.
        """
        ...


class Adam:
    """Adam (Kingma and Ba 2015, arXiv 1412.6980) in the form and with the defaults of Keras."""

    def __init__(self, weights: list[np.ndarray]) -> None:
        self.iterations = 0
        self._first = [np.zeros_like(w) for w in weights]
        self._second = [np.zeros_like(w) for w in weights]

    def update(
        self, weights: list[np.ndarray], gradients: list[np.ndarray], learning_rate: float
    ) -> None:
        """Move the weights in place, one step against their gradients."""
        self.iterations += 1
        correction = np.sqrt(1 - ADAM_BETA_2**self.iterations) / (1 - ADAM_BETA_1**self.iterations)
        rate = np.float32(learning_rate * correction)
        for w, g, m, v in zip(weights, gradients, self._first, self._second, strict=True):
            m += (g - m) * np.float32(1 - ADAM_BETA_1)
            v += (g * g - v) * np.float32(1 - ADAM_BETA_2)
            w -= rate * m / (np.sqrt(v) + np.float32(ADAM_EPSILON))


class SGD:
    """Gradient descent with momentum (Polyak 1964), the learning rate inside the velocity.

    As in Keras: velocity = momentum * velocity - rate * gradient; weight += velocity. When the
    rate falls, the steps taken before keep the weight that they had.
    """

    def __init__(self, weights: list[np.ndarray]) -> None:
        self.iterations = 0
        self._velocity = [np.zeros_like(w) for w in weights]

    def update(
        self, weights: list[np.ndarray], gradients: list[np.ndarray], learning_rate: float
    ) -> None:
        """Move the weights in place, one step against their gradients."""
        self.iterations += 1
        rate = np.float32(learning_rate)
        for w, g, v in zip(weights, gradients, self._velocity, strict=True):
            v *= np.float32(SGD_MOMENTUM)
            v -= rate * g
            w += v


_OPTIMIZERS: dict[str, type[Adam] | type[SGD]] = {"adam": Adam, "sgd": SGD}


def make_optimizer(name: str, weights: list[np.ndarray]) -> Optimizer:
    """Return a fresh optimizer.

    Args:
        name: One of `config.OPTIMIZERS`.
        weights: The float32 arrays that it will move.
    """
    return _OPTIMIZERS[name](weights)
