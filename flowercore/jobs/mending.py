"""Training again on mended photos, so that before and after can be compared."""

from __future__ import annotations

from dataclasses import replace

from flowercore.data import catalog
from flowercore.errors import JobError
from flowercore.jobs import experiments
from flowercore.runs import store
from flowercore.training.config import TrainConfig

_SUFFIX = "mended"


def retraining(run_id: str, data: str | None = None) -> TrainConfig:
    """Return the settings of a run for its dataset as it is now, with the same test photos.

    Args:
        run_id: A run that has ended.
        data: Another dataset with photos of that run, such as a mended copy; None for its own.

    Raises:
        NotFoundError: If the run or its dataset is gone.
        JobError: If it is active, damaged, did not finish, or nothing changed since.
    """
    config = experiments.settings_again(run_id)
    run = store.get(run_id)
    data = data or config.data
    if catalog.load(data).identity == run.dataset.get("identity"):
        raise JobError(
            "Retraining needs photos that changed since the run. Received: a dataset that is as "
            "the run saw it. Relabel or exclude a photo first."
        )
    name = run.given_name or str(run.dataset.get("name", "Photos"))
    return replace(
        config,
        data=data,
        split_from=run_id,
        name=f"{name[:90]}, {_SUFFIX}",
        recipe="",
        experiment="",
    )
