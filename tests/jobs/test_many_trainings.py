"""Twenty trainings in a row: neither server nor worker keeps what it no longer needs."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from flowercore.jobs.job_queue import JobQueue
from flowercore.runs import results, store
from flowercore.training.config import TrainConfig
from tests.jobs.waiting import pid_of, wait_for_end

COUNT = 20
# The first trainings fill caches and the allocator's pools.
WARM_UP = 3
SERVER_MEGABYTES = 50
WORKER_MEGABYTES = 50


def resident_megabytes(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def look(run_id: str) -> None:
    """Read what a page shows."""
    store.runs()
    results.history(run_id)
    results.predictions(run_id)
    results.metrics(run_id)
    results.head(run_id)


@pytest.mark.usefixtures("prepared")
@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_trainings(
    one_slot: JobQueue, tiny_dataset: Callable[..., Path]
) -> None:
    data = str(tiny_dataset(classes=5, per_class=60, name="some"))
    server, worker, pids = [], [], set()
    for seed in range(WARM_UP + COUNT):
        run = one_slot.submit(TrainConfig(data=data, seed=seed, epochs=5), "ann")
        done = wait_for_end(run.id)
        assert done.status == "finished", done.reason
        look(run.id)
        pids.add(pid_of(run.id))
        server.append(resident_megabytes(os.getpid()))
        worker.append(resident_megabytes(pid_of(run.id)))
    assert len(pids) == 1
    assert server[-1] - server[WARM_UP - 1] <= SERVER_MEGABYTES, server
    assert worker[-1] - worker[WARM_UP - 1] <= WORKER_MEGABYTES, worker
