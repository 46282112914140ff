"""Who waits, who runs, who is next.

The run folder tells how a run is; a queue knows only what is the server's to know: the order.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from flowercore.errors import FlowercoreError, JobError, NotFoundError, StorageError
from flowercore.jobs import endings, experiments, exporting, preparation, worker
from flowercore.jobs.executor import before_exit
from flowercore.jobs.exporting import ExportState
from flowercore.jobs.recovery import Recovery
from flowercore.jobs.slots import GONE, Slot, Slots
from flowercore.runs import holder, store
from flowercore.runs.store import Run
from flowercore.settings import settings
from flowercore.training import plan
from flowercore.training.config import TrainConfig


@dataclass(frozen=True)
class _Job:
    function: Callable[..., Any]
    run_id: str

    @property
    def trains(self) -> bool:
        return self.function is worker.train

    def fail(self, reason: str) -> None:
        if self.trains:
            endings.fail(self.run_id, reason)
        else:
            exporting.failed(self.run_id, reason)


class JobQueue:
    """First come, first served, on a number of slots; safe to use from many threads.

    Args:
        slots: Where jobs run.
    """

    def __init__(self, slots: Slots) -> None:
        self._lock = threading.RLock()
        self._slots = slots
        self._waiting: deque[_Job] = deque()
        self._exporting: set[str] = set()
        self._preparing: Future[Any] | None = None
        self._recovery = Recovery(slots.ready, self._recovered)
        self._closed = False
        self._stack = ExitStack()
        self._holder = holder.new_name()
        self._stack.enter_context(holder.held(self._holder))
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
            InputError: If one cannot be trained.
            JobError: If this visitor has an active run, too many would wait, or no worker answers.
            StorageError: If the home folder cannot be written.
        """
        configs = experiments.named(configs)
        for config in configs:
            plan.check(config)
        self._slots.ready()
        with self._lock:
            self._refuse(len(configs), visitor)
            runs = experiments.new_runs(configs, visitor=visitor, held_by=self._holder)
            self._visitors.update((run.id, visitor) for run in runs)
            self._waiting.extend(_Job(worker.train, run.id) for run in runs)
            self._dispatch()
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
            self._withdraw({run_id})
        self._stop(store.get(run_id))

    def cancel_experiment(self, run_id: str) -> None:
        """Stop all active runs of the experiment that a run belongs to.

        Raises:
            NotFoundError: If there is no such run.
        """
        runs = experiments.active_with(run_id)
        with self._lock:
            # All of them first: else the end of one would let the next begin.
            self._withdraw({run.id for run in runs})
        for run in runs:
            self._stop(store.get(run.id))

    def ahead(self, run_id: str) -> int:
        """Return how many waiting runs are ahead of this one; 0 if it does not wait."""
        with self._lock:
            waiting = self._waiting_runs()
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
        self._slots.ready()
        with self._lock:
            limit = settings().limits.jobs_waiting_max
            if len(self._waiting) - len(self._waiting_runs()) >= limit:
                raise JobError(f"At most {limit} exports may wait. Received: one more.")
            if run_id not in self._exporting:
                self._exporting.add(run_id)
                self._waiting.append(_Job(worker.export, run_id))
                self._dispatch()

    def exporting(self, run_id: str) -> ExportState:
        """Return how far the export of a run is.

        Raises:
            NotFoundError: If there is no such run.
        """
        with self._lock:
            asked = run_id in self._exporting
        state = exporting.look(run_id)
        return ExportState("waiting") if asked and state.state != "running" else state

    def prepare(self) -> None:
        """Start the machine's preparation in a worker unless it runs or is done.

        Raises:
            ConfigError: If the environment names no usable workers.
            JobError: If no worker answers.
        """
        if preparation.look().state in ("running", "ready"):
            return
        self._slots.ready()
        with self._lock:
            busy = self._preparing is not None and not self._preparing.done()
            if not busy and self._slots.free:
                self._preparing = self._start(worker.prepare, None)

    def warm(self) -> None:
        """Start a worker, so that the first training finds it with its imports done.

        Raises:
            ConfigError: If the environment names no usable workers.
            JobError: If no worker answers.
        """
        self._slots.ready()
        with self._lock:
            if self._slots.free:
                self._start(worker.ping, None)

    def close(self) -> None:
        """Let all workers go; runs that end with them are seen as failed by whoever looks next."""
        with self._lock:
            self._closed = True
            self._waiting.clear()
            self._slots.close()
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
        waiting = len(self._waiting_runs())
        if waiting + max(0, count - self._slots.free) > limit:
            more = "one more" if count == 1 else f"{count} more, and {waiting} wait already"
            raise JobError(
                f"At most {limit} trainings may wait. Received: {more}. Try again when some have "
                "ended."
            )

    def _waiting_runs(self) -> list[str]:
        return [job.run_id for job in self._waiting if job.trains]

    def _withdraw(self, run_ids: set[str]) -> None:
        kept = [job for job in self._waiting if not (job.trains and job.run_id in run_ids)]
        self._waiting = deque(kept)

    def _stop(self, run: Run) -> None:
        if not run.active:
            return
        # The wish first: a worker that takes the run up at this moment finds it.
        store.request_cancel(run.id)
        if run.status == "waiting":
            reason = "Stopped before it began."
            store.update(run, status="stopped", reason=reason, finished=store.now())

    def _dispatch(self) -> None:
        while self._waiting and self._slots.free and not self._closed:
            job = self._waiting.popleft()
            try:
                self._start(job.function, job)
            except JobError:
                self._waiting.appendleft(job)
                self._recovery.begin()
                return

    def _start(self, function: Callable[..., Any], job: _Job | None) -> Future[Any]:
        slot = self._slots.take()
        try:
            future = slot.submit(function, *([job.run_id] if job else []))
        except BaseException:
            self._slots.give_back(slot)
            raise
        if slot.fresh:
            # Each new executor adds a hook that waits for its job: ours must come before the last.
            before_exit(self.close)
        future.add_done_callback(partial(self._ended, slot, job))
        return future

    def _ended(self, slot: Slot, job: _Job | None, future: Future[Any]) -> None:
        if self._closed or future.cancelled():
            return
        error = future.exception()
        with self._lock:
            try:
                if error is not None and not isinstance(error, FlowercoreError):
                    slot.replace()
                if job is not None:
                    self._close_file(job, error)
            finally:
                # Whatever became of the run's folder, the slot serves the next one.
                self._slots.give_back(slot)
                self._dispatch()

    def _close_file(self, job: _Job, error: BaseException | None) -> None:
        if error is not None:
            # Deleted by hand, or no room to write it down: whoever looks sees what is left.
            with suppress(NotFoundError, StorageError):
                job.fail(str(error) if isinstance(error, FlowercoreError) else GONE)
        if not job.trains:
            # Only now: who asks between the two must not find that nothing was asked for.
            self._exporting.discard(job.run_id)
        elif not endings.active(job.run_id):
            self._visitors.pop(job.run_id, None)

    def _recovered(self, failure: FlowercoreError | None) -> None:
        with self._lock:
            while failure is not None and self._waiting:
                self._close_file(self._waiting.popleft(), failure)
            self._dispatch()
