"""Who waits, who runs, who is next.

The run folder tells how a run is; a queue knows only what is the server's to know: the order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from typing import Any

from flowercore.errors import JobError
from flowercore.jobs import endings, experiments, exporting, preparation, task_kinds, tasks, worker
from flowercore.jobs.exporting import ExportState
from flowercore.jobs.line import Job, Line
from flowercore.jobs.slots import Slots
from flowercore.runs import holder, store
from flowercore.runs.store import Run
from flowercore.settings import settings
from flowercore.training import plan
from flowercore.training.config import TrainConfig
from flowercore.workshop import permission


class JobQueue:
    """First come, first served, on a number of slots; safe to use from many threads.

    Args:
        slots: Where jobs run.
    """

    def __init__(self, slots: Slots) -> None:
        self._line = Line(slots)
        self._lock = self._line.lock
        self._exporting: set[str] = set()
        self._preparing: Future[Any] | None = None
        self._stack = ExitStack()
        self._holder = holder.new_name()
        self._stack.enter_context(holder.held(self._holder))
        task_kinds.sweep()
        # Workers of a cluster may still be at what the server before this one asked for.
        self._visitors = {run.id: run.visitor for run in store.runs() if run.active}

    def submit_all(self, configs: Sequence[TrainConfig], visitor: str) -> list[Run]:
        """Queue an experiment of one or several trainings: all of them or none.

        Args:
            configs: What is asked for. Several without a common experiment are given one.
            visitor: Random id of who asks.

        Returns:
            A run each, waiting or already handed to a worker.

        Raises:
            InputError: If one cannot be trained, or a workshop's leader does not allow it.
            JobError: If this visitor has an active run, too many would wait, or no worker answers.
            StorageError: If the home folder cannot be written.
        """
        configs = experiments.named(configs)
        for config in configs:
            permission.require(config, visitor)
            plan.check(config)
        self._line.ready()
        with self._lock:
            self._refuse(len(configs), visitor)
            runs = experiments.new_runs(configs, visitor=visitor, held_by=self._holder)
            self._visitors.update((run.id, visitor) for run in runs)
            self._line.add(self._training(run.id) for run in runs)
        return runs

    def submit(self, config: TrainConfig, visitor: str) -> Run:
        """Queue a single training; see `submit_all`."""
        return self.submit_all([config], visitor)[0]

    def restart(self, run_id: str, visitor: str) -> Run:
        """Queue a training with the settings of one that has ended.

        Raises:
            NotFoundError: If there is no such run.
            JobError: If it is active or its settings cannot be read; see also `submit_all`.
            InputError: If it can no longer be trained.
            StorageError: If the home folder cannot be written.
        """
        return self.submit(experiments.settings_again(run_id), visitor)

    def cancel(self, run_id: str) -> None:
        """Stop a run: at once if it has not begun, else at the next batch or epoch.

        Raises:
            NotFoundError: If there is no such run.
        """
        with self._lock:
            self._line.withdraw(worker.train, {run_id})
        self._stop(store.get(run_id))

    def cancel_experiment(self, run_id: str) -> None:
        """Stop all active runs of the experiment that a run belongs to.

        Raises:
            NotFoundError: If there is no such run.
        """
        runs = experiments.active_with(run_id)
        with self._lock:
            # All of them first: else the end of one would let the next begin.
            self._line.withdraw(worker.train, {run.id for run in runs})
        for run in runs:
            self._stop(store.get(run.id))

    def ahead(self, run_id: str) -> int:
        """Return how many waiting runs are ahead of this one; 0 if it does not wait."""
        waiting = self._line.waiting(worker.train)
        return waiting.index(run_id) if run_id in waiting else 0

    def export(self, run_id: str) -> None:
        """Pack a run for taking home in a free slot, unless that is done or under way.

        Raises:
            NotFoundError: If there is no such run.
            JobError: If it has not ended, too many exports wait, or no worker answers.
        """
        exporting.check(run_id)
        if self.exporting(run_id).state in ("waiting", "running", "ready"):
            return
        self._line.ready()
        with self._lock:
            limit = settings().limits.jobs_waiting_max
            if len(self._line.waiting(worker.export)) >= limit:
                raise JobError(f"At most {limit} exports may wait. Received: one more.")
            if run_id not in self._exporting:
                self._exporting.add(run_id)
                self._line.add([self._export(run_id)])

    def exporting(self, run_id: str) -> ExportState:
        """Return how far the export of a run is.

        Raises:
            NotFoundError: If there is no such run.
        """
        with self._lock:
            asked = run_id in self._exporting
        state = exporting.look(run_id)
        return ExportState("waiting") if asked and state.state != "running" else state

    def submit_task(self, kind: str, arguments: Mapping[str, Any], visitor: str) -> str:
        """Queue a task: work for a worker that is no training.

        Args:
            kind: A name in `flowercore.jobs.task_kinds.KINDS`.
            arguments: What it is done with: text, numbers, lists and mappings of those.
            visitor: Random id of who asks.

        Returns:
            Its id, for `flowercore.jobs.tasks.look`.

        Raises:
            InputError: If it brings photos in and a workshop's leader does not allow that.
            JobError: If this visitor has an active task of that kind, too many tasks would wait,
                or no worker answers.
            StorageError: If the home folder cannot be written.
        """
        if kind in task_kinds.BRINGS_PHOTOS:
            permission.require_own_photos(visitor)
        self._line.ready()
        with self._lock:
            task_kinds.check(kind)
            tasks.refuse(kind, visitor, waiting=len(self._line.waiting(worker.task)))
            task = tasks.new(kind, arguments, visitor=visitor, held_by=self._holder)
            self._line.add([Job(worker.task, task.id, tasks.fail, task_kinds.over)])
        return task.id

    def cancel_task(self, task_id: str) -> None:
        """Stop a task: at once if it has not begun, else as soon as its worker looks.

        Raises:
            NotFoundError: If there is no such task.
        """
        self._line.withdraw(worker.task, {task_id})
        if tasks.cancel(task_id).state == "stopped":
            task_kinds.over(task_id)

    def prepare(self) -> None:
        """Start the machine's preparation in a worker unless it runs or is done.

        Raises:
            ConfigError: If the environment names no usable workers.
            JobError: If no worker answers.
        """
        if preparation.look().state in ("running", "ready"):
            return
        self._line.ready()
        with self._lock:
            busy = self._preparing is not None and not self._preparing.done()
            if not busy:
                self._preparing = self._line.start_now(worker.prepare)

    def warm(self) -> None:
        """Start a worker, so that the first training finds it with its imports done.

        Raises:
            ConfigError: If the environment names no usable workers.
            JobError: If no worker answers.
        """
        self._line.ready()
        self._line.start_now(worker.get_ready)

    def close(self) -> None:
        """Let all workers go; runs that end with them are seen as failed by whoever looks next."""
        with self._lock:
            self._line.close()
            self._stack.close()

    def _refuse(self, count: int, visitor: str) -> None:
        # The run folder knows of an end a moment before the worker's answer arrives.
        mine = [run_id for run_id, whose in self._visitors.items() if whose == visitor]
        if any(endings.active(run_id) for run_id in mine):
            raise JobError(
                "One training a visitor runs at a time, and yours is still active. "
                "Wait for its end or stop it."
            )
        limit = settings().limits.jobs_waiting_max
        waiting = len(self._line.waiting(worker.train))
        if waiting + max(0, count - self._line.free) > limit:
            more = "one more" if count == 1 else f"{count} more, and {waiting} wait already"
            raise JobError(
                f"At most {limit} trainings may wait. Received: {more}. Try again when some have "
                "ended."
            )

    def _stop(self, run: Run) -> None:
        if not run.active:
            return
        # The wish first: a worker that takes the run up at this moment finds it.
        store.request_cancel(run.id)
        if run.status == "waiting":
            reason = "Stopped before it began."
            store.update(run, status="stopped", reason=reason, finished=store.now())

    def _training(self, run_id: str) -> Job:
        return Job(worker.train, run_id, endings.fail, self._training_over)

    def _training_over(self, run_id: str) -> None:
        if not endings.active(run_id):
            self._visitors.pop(run_id, None)

    def _export(self, run_id: str) -> Job:
        # Forgotten only after the end was written down: who asks between the two must not find
        # that nothing was asked for.
        return Job(worker.export, run_id, exporting.failed, self._exporting.discard)
