"""Slots: each runs one job at a time in a worker process of its own.

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

from flowercore.jobs import worker
from flowercore.settings import settings

# Numerical libraries read these when they load; more threads than cores get in each other's way.
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class LocalSlot:
    """A worker process of this machine."""

    def __init__(self) -> None:
        self._executor: Executor | None = None

    @property
    def cold(self) -> bool:
        """Whether the next job starts a new worker."""
        return self._executor is None

    def submit(self, function: Callable[..., Any], *arguments: str) -> Future[Any]:
        """Start a job.

        Args:
            function: A function of `flowercore.jobs.worker`.
            *arguments: Ids and names.

        Returns:
            Its future; a dead worker shows as an exception in it.
        """
        if self._executor is None:
            self._executor = self._new()
        return self._executor.submit(function, *arguments)

    def replace(self) -> None:
        """End the worker; the next job starts a new one."""
        executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=False, kill_workers=True)  # type: ignore[call-arg]

    def _new(self) -> Executor:
        from loky import ProcessPoolExecutor

        threads = str(settings().threads)
        return ProcessPoolExecutor(
            max_workers=1,
            timeout=None,
            initializer=worker.start,
            initargs=(os.getpid(),),
            env=dict.fromkeys(_THREAD_VARIABLES, threads),
        )


def open_slots() -> list[LocalSlot]:
    """Return as many slots as the settings allow; their workers start with their first job."""
    return [LocalSlot() for _ in range(settings().slots)]


def before_exit(function: Callable[[], None]) -> None:
    """Call a function when this process is about to end, before its executors wait for their jobs.

    Args:
        function: Ends the jobs. Register it after the executor has its first job.
    """
    # Executors wait in hooks that run before atexit's, the newest first. Python has no public name
    # for that place; concurrent.futures and loky use this one.
    register = getattr(threading, "_register_atexit", atexit.register)
    register(function)
