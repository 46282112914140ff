"""The queue of this server, which starts with its first job."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

from flowercore.errors import ConfigError, FlowercoreError, JobError
from flowercore.jobs import preparation as _preparation
from flowercore.jobs.executor import open_slots
from flowercore.jobs.exporting import ExportState
from flowercore.jobs.job_queue import JobQueue
from flowercore.jobs.preparation import Preparation
from flowercore.runs.store import Run
from flowercore.training.config import TrainConfig

_LOG = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def _queue() -> JobQueue:
    return JobQueue(open_slots())


def submit(config: TrainConfig, visitor: str) -> Run:
    """Queue a training; see `JobQueue.submit`."""
    return _queue().submit(config, visitor)


def submit_all(configs: Sequence[TrainConfig], visitor: str) -> list[Run]:
    """Queue an experiment of several trainings, all of them or none; see `JobQueue.submit_all`."""
    return _queue().submit_all(configs, visitor)


def restart(run_id: str, visitor: str) -> Run:
    """Queue a training with the settings of one that has ended; see `JobQueue.restart`."""
    return _queue().restart(run_id, visitor)


def cancel(run_id: str) -> None:
    """Stop a run; see `JobQueue.cancel`."""
    _queue().cancel(run_id)


def cancel_experiment(run_id: str) -> None:
    """Stop a run and all that belong to its experiment; see `JobQueue.cancel_experiment`."""
    _queue().cancel_experiment(run_id)


def ahead(run_id: str) -> int:
    """Return how many runs wait ahead of this one; see `JobQueue.ahead`."""
    return _queue().ahead(run_id)


def export(run_id: str) -> None:
    """Pack a run for taking home; see `JobQueue.export`."""
    _queue().export(run_id)


def exporting(run_id: str) -> ExportState:
    """Return how far the export of a run is; see `JobQueue.exporting`."""
    return _queue().exporting(run_id)


def submit_task(kind: str, arguments: Mapping[str, Any], visitor: str) -> str:
    """Queue work that is no training; see `JobQueue.submit_task`."""
    return _queue().submit_task(kind, arguments, visitor)


def cancel_task(task_id: str) -> None:
    """Stop a task; see `JobQueue.cancel_task`."""
    _queue().cancel_task(task_id)


def preparation() -> Preparation:
    """Return how far this machine's preparation is."""
    return _preparation.look()


def start_preparation() -> None:
    """Start this machine's preparation, if it needs one, and warm a worker.

    Where no worker can be had, the preparation says why: all that needs none goes on.
    """
    queue = _queue()
    try:
        queue.prepare()
        queue.warm()
    except (ConfigError, JobError) as error:
        _LOG.error("No worker could be started. %s", error)
        if preparation().state in ("missing", "failed"):
            with suppress(FlowercoreError), _preparation.Reporter() as reporter:
                reporter.step("Looking for a worker", 0, 1)
                raise error
