"""Slots: each runs one job at a time in a worker process of its own.

A killed worker breaks its whole executor, so no two slots share one. A worker stays for the next
job, which then needs no imports; one that died is replaced.
"""

from __future__ import annotations

import os
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
