"""Runs that belong together, and runs that are made from runs."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Sequence
from dataclasses import replace

from flowercore.errors import JobError, StorageError
from flowercore.runs import store
from flowercore.runs.store import Run
from flowercore.training.config import TrainConfig


def named(configs: Sequence[TrainConfig]) -> list[TrainConfig]:
    """Return settings that share an experiment if they are several; they keep the one they have."""
    if len(configs) < 2 or all(config.experiment for config in configs):
        return list(configs)
    name = secrets.token_hex(4)
    return [replace(config, experiment=name) for config in configs]


def new_runs(configs: Sequence[TrainConfig], *, visitor: str, held_by: str) -> list[Run]:
    """Make a run folder for each of several trainings, or none.

    Args:
        configs: Settings.
        visitor: Random id of who asks.
        held_by: Holder that is responsible until workers take over.

    Raises:
        StorageError: If the home folder cannot be written.
    """
    runs: list[Run] = []
    try:
        for config in configs:
            runs.append(store.new_run(config.to_dict(), visitor=visitor, held_by=held_by))
    except StorageError:
        for run in runs:
            shutil.rmtree(store.folder(run.id), ignore_errors=True)
        raise
    return runs


def settings_again(run_id: str) -> TrainConfig:
    """Return the settings of a run that has ended, to start it again.

    Raises:
        NotFoundError: If there is no such run.
        JobError: If it is active, or its settings cannot be read.
    """
    run = store.get(run_id)
    if run.active:
        raise JobError("A run must have ended before it is started again. Stop it first.")
    try:
        return TrainConfig.from_dict(run.config)
    except (TypeError, AttributeError) as error:
        raise JobError(
            "A run's settings must be readable to start it again, and those of this one are "
            "damaged. Start a new training."
        ) from error


def active_with(run_id: str) -> list[Run]:
    """Return all active runs of the experiment of a run, which may be that run alone.

    Raises:
        NotFoundError: If there is no such run.
    """
    run = store.get(run_id)
    name = run.config.get("experiment")
    if not name:
        return [run] if run.active else []
    return [one for one in store.runs() if one.active and one.config.get("experiment") == name]
