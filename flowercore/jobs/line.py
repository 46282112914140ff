"""The line of jobs in front of the slots: first come, first served, whatever they do."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from flowercore.errors import FlowercoreError, JobError, NotFoundError, StorageError
from flowercore.jobs.executor import before_exit
from flowercore.jobs.recovery import Recovery
from flowercore.jobs.slots import GONE, Slot, Slots

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """One thing for a worker to do.

    Attributes:
        function: A function of `flowercore.jobs.worker` that takes the id.
        id: What it is done with: a run or a task.
        fail: Writes down why it failed; called with id and reason.
        over: Called with the id after the end, whatever that was.
    """

    function: Callable[..., Any]
    id: str
    fail: Callable[[str, str], None]
    over: Callable[[str], None]


class Line:
    """Hands jobs to free slots in the order in which they came.

    Args:
        slots: Where jobs run.

    Attributes:
        lock: Guards all that is here; whoever looks and then acts holds it meanwhile.
    """

    def __init__(self, slots: Slots) -> None:
        self.lock = threading.RLock()
        self._slots = slots
        self._waiting: deque[Job] = deque()
        self._recovery = Recovery(slots.ready, self._recovered)
        self._closed = False

    @property
    def free(self) -> int:
        """How many slots could take a job now."""
        return self._slots.free

    def ready(self) -> None:
        """Make sure that jobs can be started; see `flowercore.jobs.slots.Slots.ready`."""
        self._slots.ready()

    def waiting(self, function: Callable[..., Any]) -> list[str]:
        """Return the ids of the jobs of one function that no worker has begun, in their order."""
        with self.lock:
            return [job.id for job in self._waiting if job.function is function]

    def add(self, jobs: Iterable[Job]) -> None:
        """Put jobs at the end and start what can be started."""
        with self.lock:
            self._waiting.extend(jobs)
            self._dispatch()

    def withdraw(self, function: Callable[..., Any], ids: set[str]) -> None:
        """Take jobs that no worker has begun out of the line."""
        with self.lock:
            kept = [j for j in self._waiting if not (j.function is function and j.id in ids)]
            self._waiting = deque(kept)

    def start_now(self, function: Callable[..., Any]) -> Future[Any] | None:
        """Start a function without arguments past the line if a slot is free.

        Raises:
            JobError: If no worker can be started or reached at the moment.
        """
        with self.lock:
            return self._start(function, None) if self._slots.free else None

    def close(self) -> None:
        """Let all workers go and forget who waits."""
        with self.lock:
            self._closed = True
            self._waiting.clear()
            self._slots.close()

    def _dispatch(self) -> None:
        while self._waiting and self._slots.free and not self._closed:
            job = self._waiting.popleft()
            try:
                self._start(job.function, job)
            except JobError:
                self._waiting.appendleft(job)
                self._recovery.begin()
                return

    def _start(self, function: Callable[..., Any], job: Job | None) -> Future[Any]:
        slot = self._slots.take()
        try:
            future = slot.submit(function, *([job.id] if job else []))
        except BaseException:
            self._slots.give_back(slot)
            raise
        if slot.fresh:
            # Each new executor adds a hook that waits for its job: ours must come before the last.
            before_exit(self.close)
        future.add_done_callback(partial(self._ended, slot, job))
        return future

    def _ended(self, slot: Slot, job: Job | None, future: Future[Any]) -> None:
        if self._closed or future.cancelled():
            return
        error = future.exception()
        with self.lock:
            try:
                if error is not None and not isinstance(error, FlowercoreError):
                    slot.replace()
                if job is not None:
                    self._close_file(job, error)
            finally:
                # Whatever became of the run's folder, the slot serves the next one.
                self._slots.give_back(slot)
                self._dispatch()

    def _close_file(self, job: Job, error: BaseException | None) -> None:
        if error is not None:
            if not isinstance(error, FlowercoreError):
                _LOG.error("The worker of %s is gone.", job.id, exc_info=error)
            # Deleted by hand, or no room to write it down: whoever looks sees what is left.
            with suppress(NotFoundError, StorageError):
                job.fail(job.id, str(error) if isinstance(error, FlowercoreError) else GONE)
        job.over(job.id)

    def _recovered(self, failure: FlowercoreError | None) -> None:
        with self.lock:
            while failure is not None and self._waiting:
                self._close_file(self._waiting.popleft(), failure)
            self._dispatch()
