"""Learning-rate schedules: how the rate falls while the head is trained, as in Keras."""

from __future__ import annotations

import math

from flowercore.training.stopping import improves

PLATEAU_FACTOR = 0.5
PLATEAU_PATIENCE = 3
PLATEAU_MIN_DELTA = 1e-4


class Schedule:
    """The constant rate, and what the others share."""

    def __init__(self, learning_rate: float) -> None:
        self._learning_rate = learning_rate

    def rate(self, step: int) -> float:
        """Return the learning rate of a step; the first step of a training is 0."""
        return self._learning_rate

    def end_epoch(self, monitored: float) -> None:
        """Take note of an epoch's monitored loss."""


class CosineDecay(Schedule):
    """Half a cosine from the full rate down to 0, step by step.

    Loshchilov and Hutter 2017 (arXiv 1608.03983) without restarts, as Keras's ``CosineDecay``:
    the rate would be 0 after the last step, so that every step still moves the weights.
    """

    def __init__(self, learning_rate: float, steps: int) -> None:
        super().__init__(learning_rate)
        self._steps = steps

    def rate(self, step: int) -> float:
        """Return the learning rate of a step; the first step of a training is 0."""
        done = min(step, self._steps) / self._steps
        return self._learning_rate * 0.5 * (1 + math.cos(math.pi * done))


class ReduceOnPlateau(Schedule):
    """The rate is halved after every 3 epochs without progress, as Keras's ``ReduceLROnPlateau``.

    Progress is a monitored loss that is more than 0.0001 below the lowest one so far.
    """

    def __init__(self, learning_rate: float) -> None:
        super().__init__(learning_rate)
        self._best: float | None = None
        self._waited = 0

    def end_epoch(self, monitored: float) -> None:
        """Take note of an epoch's monitored loss; a lower rate holds from the next epoch on."""
        if improves(monitored, self._best, PLATEAU_MIN_DELTA):
            self._best, self._waited = monitored, 0
            return
        self._waited += 1
        if self._waited >= PLATEAU_PATIENCE:
            self._learning_rate *= PLATEAU_FACTOR
            self._waited = 0


def make_schedule(name: str, learning_rate: float, steps: int) -> Schedule:
    """Return a fresh schedule.

    Args:
        name: One of `config.SCHEDULES`.
        learning_rate: Rate of the first step.
        steps: Gradient steps of the whole training, over which the cosine decays.
    """
    if name == "cosine":
        return CosineDecay(learning_rate, steps)
    if name == "plateau":
        return ReduceOnPlateau(learning_rate)
    return Schedule(learning_rate)
