"""What a run says of photos whose class is known, as the Evaluate page needs it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import pandas as pd
import streamlit as st

from flowercore.errors import NotFoundError
from flowercore.evaluation.calibration import Calibration
from flowercore.evaluation.judgement import Judgement, judgement
from flowercore.runs import results
from flowercore.runs.store import Run

_KNOWN = {one.name for one in fields(Calibration)}


@dataclass(frozen=True, eq=False)
class Judged:
    """A run on the photos that it is looked at by.

    Attributes:
        run: The run.
        on: Name of the dataset that they come from; empty for the run's own test photos.
        judgement: What it says of them.
        calibration: What is known of its probabilities; None if that was not looked into.
    """

    run: Run
    on: str
    judgement: Judgement
    calibration: Calibration | None

    @property
    def key(self) -> str:
        """Tells what is drawn of it from what is drawn of others."""
        return f"{self.run.id}_{self.on}"


def calibration(run_id: str) -> Calibration | None:
    """Return what is known of how far a run's probabilities can be trusted, or None.

    Raises:
        StorageError: If its file is damaged.
    """
    values: dict[str, Any] = results.calibration(run_id)
    if not values:
        return None
    return Calibration(**{name: value for name, value in values.items() if name in _KNOWN})


def on_test_photos(run: Run) -> Judged | None:
    """Return a run on its own test photos, or None if it kept none aside or did not get to them.

    Raises:
        StorageError: If its files are damaged.
    """
    results.metrics(run.id)  # what other pages say of this run is damaged: so it is called here
    return _judged(run, "", None)


def on_table(run: Run, name: str, table: pd.DataFrame) -> Judged | None:
    """Return a run on photos of a dataset, or None if there are none.

    Args:
        run: The run.
        name: Name of the dataset.
        table: What the run said of them; see `flowercore.evaluation.judgement.judgement`.

    Raises:
        StorageError: If its files are damaged.
    """
    return _judged(run, name, table)


def _judged(run: Run, name: str, table: pd.DataFrame | None) -> Judged | None:
    known = calibration(run.id)
    temperature = known.temperature if known else 1.0
    found = (
        _own(run.id, run.classes, temperature)
        if table is None
        else judgement(table, run.classes, temperature)
    )
    return None if found is None else Judged(run, name, found, known)


@st.cache_resource(ttl="1h", max_entries=20, show_spinner=False)
def _own(run_id: str, classes: tuple[str, ...], temperature: float) -> Judgement | None:
    try:
        table = results.predictions(run_id)
    except NotFoundError:  # stopped before its test
        return None
    return judgement(table[table["split"] == "test"], classes, temperature)
