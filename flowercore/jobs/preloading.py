"""Computing what a room needs of a dataset before the first of thirty trainings asks for it."""

from __future__ import annotations

from typing import Any

from flowercore.backbones import registry, runtime
from flowercore.data import catalog
from flowercore.jobs.task_work import TaskReporter
from flowercore.training.features import dataset_features


def preload(arguments: dict[str, Any], reporter: TaskReporter) -> dict[str, Any]:
    """Compute the features of a dataset with one or several backbones.

    Args:
        arguments: ``data``, the name of a dataset of the catalog, and ``backbones``, names; the
            default one is always among them, since it tells near-duplicates.
        reporter: Hears how far it is.

    Returns:
        ``photos`` that have features now, how many of them were ``computed`` by this task, and how
        many were ``left_out`` as they cannot be read; with every backbone alike.

    Raises:
        FlowercoreError: If the dataset or the weights of a backbone are not there.
    """
    dataset = catalog.load(str(arguments["data"]))
    wanted = dict.fromkeys([registry.DEFAULT, *map(str, arguments.get("backbones", ()))])
    computed, photos, left_out = 0, 0, 0
    for name in wanted:
        title = registry.get(name).title
        runtime.prepare(name, progress=reporter.counter(f"Getting {title} ready"))
        found = dataset_features(
            dataset,
            name,
            progress=reporter.counter(f"Photos through {title}"),
            check=reporter.check,
        )
        computed += found.computed
        photos, left_out = len(found.photos), len(found.skipped)
    return {"photos": photos, "computed": computed, "left_out": left_out}
