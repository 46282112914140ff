"""Slots on a Dask cluster: the same jobs, on workers that somebody else has started.

Set ``FLOWERCORE_SCHEDULER=tcp://host:8786`` for the server, and start scheduler and workers in the
folder of this project, with the same packages, one thread a worker process::

    python -m dask scheduler
    python -m dask worker tcp://host:8786 --nthreads 1 --nworkers 2

All of them, the server too, must see the same home folder (``FLOWERCORE_HOME``), and datasets that
are named by a folder must lie at the same place: jobs are told ids and names, and answer in the run
folder. A home folder that several machines share must keep locks between them.

A scheduler does whatever code is sent to it, and ``tcp://`` is neither encrypted nor asks who
comes. Use it in a network where you trust everybody; ``tls://`` takes its certificates from Dask's
own configuration.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from time import monotonic, sleep
from typing import Any

from flowercore import __version__
from flowercore.errors import ConfigError, FlowercoreError, JobError, NotFoundError
from flowercore.jobs import worker
from flowercore.jobs.slots import GONE, Slot

_LOG = logging.getLogger(__name__)
_PATIENCE_SECONDS = 5
_PAUSE_SECONDS = 2
_ADDRESS = re.compile(r"(tcp|tls)://([^\s:/\[\]]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}")


class DaskSlots:
    """The workers of a Dask cluster; see `flowercore.jobs.slots.Slots`.

    Args:
        address: Of the scheduler.
        count: How many jobs run side by side; None for as many as there are worker processes.
    """

    def __init__(self, address: str, count: int | None) -> None:
        self._address = address
        self._where = f"the Dask scheduler at {address} (FLOWERCORE_SCHEDULER)"
        self._count = count
        self._workers = 1
        self._busy = 0
        self._used = False
        self._client: Any = None
        self._executor: Any = None
        self._connecting = threading.Lock()
        self._checked: frozenset[str] = frozenset()
        self._attempt: _Call | None = None
        self._failed = float("-inf")
        self._failure: JobError | None = None

    @property
    def free(self) -> int:
        """How many could take a job now."""
        return max(0, (self._count or self._workers) - self._busy)

    @property
    def used(self) -> bool:
        """Whether this connection had a job."""
        return self._used

    def ready(self) -> None:
        """Connect, if that is not done or was undone, and count the workers.

        Raises:
            ConfigError: If the address cannot be one, or the package is missing.
            JobError: If nobody answers, no worker is there, or versions do not fit.
        """
        with self._connecting:
            if monotonic() - self._failed < _PAUSE_SECONDS and self._failure is not None:
                # Whoever waited for this lock meanwhile need not wait for the same again.
                raise self._failure
            try:
                if self._client is None or self._client.status != "running":
                    self.close()
                    self._client = self._connect()
                    self._executor = self._client.get_executor(pure=False, retries=0)
                    self._used, self._checked = False, frozenset()
                found = self._find_workers(self._client)
                if not found <= self._checked:
                    self._check_versions(self._client)
                self._workers, self._checked = len(found), found
            except JobError as error:
                self._failed, self._failure = monotonic(), error
                raise

    def take(self) -> Slot:
        """Return a free slot."""
        self._busy += 1
        return _DaskSlot(self)

    def give_back(self, slot: Slot) -> None:
        """Take back a slot."""
        self._busy -= 1

    def close(self) -> None:
        """Leave the cluster. Jobs that have begun go on to their end."""
        client, self._client, self._executor = self._client, None, None
        if client is not None:
            _close(client)

    def submit(self, function: Callable[..., Any], *arguments: str) -> Future[Any]:
        """Start a job; see `flowercore.jobs.slots.Slot.submit`."""
        client, executor = self._client, self._executor
        if client is None or client.status != "running":
            raise JobError(self._lost())
        self._used = True
        future = executor.submit(worker.as_guest, __version__, function, *arguments)
        answer: Future[Any] = Future()

        def pass_on(future: Future[Any]) -> None:
            # Dask calls from the thread that talks to the scheduler, which must not wait for disks.
            threading.Thread(target=self._answer, args=(future, answer), daemon=True).start()

        future.add_done_callback(pass_on)
        return answer

    def _answer(self, future: Future[Any], answer: Future[Any]) -> None:
        try:
            answer.set_result(future.result())
        except CancelledError:
            answer.set_exception(JobError(self._lost()))
        except NotFoundError:
            answer.set_exception(
                JobError(
                    "All workers must see the home folder of the server, and the worker that got "
                    "this job did not find it in its own. Start the workers with the same "
                    "FLOWERCORE_HOME as the server."
                )
            )
        except FlowercoreError as error:
            answer.set_exception(error)
        except BaseException as error:
            answer.set_exception(JobError(self._unable(error)))

    def _unable(self, error: BaseException) -> str:
        from distributed import KilledWorker

        if isinstance(error, KilledWorker):
            return GONE
        _LOG.error("A job could not be begun on %s.", self._where, exc_info=error)
        return (
            f"A job could not be begun on {self._where}: {type(error).__name__}. Start scheduler "
            "and workers in the folder of this Flower Lab, with the same packages."
        )

    def _no_answer(self) -> str:
        return (
            f"No answer from {self._where}. Start it, correct the address, or unset the variable "
            "to train on this machine."
        )

    def _lost(self) -> str:
        return f"The connection to {self._where} was lost. Start it again when the scheduler is up."

    def _connect(self) -> Any:
        if not _ADDRESS.fullmatch(self._address):
            raise ConfigError(
                "FLOWERCORE_SCHEDULER must be the address of a Dask scheduler such as "
                f"tcp://192.168.0.10:8786. Received: {self._address!r}."
            )
        try:
            import distributed
        except ImportError as error:
            raise ConfigError(
                "FLOWERCORE_SCHEDULER needs the package distributed, which is not installed here. "
                "Install what requirements.txt lists, or unset the variable to train on this "
                "machine."
            ) from error
        # A client waits for ever for a server that takes its call and says nothing.
        if self._attempt is None or self._attempt.failed:
            self._attempt = _Call(
                distributed.Client,
                address=self._address,
                timeout=_PATIENCE_SECONDS,
                set_as_default=False,
            )
        client = self._attempt.wait(2 * _PATIENCE_SECONDS)
        if client is None:
            raise JobError(self._no_answer())
        self._attempt = None
        return client

    def _check_versions(self, client: Any) -> None:
        versions = _Call(client.get_versions).wait(_PATIENCE_SECONDS)
        if versions is None:
            raise JobError(self._no_answer())
        own = _decisive(versions["client"])
        others = {"the scheduler": versions["scheduler"]}
        others |= {f"worker {where}": told for where, told in versions["workers"].items()}
        for who, told in others.items():
            theirs = _decisive(told)
            apart = [
                f"{key} {theirs[key]}, not {own[key]}" for key in own if theirs[key] != own[key]
            ]
            if apart:
                raise JobError(
                    "Server, scheduler and workers must run the same versions. Received from "
                    f"{self._where}: {who} has {' and '.join(apart)}. Install requirements.txt "
                    "with the same versions everywhere."
                )

    def _find_workers(self, client: Any) -> frozenset[str]:
        end = monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                found = client.sync(client.scheduler.ncores, callback_timeout=_PATIENCE_SECONDS)
            except Exception as error:  # whatever it is, nobody answers
                raise JobError(self._no_answer()) from error
            if found:
                return frozenset(found)
            if monotonic() > end:
                raise JobError(
                    f"No worker has joined {self._where}. Start one in the folder of this Flower "
                    f"Lab: python -m dask worker {self._address} --nthreads 1"
                )
            sleep(0.1)


class _Call(threading.Thread):
    """A call of Dask's that may never return."""

    def __init__(self, function: Callable[..., Any], **arguments: Any) -> None:
        super().__init__(daemon=True)
        self._function = function
        self._arguments = arguments
        self._result: Any = None
        self.start()

    @property
    def failed(self) -> bool:
        """Whether it came to an end without a result."""
        return not self.is_alive() and self._result is None

    def wait(self, seconds: float) -> Any:
        """Return its result, or None if there is none yet."""
        self.join(seconds)
        return self._result

    def run(self) -> None:
        try:
            self._result = self._function(**self._arguments)
        except Exception as error:  # anything can come from a server that is none of Dask's
            _LOG.warning("A Dask scheduler did not answer.", exc_info=error)


class _DaskSlot:
    def __init__(self, slots: DaskSlots) -> None:
        self._slots = slots
        self._fresh = False

    @property
    def fresh(self) -> bool:
        return self._fresh

    def submit(self, function: Callable[..., Any], *arguments: str) -> Future[Any]:
        self._fresh = not self._slots.used
        return self._slots.submit(function, *arguments)

    def replace(self) -> None:
        """Do nothing: dead workers are replaced by whoever started them."""


def _decisive(versions: dict[str, Any]) -> dict[str, str]:
    packages = versions["packages"]
    python = ".".join(str(packages["python"]).split(".")[:2])
    return {"Python": python, "dask": packages["dask"], "distributed": packages["distributed"]}


def _close(client: Any) -> None:
    try:
        client.close(timeout=_PATIENCE_SECONDS)
    except Exception as error:  # it is given up in any case
        _LOG.warning("A connection to a Dask scheduler did not end well.", exc_info=error)
