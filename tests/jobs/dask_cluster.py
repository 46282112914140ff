"""A Dask cluster of this machine, in processes as an operator would start them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from flowercore.errors import JobError
from flowercore.jobs.slots import Slots

ROOT = Path(__file__).parents[2]


def free(slots: Slots) -> int:
    """Return how many jobs could begin now; 0 while the cluster still starts."""
    try:
        slots.ready()
    except JobError:
        return 0
    return slots.free


class Cluster:
    """A scheduler and its workers, as an operator would start them."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []

    def scheduler(self, **environment: str) -> subprocess.Popen[bytes]:
        return self._start(
            "scheduler", "--host", "127.0.0.1", "--port", str(self.port), environment
        )

    def worker(self, *options: str, **environment: str) -> subprocess.Popen[bytes]:
        return self._start("worker", self.address, "--nthreads", "1", *options, environment)

    def _start(self, *words: object) -> subprocess.Popen[bytes]:
        *command, environment = words
        log = (self._folder / f"dask-{len(self._processes)}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *map(str, command), "--no-dashboard"],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        self._processes.append(process)
        return process

    def close(self) -> None:
        for process in self._processes:
            # A worker of Dask is a child of the process that was started here.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
