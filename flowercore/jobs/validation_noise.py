"""Measuring the noise of a few validation photos, as a task of a worker."""

from __future__ import annotations

from typing import Any

from flowercore.backbones import registry, runtime
from flowercore.data import catalog
from flowercore.jobs.task_work import TaskReporter
from flowercore.teaching import validation_noise as noise
from flowercore.training import recipes
from flowercore.training.features import dataset_features
from flowercore.training.plan import make_plan


def validation_noise(arguments: dict[str, Any], reporter: TaskReporter) -> dict[str, Any]:
    """Train the same head on many draws of the validation photos and keep what they say.

    Settings and split are those of the first training of the recipe `suspects`.

    Args:
        arguments: ``data``, the name of a dataset.
        reporter: Hears how far it is.

    Returns:
        How many photos were watched and how often.

    Raises:
        FlowercoreError: If it cannot be done.
    """
    dataset = catalog.load(str(arguments["data"]))
    config = recipes.recipe("suspects", dataset.name)[0]
    reporter.step("Getting the network ready")
    runtime.prepare(config.backbone, check=reporter.check)
    found = dataset_features(
        dataset,
        config.backbone,
        progress=reporter.counter("Looking at the photos"),
        check=reporter.check,
    )
    plan = make_plan(dataset, found.photos, config)
    rows = {photo.key: row for row, photo in enumerate(found.photos)}
    vectors = found.vectors[[rows[photo.key] for photo in plan.photos], 0]
    measured = noise.measure(
        vectors,
        plan.labels,
        plan.split,
        config,
        progress=reporter.counter("Training the same head on other draws"),
        check=reporter.check,
    )
    reporter.check()
    noise.write(dataset.identity, registry.get(config.backbone).fingerprint, measured)
    return {"watched": measured.watched, "draws": len(measured.right)}
