"""The connection to a Dask scheduler: made with patience, checked, and its failures in words."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from time import monotonic, sleep
from typing import Any

from flowercore.errors import ConfigError, JobError

_LOG = logging.getLogger(__name__)
_PATIENCE_SECONDS = 5
_PAUSE_SECONDS = 2
_ADDRESS = re.compile(r"(tcp|tls)://([^\s:/\[\]]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}")

OTHER_HOME = (
    "All workers must see the home folder of the server, and the worker that got this job did not "
    "find it in its own. Start the workers with the same FLOWERCORE_HOME as the server."
)


class Connection:
    """A client of a scheduler, connected when it is needed and again when it was lost.

    Args:
        address: Of the scheduler; also an attribute.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._where = where(address)
        self._client: Any = None
        self._connecting = threading.Lock()
        self._checked: frozenset[str] = frozenset()
        self._attempt: _Call | None = None
        self._failed = float("-inf")
        self._failure: JobError | None = None

    @property
    def client(self) -> Any:
        """The client, or None if there is none that is connected now."""
        client = self._client
        return client if client is not None and client.status == "running" else None

    def ready(self) -> frozenset[str]:
        """Connect, if that is not done or was undone, and look for workers.

        Returns:
            Addresses of the worker processes.

        Raises:
            ConfigError: If the address cannot be one, or the package is missing.
            JobError: If nobody answers, no worker is there, or versions do not fit.
        """
        with self._connecting:
            if monotonic() - self._failed < _PAUSE_SECONDS and self._failure is not None:
                # Whoever waited for this lock meanwhile need not wait for the same again.
                raise self._failure
            try:
                if self.client is None:
                    self.close()
                    self._client = self._connect()
                    self._checked = frozenset()
                found = self._find_workers(self._client)
                if not found <= self._checked:
                    self._check_versions(self._client)
                self._checked = found
            except JobError as error:
                self._failed, self._failure = monotonic(), error
                raise
            return found

    def close(self) -> None:
        """Leave the cluster. What has begun there goes on."""
        client, self._client = self._client, None
        if client is not None:
            _close(client)

    def _no_answer(self) -> str:
        return (
            f"No answer from {self._where}. Start it, correct the address, or unset the variable "
            "to train on this machine."
        )

    def _connect(self) -> Any:
        if not _ADDRESS.fullmatch(self.address):
            raise ConfigError(
                "FLOWERCORE_SCHEDULER must be the address of a Dask scheduler such as "
                f"tcp://192.168.0.10:8786. Received: {self.address!r}."
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
                address=self.address,
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
                    f"Lab: python -m dask worker {self.address} --nthreads 1"
                )
            sleep(0.1)


def where(address: str) -> str:
    """Return what messages call the scheduler at an address."""
    return f"the Dask scheduler at {address} (FLOWERCORE_SCHEDULER)"


def lost(address: str) -> str:
    """Return what is said when the scheduler at an address is gone."""
    return f"The connection to {where(address)} was lost. Start it again when the scheduler is up."


def unable(address: str, error: BaseException) -> str:
    """Return what is said when workers fail at something that is no error of Flower Lab's."""
    return (
        f"A job could not be begun on {where(address)}: {type(error).__name__}. Start scheduler "
        "and workers in the folder of this Flower Lab, with the same packages."
    )


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
            _LOG.warning("A Dask scheduler did not answer: %s", error)


def _decisive(versions: dict[str, Any]) -> dict[str, str]:
    packages = versions["packages"]
    python = ".".join(str(packages["python"]).split(".")[:2])
    return {"Python": python, "dask": packages["dask"], "distributed": packages["distributed"]}


def _close(client: Any) -> None:
    try:
        client.close(timeout=_PATIENCE_SECONDS)
    except Exception as error:  # it is given up in any case
        _LOG.warning("A connection to a Dask scheduler did not end well.", exc_info=error)
