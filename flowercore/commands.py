"""The commands that look, compare and ask. Each returns what ``--json`` prints."""

from __future__ import annotations

import sys
from argparse import Namespace
from dataclasses import asdict
from typing import Any

import pandas as pd

from flowercore.data import catalog
from flowercore.data.names import shown
from flowercore.errors import (
    ConfigError,
    FlowercoreError,
    InputError,
    JobError,
    NotFoundError,
    StorageError,
)
from flowercore.evaluation import compare as comparison
from flowercore.evaluation.class_mapping import given_as, renamed
from flowercore.evaluation.judgement import judgement
from flowercore.evaluation.ledger import ledger
from flowercore.evaluation.robustness import kept
from flowercore.jobs import assessment, robustness
from flowercore.runs import results, store
from flowercore.runs.store import Run
from flowercore.terminal import Steps


def evaluate(arguments: Namespace) -> dict[str, Any]:
    """Measure a run on its test photos, also spoilt ones, or on another dataset."""
    run = store.get(arguments.run)
    if arguments.data is not None and arguments.robustness:
        raise ConfigError(
            "--robustness is measured on the run's own test photos. Received: --data as well. "
            "Leave one of them out."
        )
    if arguments.data is not None:
        return _evaluated_on(run, arguments)
    if arguments.map or arguments.leave_out_twins:
        raise ConfigError(
            "--map and --leave-out-twins are for the photos of another dataset. Received: no "
            "--data. Name the dataset with --data."
        )
    verdict = results.metrics(run.id)
    if not verdict:
        reason = (
            "it was trained on all photos (test split 0). Name a dataset with --data."
            if run.status == "finished"
            else f"its status is {run.status}."
        )
        raise NotFoundError(f"Run {run.id} has no test photos: {reason}")
    table = results.predictions(run.id)
    verdict |= _calibrated(run, table[table["split"] == "test"])
    return verdict | ({"robustness": _robustness(run)} if arguments.robustness else {})


def _calibrated(run: Run, table: pd.DataFrame) -> dict[str, Any]:
    """Return the run's temperature, and the loss of what Predict says with it.

    The other numbers are those of the probabilities as trained; but for the loss they are the same.
    """
    temperature = float(results.calibration(run.id).get("temperature", 1))
    found = judgement(table, run.classes, temperature)
    loss = None if found is None else found.evaluation.loss
    return {"temperature": temperature, "calibrated_loss": loss}


def _robustness(run: Run) -> dict[str, Any]:
    """Return what the run can bear: as it was measured before, or measured now and kept."""
    try:
        found = kept(run.id)
    except StorageError as error:
        print(error, file=sys.stderr)
        found = None
    if found is None:
        with Steps() as steps:
            found = robustness.measure(run.id, progress=steps.count)
        robustness.keep(run.id, found)
    if found.missing or found.unreadable:
        print(
            f"left out: {found.missing + found.unreadable:,} test photos that are gone, changed "
            "or not readable.",
            file=sys.stderr,
        )
    return found.numbers()


def _evaluated_on(run: Run, arguments: Namespace) -> dict[str, Any]:
    given = catalog.load(arguments.data).classes
    mapping = dict(given_as(text, given) for text in arguments.map)
    with Steps() as steps:
        found = assessment.on_dataset(run.id, arguments.data, mapping, progress=steps.count)
    assessment.keep(run.id, arguments.data, found)
    facts = found.facts
    verdict = found.evaluation(leave_out_twins=arguments.leave_out_twins)
    guessed = {name: to for name, to in renamed(facts.mapping).items() if name not in mapping}
    notes = [f"'{shown(name)}' is taken for '{shown(to)}'." for name, to in guessed.items()]
    notes += facts.notes
    for note in notes:
        print(note, file=sys.stderr)
    for one in facts.unreadable:
        print(f"left out: {one['name']}: {one['reason']}", file=sys.stderr)
    table = found.table
    if arguments.leave_out_twins:
        table = table[table["twin"] == ""]
    return verdict.to_dict() | {
        **_calibrated(run, table),
        "data": facts.data,
        "mapping": facts.mapping,
        "twins": {
            "exact": facts.exact,
            "near": facts.near,
            "left_out": facts.twins if arguments.leave_out_twins else 0,
        },
        "unreadable": facts.unreadable,
        "notes": notes,
    }


def runs(arguments: Namespace) -> list[dict[str, Any]]:
    """List all runs, the newest first."""
    found = store.runs()
    return [
        {**asdict(row), "backbone": run.config.get("backbone")}
        for run, row in zip(found, ledger(found), strict=True)
    ]


def compare(arguments: Namespace) -> dict[str, Any]:
    """Say whether one of two runs is better on the test photos that both have."""
    return comparison.compare(arguments.run_a, arguments.run_b).to_dict()


def cancel(arguments: Namespace) -> dict[str, Any]:
    """Ask a run to stop at its next epoch or batch of features."""
    run = store.get(arguments.run)
    if not run.active:
        raise JobError(f"A run must be active to be stopped. Received: one that is {run.status}.")
    store.request_cancel(run.id)
    return {"run": run.id, "status": "stopping"}


def exit_status(error: FlowercoreError) -> int:
    """Return 2 for what the caller gave, 1 for what happened here."""
    return 2 if isinstance(error, InputError) else 1
