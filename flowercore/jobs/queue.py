"""The queue of one server: who waits, who runs, who is next.

The run folder tells how a run is; this tells only what it is the server's to know: the order.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from functools import lru_cache, partial
from typing import Any

from flowercore.errors import JobError
from flowercore.jobs import preparation as _preparation
from flowercore.jobs import worker
from flowercore.jobs.executor import LocalSlot, before_exit, open_slots
from flowercore.jobs.preparation import Preparation
from flowercore.runs import holder, store
from flowercore.runs.store import Run
from flowercore.settings import settings
from flowercore.training import plan
from flowercore.training.config import TrainConfig

_GONE = (
    "The worker process is gone: it was killed, or the machine ran out of memory. Start it again."
)


class JobQueue:
    """First come, first served, on a fixed number of slots; safe to use from many threads.

    Args:
        slots: Where jobs run.
    """

    def __init__(self, slots: list[LocalSlot]) -> None:
        self._lock = threading.RLock()
        self._free = list(slots)
        self._slots = list(slots)
        self._waiting: deque[str] = deque()
        self._visitors: dict[str, str] = {}
        self._preparing: Future[Any] | None = None
        self._stack = ExitStack()
        self._holder = holder.new_name()
        self._stack.enter_context(holder.held(self._holder))

    def submit(self, config: TrainConfig, visitor: str) -> Run:
        """Queue a training.

        Args:
            config: What is asked for.
            visitor: Random id of who asks.

        Returns:
            The run, waiting or already handed to a worker.

        Raises:
            InputError: If it cannot be trained.
            JobError: If this visitor has an active run, or too many runs wait.
            StorageError: If the home folder cannot be written.
        """
        plan.check(config)
        with self._lock:
            if self._busy(visitor):
                raise JobError(
                    "One training a visitor runs at a time, and yours is still active. "
                    "Wait for its end or stop it."
                )
            limit = settings().limits.jobs_waiting_max
            if len(self._waiting) >= limit:
                raise JobError(
                    f"At most {limit} trainings may wait. Received: one more. Try again when "
                    "some have ended."
                )
            run = store.new_run(config.to_dict(), visitor=visitor, held_by=self._holder)
            self._visitors[run.id] = visitor
            self._waiting.append(run.id)
            self._dispatch()
        return run

    def cancel(self, run_id: str) -> None:
        """Stop a run: at once if it waits, at the next batch or epoch if it works.

        Raises:
            NotFoundError: If there is no such run.
        """
        with self._lock:
            if run_id in self._waiting:
                self._waiting.remove(run_id)
                self._visitors.pop(run_id, None)
                store.update(
                    store.get(run_id),
                    status="stopped",
                    reason="Stopped before it began.",
                    finished=store.now(),
                )
                return
        if store.get(run_id).active:
            store.request_cancel(run_id)

    def ahead(self, run_id: str) -> int:
        """Return how many waiting runs are ahead of this one; 0 if it does not wait."""
        with self._lock:
            return self._waiting.index(run_id) if run_id in self._waiting else 0

    def prepare(self) -> None:
        """Start the machine's preparation in a worker unless it runs or is done."""
        with self._lock:
            busy = self._preparing is not None and not self._preparing.done()
            if busy or not self._free or _preparation.look().state in ("running", "ready"):
                return
            self._preparing = self._start(self._free.pop(0), worker.prepare, None)

    def warm(self) -> None:
        """Start a worker, so that the first training finds it with its imports done."""
        with self._lock:
            if self._free:
                self._start(self._free.pop(0), worker.ping, None)

    def close(self) -> None:
        """End all workers; active runs are seen as failed by whoever looks next."""
        with self._lock:
            self._waiting.clear()
            for slot in self._slots:
                slot.replace()
            self._stack.close()

    def _busy(self, visitor: str) -> bool:
        # The run folder knows of an end a moment before the worker's answer arrives.
        mine = [run_id for run_id, whose in self._visitors.items() if whose == visitor]
        return any(store.get(run_id).active for run_id in mine)

    def _dispatch(self) -> None:
        while self._free and self._waiting:
            run_id = self._waiting.popleft()
            self._start(self._free.pop(0), worker.train, run_id)

    def _start(
        self, slot: LocalSlot, function: Callable[..., Any], run_id: str | None
    ) -> Future[Any]:
        cold = slot.cold
        future = slot.submit(function, *([run_id] if run_id else []))
        if cold:
            # Each new executor adds a hook that waits for its job: ours must come before the last.
            before_exit(self.close)
        future.add_done_callback(partial(self._ended, slot, run_id))
        return future

    def _ended(self, slot: LocalSlot, run_id: str | None, future: Future[Any]) -> None:
        if future.cancelled():
            return
        error = future.exception()
        with self._lock:
            try:
                if error is not None:
                    slot.replace()
                if run_id is not None:
                    self._visitors.pop(run_id, None)
                    run = store.get(run_id)
                    if error is not None and run.active:
                        store.update(run, status="failed", reason=_GONE, finished=store.now())
            finally:
                # Whatever became of the run's folder, the slot serves the next one.
                # The slot that ended last is the warmest.
                self._free.insert(0, slot)
                self._dispatch()


@lru_cache(maxsize=1)
def _queue() -> JobQueue:
    return JobQueue(open_slots())


def submit(config: TrainConfig, visitor: str) -> Run:
    """Queue a training with this server's queue; see `JobQueue.submit`."""
    return _queue().submit(config, visitor)


def cancel(run_id: str) -> None:
    """Stop a run; see `JobQueue.cancel`."""
    _queue().cancel(run_id)


def ahead(run_id: str) -> int:
    """Return how many runs wait ahead of this one; see `JobQueue.ahead`."""
    return _queue().ahead(run_id)


def preparation() -> Preparation:
    """Return how far this machine's preparation is."""
    return _preparation.look()


def start_preparation() -> None:
    """Start this machine's preparation, if it needs one, and warm a worker."""
    queue = _queue()
    queue.prepare()
    queue.warm()
