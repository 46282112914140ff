"""Predictors in memory: one for all who ask at once, and never one that is out of date."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from flowercore.errors import NotFoundError
from flowercore.prediction import loaded
from flowercore.runs import results, store
from tests.pages.trained_home import run_id, trained

__all__ = ["run_id", "trained"]


def test_all_who_ask_at_the_same_time_get_the_same_one(run_id: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(loaded.predictor, [run_id] * 16))
    assert len({id(one) for one in found}) == 1


def test_after_a_calibration_it_is_another(run_id: str) -> None:
    before = loaded.predictor(run_id)
    values = results.calibration(run_id)
    results.write_calibration(run_id, {**values, "fitted": 2.5, "temperature": 2.5})
    assert loaded.predictor(run_id) is not before


def test_a_run_that_is_gone_is_gone_here_too(run_id: str, home: Path) -> None:
    loaded.predictor(run_id)
    store.delete(run_id)
    with pytest.raises(NotFoundError):
        loaded.predictor(run_id)
