"""When a training has stopped getting better, and the weights that it had at its best."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flowercore.training.config import TrainConfig


def improves(monitored: float, best: float | None, min_delta: float = 0.0) -> bool:
    """Tell whether a loss is lower than the lowest one so far.

    Compared in single precision, as Keras compares: what differs in the eighth digit is equal.

    Args:
        monitored: The new loss.
        best: The lowest loss so far; None before the first epoch, which always improves.
        min_delta: By how much it must be lower.
    """
    return best is None or bool(np.float32(monitored + min_delta) < np.float32(best))


class EarlyStopping:
    """Early stopping (Prechelt 1998) as Keras's ``EarlyStopping(restore_best_weights=True)``.

    A loss that is not a number never improves; when the first one is not, none does.
    """

    def __init__(self, patience: int) -> None:
        self._patience = patience
        self._best: float | None = None
        self._waited = 0
        self._weights: list[np.ndarray] = []

    def end_epoch(self, monitored: float, weights: list[np.ndarray]) -> bool:
        """Take note of an epoch.

        Args:
            monitored: Its loss.
            weights: The arrays at its end; copied when they are the best so far.

        Returns:
            Whether there was no better epoch for as long as the patience lasts.
        """
        if improves(monitored, self._best):
            self._best, self._waited = monitored, 0
            self._weights = [w.copy() for w in weights]
            return False
        self._waited += 1
        return self._waited >= self._patience

    def restore(self, weights: list[np.ndarray]) -> None:
        """Write the best epoch's weights into the arrays, in place."""
        for w, best in zip(weights, self._weights, strict=True):
            w[...] = best


def epochs_kept(history: pd.DataFrame, phase: str, config: TrainConfig) -> int:
    """Return after how many epochs of a phase its weights were as they were kept.

    Args:
        history: A row an epoch with the columns phase, loss and val_loss.
        phase: head or tail.
        config: Whether training stopped early.

    Returns:
        0 if there was no such epoch.
    """
    table = history[history["phase"] == phase]
    if table.empty or not config.early_stopping:
        return len(table)
    watched = table["loss"] if table["val_loss"].isna().any() else table["val_loss"]
    return int(np.argmin(watched)) + 1
