"""Carrying out a task in a worker, and telling how far it is."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from time import perf_counter
from typing import Any

from flowercore.errors import CancelledError, FlowercoreError
from flowercore.files import reserve
from flowercore.jobs import tasks
from flowercore.jobs.tasks import Task
from flowercore.runs import holder, store

_LOG = logging.getLogger(__name__)
# A page looks once a second; writing oftener is for nobody.
_REPORT_SECONDS = 0.2
_LOOK_SECONDS = 0.1


class TaskReporter:
    """Writes how far a task is and listens for the wish to stop.

    Args:
        task: As it stands in its folder, running.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        self._written = self._looked = float("-inf")

    def step(self, name: str, done: int = 0, total: int = 0) -> None:
        """Say what is being done and how far it is; also listens.

        Args:
            name: What is being done, in words.
            done: How far it is.
            total: Of how many; 0 while that is not known.

        Raises:
            CancelledError: If somebody asked the task to stop.
        """
        self.check()
        new = name != self.task.step
        if new or (total and done == total) or perf_counter() - self._written > _REPORT_SECONDS:
            self.task = tasks.update(self.task, step=name, done=done, total=total, durable=False)
            self._written = perf_counter()

    def counter(self, name: str) -> Callable[[int, int], None]:
        """Begin a step; return what is called with (done, total) as it goes on."""
        self.step(name)
        return lambda done, total: self.step(name, done, total)

    def check(self) -> None:
        """Raise `CancelledError` if somebody asked the task to stop."""
        if perf_counter() - self._looked > _LOOK_SECONDS:
            self._looked = perf_counter()
            if tasks.cancel_requested(self.task.id):
                raise CancelledError("You stopped it.")


TaskFunction = Callable[[dict[str, Any], TaskReporter], dict[str, Any]]
"""Does the work: takes the arguments, returns the result as JSON values; raises FlowercoreError."""


def carry_out(task_id: str, function: TaskFunction) -> None:
    """Carry out a waiting task; how it ended stands in its folder.

    Args:
        task_id: Id of the task.
        function: Does the work.

    Raises:
        NotFoundError: If there is no such task.
        StorageError: If not even the failure could be written down.
    """
    task = tasks.look(task_id)
    if task.state != "waiting":
        # It was stopped, or a scheduler that lost sight of its first worker sends it to a second.
        return
    name = holder.new_name()
    with holder.held(name):
        task = tasks.update(task, state="running", holder=name, pid=os.getpid())
        reporter = TaskReporter(task)
        state, reason, result = "finished", None, {}
        try:
            with reserve(tasks.folder(task_id)):
                reporter.check()
                result = function(dict(task.arguments), reporter)
        except CancelledError as error:
            state, reason = "stopped", str(error)
        except FlowercoreError as error:
            state, reason = "failed", str(error)
        except MemoryError:
            state, reason = "failed", "The machine ran out of memory. Try fewer photos."
        except Exception as error:
            _LOG.exception("task %s failed", task_id)
            kind = type(error).__name__
            state = "failed"
            reason = f"An error that should not happen: {kind}. The log tells more."
        tasks.update(reporter.task, state=state, reason=reason, result=result, ended=store.now())
