"""What tests of the Evaluate page share: runs written without training, and reading."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from flowercore.data.garden import SPECIES
from flowercore.evaluation.judgement import Judgement, judgement
from flowercore.runs import results, store
from flowercore.training.config import TrainConfig


def write_run(
    home: Path, labels: list[str], *, right: float, classes: Sequence[str] = SPECIES
) -> str:
    """Write a finished run with these test photos, a share of which it names right."""
    rng = np.random.default_rng(0)
    true = np.array([list(classes).index(label) for label in labels])
    named = np.arange(len(true)) < round(right * len(true))
    said = np.where(named, true, (true + 1) % len(classes))
    values = rng.uniform(0, 0.3, (len(true), len(classes)))
    values[np.arange(len(true)), said] += 1
    values /= values.sum(axis=1, keepdims=True)
    run = store.new_run(TrainConfig(data="gone").to_dict(), visitor="", held_by="nobody")
    results.write_predictions(
        run.id,
        pd.DataFrame(
            {
                "key": [f"{label}/{number}.jpg" for number, label in enumerate(labels)],
                "sha256": [f"{number:064d}" for number in range(len(labels))],
                "split": "test",
                "label": labels,
                "predicted": [classes[one] for one in said],
                **{f"p_{name}": values[:, one] for one, name in enumerate(classes)},
            }
        ),
    )
    dataset = {"name": "gone", "classes": list(classes), "identity": "x"}
    store.update(run, status="finished", dataset=dataset, counts={"test": len(labels)})
    return run.id


def mistakes(run_id: str) -> int:
    table = results.predictions(run_id)
    test = table[table["split"] == "test"]
    return int((test["label"] != test["predicted"]).sum())


def of_test(run_id: str) -> Judgement:
    table = results.predictions(run_id)
    values = results.calibration(run_id)
    found = judgement(
        table[table["split"] == "test"], store.get(run_id).classes, values["temperature"]
    )
    assert found is not None
    return found


def figures_of(app: AppTest) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def matrix_texts(app: AppTest) -> list[str]:
    notes = figures_of(app)[0]["layout"]["annotations"]
    return [re.sub(r"<[^>]*>", "", note["text"]) for note in notes]


def links(app: AppTest) -> list:
    return list(app.get("page_link"))
