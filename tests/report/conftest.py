"""A run with mistakes whose photos are there, written without training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from flowercore.data import catalog
from flowercore.data.dataset import Dataset
from flowercore.evaluation.judgement import Judgement, judgement
from flowercore.runs import results, store
from flowercore.runs.store import Run
from flowercore.training.config import TrainConfig

NAMES = {"daisy": "daisy", "dandelion": "<b>dandelion</b> & co", "rose": "rose"}


@dataclass(frozen=True)
class Case:
    run: Run
    data: Dataset
    judged: Judgement


def case(run: Run, data: Dataset, temperature: float = 1.0) -> Case:
    table = results.predictions(run.id)
    found = judgement(table[table["split"] == "test"], run.classes, temperature)
    assert found is not None
    return Case(run, data, found)


@pytest.fixture
def made(home: Path, tiny_dataset: Callable[..., Path]) -> Case:
    root = tiny_dataset(classes=3, per_class=6)
    (root / "dandelion").rename(root / NAMES["dandelion"].replace("/", ""))
    data = catalog.load(str(root))
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (len(data.photos), 3))
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    table = pd.DataFrame(
        {
            "key": [photo.key for photo in data.photos],
            "sha256": [photo.sha256 for photo in data.photos],
            "split": "test",
            "label": [photo.label for photo in data.photos],
            "predicted": [data.classes[one] for one in probabilities.argmax(axis=1)],
            **{f"p_{name}": probabilities[:, one] for one, name in enumerate(data.classes)},
        }
    )
    config = TrainConfig(data=str(root), name="<i>My</i> run")
    run = store.new_run(config.to_dict(), visitor="v1", held_by="nobody")
    run = store.update(
        run,
        status="finished",
        dataset={"name": data.name, "identity": data.identity, "classes": list(data.classes)},
        counts={"train": 9, "validation": 0, "test": 18},
    )
    results.write_predictions(run.id, table)
    return case(run, data)
