"""Which kinds of tasks there are, and what is cleared away after them.

A kind is a function in a module of its own that takes the task's arguments and a
`flowercore.jobs.task_work.TaskReporter`, and returns what came of it as JSON values.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flowercore.data import drafts
from flowercore.errors import JobError, NotFoundError, StorageError
from flowercore.jobs import (
    assessment,
    auditing,
    calibrating,
    importing,
    learning_curve,
    packing,
    preloading,
    robustness,
    tasks,
    timing,
    uploads,
    validation_noise,
)
from flowercore.jobs.task_work import TaskFunction, carry_out

KINDS: dict[str, TaskFunction] = {
    "audit": auditing.audit_dataset,
    "calibrate": calibrating.calibrate,
    "evaluate": assessment.evaluate,
    "import": importing.import_upload,
    "download": importing.download,
    "pack": packing.pack,
    "preload": preloading.preload,
    "robustness": robustness.robustness,
    "learning-curve": learning_curve.learning_curve,
    "validation-noise": validation_noise.validation_noise,
    "timing": timing.measure,
}

BRINGS_PHOTOS = ("import", "download")
"""What a workshop's leader can switch off for the room."""

AFTERWARDS: dict[str, Callable[[dict[str, Any]], None]] = {
    "import": uploads.forget,
}
"""What is done with the arguments after the end, also if the worker was killed."""


def check(kind: str) -> None:
    """Refuse a kind that there is not.

    Raises:
        JobError: If it is unknown.
    """
    if kind not in KINDS:
        raise JobError(f"A task must be one of {', '.join(sorted(KINDS))}. Received: {kind!r}.")


def work(task_id: str) -> None:
    """Carry out a waiting task; see `flowercore.jobs.task_work.carry_out`."""
    carry_out(task_id, KINDS[tasks.look(task_id).kind])
    over(task_id)


def over(task_id: str) -> None:
    """Clear away what an ended task needed; twice is the same as once."""
    with suppress(NotFoundError, StorageError):
        task = tasks.look(task_id)
        if not task.active and task.kind in AFTERWARDS:
            AFTERWARDS[task.kind](task.arguments)


def sweep() -> None:
    """Clear away what servers and workers that are gone have left."""
    packing.sweep()
    drafts.sweep()
    needed = set()
    for task in tasks.everything():
        over(task.id)
        if task.active:
            needed.add(str(task.arguments.get("upload")))
    uploads.sweep(needed)
