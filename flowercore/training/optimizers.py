"""Optimizers: how a gradient moves the weights, in Keras's formulas and with its defaults."""

from __future__ import annotations

import math
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
        self,
        weights: list[np.ndarray],
        gradients: list[np.ndarray],
        learning_rate: float | np.ndarray,
    ) -> None:
        """Move the weights in place, one step against their gradients.

        Args:
            weights: float32 arrays, each time the same ones.
            gradients: float32 arrays of the same shapes.
            learning_rate: Step size of this step, or one for each column of the arrays.
        """
        ...


class Adam:
    """Adam (Kingma and Ba 2015, arXiv 1412.6980) with the form and the defaults of Keras.

    Kept are the moments divided by 1 - beta, so that a gradient is added as it is; what they were
    divided by goes into the rate and into epsilon, once a step. Half of a head's time was here.
    """

    def __init__(self, weights: list[np.ndarray]) -> None:
        self.iterations = 0
        self._first = [np.zeros_like(w) for w in weights]
        self._second = [np.zeros_like(w) for w in weights]
        self._spare = [np.empty_like(w) for w in weights]

    def update(
        self,
        weights: list[np.ndarray],
        gradients: list[np.ndarray],
        learning_rate: float | np.ndarray,
    ) -> None:
        """Move the weights in place, one step against their gradients."""
        self.iterations += 1
        correction = math.sqrt(1 - ADAM_BETA_2**self.iterations)
        correction /= 1 - ADAM_BETA_1**self.iterations
        scale = math.sqrt(1 - ADAM_BETA_2)
        rate = np.float32(learning_rate * correction * (1 - ADAM_BETA_1) / scale)
        epsilon = np.float32(ADAM_EPSILON / scale)
        beta_1, beta_2 = np.float32(ADAM_BETA_1), np.float32(ADAM_BETA_2)
        moments = zip(self._first, self._second, self._spare, strict=True)
        for w, g, (m, v, spare) in zip(weights, gradients, moments, strict=True):
            m *= beta_1
            m += g
            v *= beta_2
            np.multiply(g, g, out=spare)
            v += spare
            np.sqrt(v, out=spare)
            spare += epsilon
            np.divide(m, spare, out=spare)
            spare *= rate
            w -= spare


class SGD:
    """Gradient descent with momentum (Polyak 1964), the learning rate inside the velocity.

    As in Keras: velocity = momentum * velocity - rate * gradient; weight += velocity. When the
    rate falls, the steps taken before keep the weight that they had.
    """

    def __init__(self, weights: list[np.ndarray]) -> None:
        self.iterations = 0
        self._velocity = [np.zeros_like(w) for w in weights]

    def update(
        self,
        weights: list[np.ndarray],
        gradients: list[np.ndarray],
        learning_rate: float | np.ndarray,
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
