"""What a trained model says of every photo, written down photo by photo and as a verdict."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flowercore.data.dataset import Dataset
from flowercore.evaluation.metrics import evaluate
from flowercore.runs import results
from flowercore.training.plan import Plan


def write(run_id: str, dataset: Dataset, plan: Plan, judged: np.ndarray) -> None:
    """Write a run's predictions for all photos and its verdict on the test photos.

    Args:
        run_id: The run.
        dataset: Whose classes.
        plan: Which photo served for what.
        judged: Probabilities, shape (N, C), in the order of ``plan.photos``.
    """
    parts = np.empty(len(plan.photos), object)
    for name in ("train", "validation", "test"):
        parts[getattr(plan.split, name)] = name
    table = pd.DataFrame(
        {
            "key": [photo.key for photo in plan.photos],
            "sha256": [photo.sha256 for photo in plan.photos],
            "split": parts,
            "label": [photo.label for photo in plan.photos],
            "predicted": [dataset.classes[i] for i in judged.argmax(axis=1)],
            **{f"p_{name}": judged[:, i] for i, name in enumerate(dataset.classes)},
        }
    )
    results.write_predictions(run_id, table)
    test = plan.split.test
    if len(test):
        verdict = evaluate(plan.labels[test], judged[test], dataset.classes)
        results.write_metrics(run_id, verdict.to_dict())
