"""The command that writes what a run is worth as files. Returns what ``--json`` prints."""

from __future__ import annotations

import json
from argparse import Namespace
from dataclasses import fields
from pathlib import Path
from typing import Any

from flowercore.data import catalog
from flowercore.data.dataset import Dataset
from flowercore.data.names import shown
from flowercore.errors import ConfigError, FlowercoreError, NotFoundError, StorageError
from flowercore.evaluation.calibration import Calibration
from flowercore.evaluation.judgement import Judgement, judgement
from flowercore.runs import assessments, results, store
from flowercore.runs.store import Run

METRICS = "metrics.json"
"""What the numbers are called, in the folder of the report."""


def report(arguments: Namespace) -> dict[str, Any]:
    """Write a run's report, and its numbers beside it."""
    # Plotly takes a moment to import, for which no other command should wait.
    from flowercore.report.html import report as written
    from flowercore.report.numbers import numbers

    run = store.get(arguments.run)
    if run.status == "damaged":
        raise StorageError(run.reason)
    values = results.calibration(run.id)
    known = {one.name for one in fields(Calibration)}
    calibration = Calibration(**{k: v for k, v in values.items() if k in known}) if values else None
    name = arguments.data or ""
    judged = _judged(run, name, calibration.temperature if calibration else 1.0)
    output = Path(arguments.output)
    if output.suffix.lower() not in (".html", ".htm"):
        raise ConfigError(
            "The report is an HTML file: its name must end in .html. "
            f"Received: '{shown(arguments.output)}'."
        )
    found = numbers(run, judged, calibration, photos=name)
    page = written(run, judged, calibration, photos=name, data=_dataset(run, name))
    _write(output, page)
    _write(output.with_name(METRICS), json.dumps(found, indent=1, ensure_ascii=False))
    if arguments.json:
        return found
    return {
        "report": str(output),
        "numbers": str(output.with_name(METRICS)),
        "accuracy": found["accuracy"],
        "accuracy_interval": found["accuracy_interval"],
    }


def _judged(run: Run, name: str, temperature: float) -> Judgement:
    if name:
        table = assessments.table(run.id, name)
    else:
        table = results.predictions(run.id)
        table = table[table["split"] == "test"]
    found = judgement(table, run.classes, temperature)
    if found is None:
        raise NotFoundError(
            "A report needs photos that the run was judged on. Received: a run without test "
            f"photos. Evaluate it on a dataset first: evaluate {run.id} --data NAME, then add the "
            "same --data here."
        )
    return found


def _dataset(run: Run, name: str) -> Dataset | None:
    try:
        return catalog.load(name or run.config["data"])
    except FlowercoreError:  # deleted or renamed since: the report goes without its photos
        return None


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise ConfigError(
            "The output must be a file that can be written. Received: "
            f"'{shown(str(path))}': {(error.strerror or 'refused').lower()}."
        ) from error
