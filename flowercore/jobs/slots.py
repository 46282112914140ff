"""What the queue asks of whatever runs its jobs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol

GONE = (
    "The worker process is gone: it was killed, or the machine ran out of memory. Start it again."
)


class Slot(Protocol):
    """Runs one job at a time."""

    @property
    def fresh(self) -> bool:
        """Whether the last job was the first of a worker or of a connection."""

    def submit(self, function: Callable[..., Any], *arguments: str) -> Future[Any]:
        """Start a job.

        Args:
            function: A function of `flowercore.jobs.worker`.
            *arguments: Ids and names.

        Returns:
            Its future. What a job raises on purpose is a `FlowercoreError` in it; any other
            exception says that the worker is gone.

        Raises:
            JobError: If no worker can be started or reached at the moment.
        """

    def replace(self) -> None:
        """End a worker that is gone or cannot be trusted; the next job starts a new one."""


class Slots(Protocol):
    """All slots of one queue, which calls everything but `ready` under its lock."""

    @property
    def free(self) -> int:
        """How many could take a job now."""

    def ready(self) -> None:
        """Make sure that jobs can be started; may take seconds.

        Raises:
            ConfigError: If what the environment asks for cannot be used.
            JobError: If no worker can be reached.
        """

    def take(self) -> Slot:
        """Return a free slot, which is then no longer free; there must be one."""

    def give_back(self, slot: Slot) -> None:
        """Take back a slot whose job has ended."""

    def close(self) -> None:
        """Let all workers go. May be called twice."""
