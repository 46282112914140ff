"""Computing a learning curve from cached features, as a task of a worker."""

from __future__ import annotations

from typing import Any

import numpy as np

from flowercore.backbones import registry, runtime
from flowercore.data import catalog
from flowercore.data.dataset import Dataset
from flowercore.jobs.task_work import TaskReporter
from flowercore.teaching import learning_curve as curves
from flowercore.teaching.learning_curve import LearningCurve, Line
from flowercore.training.config import TrainConfig
from flowercore.training.features import dataset_features
from flowercore.training.plan import make_plan
from flowercore.training.recipes import UNTRAINED
from flowercore.training.twin_groups import twin_groups


def learning_curve(arguments: dict[str, Any], reporter: TaskReporter) -> dict[str, Any]:
    """Compute the learning curve of a dataset and keep it, as a task of a worker.

    Args:
        arguments: ``data``, the name of a dataset.
        reporter: Hears how far it is.

    Returns:
        How many photos there were, and how many could not be read.

    Raises:
        FlowercoreError: If it cannot be done.
    """
    dataset = catalog.load(str(arguments["data"]))
    reporter.step("Looking for twins")
    twins = twin_groups(
        dataset, progress=reporter.counter("Looking for twins"), check=reporter.check
    )
    lines: list[Line] = []
    for name, words in ((registry.DEFAULT, "with"), (UNTRAINED, "without")):
        vectors, labels, groups = _seen(dataset, name, words, twins, reporter)
        draws = curves.drawn(labels, groups)
        line = curves.line(
            name,
            vectors,
            labels,
            draws,
            progress=reporter.counter(f"Training heads {words} pretraining"),
            check=reporter.check,
        )
        lines.append(line)
    found = LearningCurve(
        classes=len(dataset.classes),
        photos=len(labels),
        tested=min(len(draw.test) for draw in draws),
        sizes=curves.sizes_for(draws),
        lines=tuple(lines),
    )
    reporter.check()
    curves.write(dataset.identity, registry.get(registry.DEFAULT).fingerprint, found)
    return {"photos": len(labels), "skipped": len(dataset.photos) - len(labels)}


def _seen(
    dataset: Dataset, backbone: str, words: str, twins: dict[str, str], reporter: TaskReporter
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return features, labels and groups of the photos that can be learned from."""
    reporter.step(f"Getting the network {words} pretraining ready")
    runtime.prepare(backbone, check=reporter.check)
    found = dataset_features(
        dataset,
        backbone,
        progress=reporter.counter(f"Looking at the photos {words} pretraining"),
        check=reporter.check,
    )
    # Refuses what a training would refuse, and leaves out photos that lie in two classes.
    plan = make_plan(dataset, found.photos, TrainConfig(data=dataset.name), twins)
    rows = {photo.key: row for row, photo in enumerate(found.photos)}
    vectors = found.vectors[[rows[photo.key] for photo in plan.photos], 0]
    groups = [twins.get(photo.sha256, photo.sha256) for photo in plan.photos]
    return vectors, plan.labels, groups
