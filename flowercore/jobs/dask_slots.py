"""Slots on a Dask cluster: the same jobs, on workers that somebody else has started.

Set ``FLOWERCORE_SCHEDULER=tcp://host:8786`` for the server, and start scheduler and workers in the
folder of this project, with the same packages, one thread a worker process::

    python -m dask scheduler
    python -m dask worker tcp://host:8786 --nthreads 1 --nworkers 2

All of them, the server too, must see the same home folder (``FLOWERCORE_HOME``), and datasets that
are named by a folder must lie at the same place: jobs are told ids and names, and answer in the run
folder. A home folder that several machines share must keep locks between them. More in
``docs/scaling.md``.

A scheduler does whatever code is sent to it, and ``tcp://`` is neither encrypted nor asks who
comes. Use it in a network where you trust everybody; ``tls://`` takes its certificates from Dask's
own configuration.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any

from flowercore import __version__
from flowercore.errors import FlowercoreError, JobError, NotFoundError
from flowercore.jobs import dask_shards, worker
from flowercore.jobs.dask_connection import OTHER_HOME, Connection, lost, unable, where
from flowercore.jobs.slots import GONE, Slot

_LOG = logging.getLogger(__name__)


class DaskSlots:
    """The workers of a Dask cluster; see `flowercore.jobs.slots.Slots`.

    Args:
        address: Of the scheduler.
        count: How many jobs run side by side; None for as many as there are worker processes.
    """

    def __init__(self, address: str, count: int | None) -> None:
        self._address = address
        self._connection = Connection(address)
        self._count = count
        self._workers = 1
        self._busy = 0
        self._client: Any = None
        self._executor: Any = None
        self._used = self._fresh = False

    @property
    def free(self) -> int:
        """How many could take a job now."""
        return max(0, (self._count or self._workers) - self._busy)

    @property
    def fresh(self) -> bool:
        """Whether the last job was the first of its connection."""
        return self._fresh

    def ready(self) -> None:
        """Connect, if that is not done or was undone, and count the workers.

        Raises:
            ConfigError: If the address cannot be one, or the package is missing.
            JobError: If nobody answers, no worker is there, or versions do not fit.
        """
        self._workers = len(self._connection.ready())

    def take(self) -> Slot:
        """Return a free slot."""
        self._busy += 1
        return _DaskSlot(self)

    def give_back(self, slot: Slot) -> None:
        """Take back a slot."""
        self._busy -= 1

    def close(self) -> None:
        """Leave the cluster. Jobs that have begun go on to their end."""
        self._client = self._executor = None
        self._connection.close()

    def submit(self, function: Callable[..., Any], *arguments: str) -> Future[Any]:
        """Start a job; see `flowercore.jobs.slots.Slot.submit`."""
        executor = self._current_executor()
        self._fresh, self._used = not self._used, True
        future = executor.submit(
            worker.as_guest, __version__, dask_shards.job, function, *arguments
        )
        answer: Future[Any] = Future()

        def pass_on(future: Future[Any]) -> None:
            # Dask calls from the thread that talks to the scheduler, which must not wait for disks.
            threading.Thread(target=self._answer, args=(future, answer), daemon=True).start()

        future.add_done_callback(pass_on)
        return answer

    def _current_executor(self) -> Any:
        client = self._connection.client
        if client is None:
            raise JobError(lost(self._address))
        if client is not self._client:
            self._client, self._used = client, False
            self._executor = client.get_executor(pure=False, retries=0)
        return self._executor

    def _answer(self, future: Future[Any], answer: Future[Any]) -> None:
        try:
            answer.set_result(future.result())
        except CancelledError:
            answer.set_exception(JobError(lost(self._address)))
        except NotFoundError:
            answer.set_exception(JobError(OTHER_HOME))
        except FlowercoreError as error:
            answer.set_exception(error)
        except BaseException as error:
            answer.set_exception(JobError(self._unable(error)))

    def _unable(self, error: BaseException) -> str:
        from distributed import KilledWorker

        if isinstance(error, KilledWorker):
            return GONE
        _LOG.error("A job could not be begun on %s.", where(self._address), exc_info=error)
        return unable(self._address, error)


class _DaskSlot:
    def __init__(self, slots: DaskSlots) -> None:
        self._slots = slots
        self._fresh = False

    @property
    def fresh(self) -> bool:
        return self._fresh

    def submit(self, function: Callable[..., Any], *arguments: str) -> Future[Any]:
        future = self._slots.submit(function, *arguments)
        self._fresh = self._slots.fresh
        return future

    def replace(self) -> None:
        """Do nothing: dead workers are replaced by whoever started them."""
