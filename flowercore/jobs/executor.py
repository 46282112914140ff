"""Slots of this machine: each runs one job at a time in a worker process of its own.

A killed worker breaks its whole executor, so no two slots share one. A worker stays for the next
job, which then needs no imports; one that died is replaced.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from flowercore.errors import JobError
from flowercore.jobs import low_priority
from flowercore.jobs.dask_slots import DaskSlots
from flowercore.jobs.slots import Slot, Slots
from flowercore.settings import settings

_COUNT = 2


class LocalSlot:
    """A worker process of this machine; see `flowercore.jobs.slots.Slot`."""

    def __init__(self) -> None:
        self._executor: Executor | None = None
        self._fresh = False

    @property
    def fresh(self) -> bool:
        """Whether the last job started its worker."""
        return self._fresh

    def submit(self, function: Callable[..., Any], *arguments: str) -> Future[Any]:
        """Start a job; a worker that dies at it shows as an exception in its future."""
        if self._executor is not None:
            try:
                future = self._executor.submit(function, *arguments)
            except RuntimeError:  # it died while it had nothing to do
                self.replace()
            else:
                self._fresh = False
                return future
        try:
            self._executor = self._new()
            future = self._executor.submit(function, *arguments)
        except OSError as error:
            self.replace()
            raise JobError(
                f"No worker process could be started: {error.strerror}. End other programs, or "
                "set FLOWERCORE_SLOTS=1."
            ) from error
        self._fresh = True
        return future

    def replace(self) -> None:
        """End the worker; the next job starts a new one."""
        executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=False, kill_workers=True)  # type: ignore[call-arg]

    def _new(self) -> Executor:
        from loky import ProcessPoolExecutor

        return ProcessPoolExecutor(
            max_workers=1,
            timeout=None,
            initializer=low_priority.start,
            initargs=(os.getpid(),),
            env=low_priority.thread_variables(),
        )


class LocalSlots:
    """The worker processes of this machine; see `flowercore.jobs.slots.Slots`.

    Args:
        count: How many jobs run side by side. Workers start with their first job.
    """

    def __init__(self, count: int) -> None:
        self._slots: list[Slot] = [LocalSlot() for _ in range(count)]
        self._free = list(self._slots)

    @property
    def free(self) -> int:
        """How many could take a job now."""
        return len(self._free)

    def ready(self) -> None:
        """Do nothing: a worker is started when it is needed."""

    def take(self) -> Slot:
        """Return a free slot."""
        return self._free.pop(0)

    def give_back(self, slot: Slot) -> None:
        """Take back a slot. The one that ended last is the warmest."""
        self._free.insert(0, slot)

    def close(self) -> None:
        """End all workers at once."""
        for slot in self._slots:
            slot.replace()


def open_slots() -> Slots:
    """Return the slots that the settings ask for: of this machine, or of a Dask cluster."""
    chosen = settings()
    if chosen.scheduler:
        return DaskSlots(chosen.scheduler, chosen.slots)
    return LocalSlots(chosen.slots or _COUNT)


def before_exit(function: Callable[[], None]) -> None:
    """Call a function when this process is about to end, before its executors wait for their jobs.

    Args:
        function: Ends the jobs. Register it after the executor has its first job.
    """
    # Executors wait in hooks that run before atexit's, the newest first. Python has no public name
    # for that place; concurrent.futures and loky use this one.
    register = getattr(threading, "_register_atexit", atexit.register)
    register(function)
