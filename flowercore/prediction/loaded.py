"""Predictors that are in memory, a few at a time: pages and programs ask the same ones."""

from __future__ import annotations

import threading
from functools import lru_cache
from pathlib import Path

from flowercore.prediction.predictor import Predictor
from flowercore.runs import results, starter
from flowercore.settings import settings

# Each holds a head, and where its network's end was trained interpreters of 25 MB.
_KEPT = 4
_one_loads = threading.Lock()


def predictor(run_id: str) -> Predictor:
    """Return what answers with a run's head; loaded once for all who ask at the same time.

    Args:
        run_id: A run that has ended with a trained head.

    Raises:
        NotFoundError: If there is no such run, or it has no head (yet).
        StorageError: If its files are damaged or the backbone is not prepared.
    """
    version = starter.version() if run_id == starter.NAME else ""
    temperature = results.calibration(run_id).get("temperature")
    with _one_loads:
        return _predictor(settings().home, run_id, version, temperature)


@lru_cache(maxsize=_KEPT)
def _predictor(home: Path, run_id: str, version: str, temperature: float | None) -> Predictor:
    # The other arguments tell a predictor that is out of date from one that is not.
    return Predictor.for_run(run_id)
