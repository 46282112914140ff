"""A Dask cluster of this machine for benchmarks, and what its workers do."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, perf_counter, sleep
from typing import Any

import numpy as np

from benchmarks.setting import ROOT
from flowercore import __version__
from flowercore.errors import JobError
from flowercore.files import home_folder
from flowercore.jobs.dask_connection import Connection
from flowercore.jobs.dask_shard import Shard
from flowercore.training.computing import Order

_PATIENCE_SECONDS = 120


@dataclass(frozen=True, eq=False)
class Cluster:
    """A running cluster.

    Attributes:
        connection: To its scheduler.
        processes: Scheduler and workers.
    """

    connection: Connection
    processes: tuple[subprocess.Popen[bytes], ...]

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let it take no time while the block runs: even idle processes of Dask look around."""
        for process in self.processes:
            os.killpg(process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in self.processes:
                os.killpg(process.pid, signal.SIGCONT)

    def run(self, function: Any, *arguments: Any) -> Any:
        """Let a worker do something, as the queue does with jobs."""
        from flowercore.jobs import worker

        return self.connection.client.submit(
            worker.as_guest, __version__, function, *arguments, pure=False, retries=0
        ).result()


@contextmanager
def cluster(workers: int, folder: Path) -> Iterator[Cluster]:
    """Start a scheduler and workers of one thread each, as docs/scaling.md says.

    Args:
        workers: How many processes.
        folder: For their logs.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    commands = [["scheduler", "--host", "127.0.0.1", "--port", str(port)]]
    commands += [["worker", address, "--nthreads", "1", "--no-nanny"]] * workers
    environment = {**os.environ, "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "false"}
    processes = []
    connection = Connection(address)
    try:
        with (folder / f"dask-{port}.log").open("wb") as log:
            for command in commands:
                words = [sys.executable, "-m", "dask", *command, "--no-dashboard"]
                processes.append(
                    subprocess.Popen(
                        words,
                        cwd=ROOT,
                        env=environment,
                        stdout=log,
                        stderr=log,
                        start_new_session=True,
                    )
                )
        _wait_for(connection, workers)
        yield Cluster(connection, tuple(processes))
    finally:
        connection.close()
        for process in processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_for(connection: Connection, workers: int) -> None:
    end = monotonic() + _PATIENCE_SECONDS
    while True:
        with suppress(JobError):
            if len(connection.ready()) == workers:
                return
        if monotonic() > end:
            raise TimeoutError(f"after {_PATIENCE_SECONDS} s: not {workers} workers")
        sleep(0.1)


def forget_features() -> None:
    """Empty the feature cache."""
    for file in home_folder("cache").glob("features.sqlite*"):
        file.unlink()


def features(root: str) -> tuple[float, int, dict[str, int]]:
    """Compute the features of a folder, in a worker that the others help.

    Returns:
        Seconds, photos, and how many of them each other worker brought.
    """
    from flowercore.backbones import registry
    from flowercore.data.dataset import scan
    from flowercore.jobs import dask_shards
    from flowercore.training.computing import computed_by
    from flowercore.training.features import dataset_features

    forget_features()
    data = scan(Path(root), name="photos", origin="benchmark")
    shards = dask_shards.in_worker()
    with computed_by(shards):
        began = perf_counter()
        found = dataset_features(data, registry.DEFAULT)
        return perf_counter() - began, found.computed, dict(shards.brought)


def synthetic(order: Order) -> Shard:
    """Bring vectors as large as real ones, without computing any."""
    from distributed import get_worker

    from flowercore.backbones import registry

    rows = sum(len(places) for places in order.missing.values())
    vectors = np.ones((rows, registry.get(order.backbone).feature_dim), np.float32)
    photos = tuple(photo.sha256 for photo in order.photos)
    return Shard(get_worker().address, photos, vectors)
