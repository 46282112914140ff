"""All numbers of an evaluation as plain values, for ``metrics.json`` and the report."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from flowercore.errors import FlowercoreError
from flowercore.evaluation.calibration import Calibration, calibration_error, reliability
from flowercore.evaluation.coverage import answered
from flowercore.evaluation.judgement import Judgement
from flowercore.evaluation.metrics import photo_losses
from flowercore.evaluation.robustness import Robustness, kept
from flowercore.runs.store import Run

_THRESHOLDS = 20


def numbers(
    run: Run, judged: Judgement, calibration: Calibration | None, *, photos: str = ""
) -> dict[str, Any]:
    """Gather what is known of a run on some photos.

    Args:
        run: The run.
        judged: What it says of them.
        calibration: What is known of its probabilities; None if that was not looked into.
        photos: Name of the dataset they come from; empty for the run's own test photos.

    Returns:
        Values for JSON: those of `flowercore.evaluation.metrics.Evaluation.to_dict`, and beside
        them run, photos, ranking, calibration, coverage, mistakes and robustness, None where that
        was not measured. Nothing in it names a folder of this machine or who started the run.
    """
    borne = robustness(run)
    return {
        "run": {
            "id": run.id,
            "name": run.title,
            "status": run.status,
            "created": run.created,
            "data": str(run.dataset.get("name", "")),
            "data_identity": str(run.dataset.get("identity", "")),
            "split_identity": run.split_identity,
            "backbone": run.config.get("backbone"),
            "versions": run.versions,
        },
        "photos": photos or "its own test photos",
        **judged.evaluation.to_dict(),
        "ranking": _ranking(judged),
        "calibration": _calibration(judged, calibration),
        "coverage": _coverage(judged),
        "mistakes": _mistakes(judged),
        "robustness": None if borne is None else borne.numbers(),
    }


def robustness(run: Run) -> Robustness | None:
    """Return what a run was found to bear on its own test photos, or None."""
    try:
        return kept(run.id)
    except FlowercoreError:  # a damaged file: the page says so, and all else is worth a report
        return None


def _ranking(judged: Judgement) -> dict[str, Any]:
    """Return the areas of each class that has any; a class without photos has none."""
    found = {}
    for name in judged.classes:
        one = judged.ranking(name)
        if one is not None:
            found[name] = {
                "roc_area": one.roc.area,
                "roc_area_interval": list(one.roc.interval),
                "average_precision": one.precision_recall.area,
                "average_precision_interval": list(one.precision_recall.interval),
            }
    return found


def _calibration(judged: Judgement, calibration: Calibration | None) -> dict[str, Any]:
    bins = reliability(judged.true, judged.probabilities)
    before = reliability(judged.true, judged.raw)
    return {
        **asdict(calibration or Calibration(reason="It was not looked into.")),
        "error": calibration_error(bins),
        "error_as_trained": calibration_error(before),
        "loss_as_trained": float(photo_losses(judged.true, judged.raw).mean()),
        "bins": [asdict(one) for one in bins],
    }


def _coverage(judged: Judgement) -> list[dict[str, Any]]:
    steps = np.linspace(0, 1, _THRESHOLDS + 1).tolist()
    curve = [answered(judged.true, judged.probabilities, round(step, 2)) for step in steps]
    return [
        {"threshold": one.threshold, "coverage": one.coverage, "accuracy": one.accuracy}
        for one in curve
    ]


def _mistakes(judged: Judgement) -> list[dict[str, Any]]:
    wrong = judged.photos[~judged.right].sort_values("probability", ascending=False, kind="stable")
    return [
        {
            "photo": str(row["key"]),
            "true": str(row["label"]),
            "predicted": str(row["predicted"]),
            "probability": float(row["probability"]),
        }
        for row in wrong.to_dict("records")
    ]
