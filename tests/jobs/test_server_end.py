"""Servers that end with jobs under way, and what becomes of those."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from flowercore.jobs.executor import open_slots
from flowercore.jobs.job_queue import JobQueue
from flowercore.runs import store
from flowercore.training.config import TrainConfig
from tests.jobs.waiting import (
    PATIENCE_SECONDS,
    alive,
    in_epochs,
    pid_of,
    until,
    wait_for,
    wait_for_end,
)

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.usefixtures("prepared")


def test_a_closed_queue_leaves_no_process_behind(two: Path) -> None:
    queue = JobQueue(open_slots())
    run = queue.submit(TrainConfig(data=str(two)), "ann")
    wait_for_end(run.id)
    worker = pid_of(run.id)
    queue.close()
    until(lambda: not alive(worker), "the worker ended", seconds=10)


LEAVE = """
import sys
from flowercore.jobs import queue
from flowercore.training.config import TrainConfig
runs = [queue.submit(TrainConfig(data=sys.argv[1], epochs=200, batch_size=1), who) for who in "ab"]
queue.start_preparation()
from flowercore.runs import results, store
from flowercore.runs.store import Run
while not results.progress(runs[0].id).total:
    pass
if sys.argv[2] == "killed":
    import os, signal
    print(*(run.id for run in runs), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
print(*(run.id for run in runs), flush=True)
"""


def left_by_a_server(photos: Path, end: str) -> tuple[int, list[str]]:
    left = subprocess.run(
        [sys.executable, "-c", LEAVE, str(photos), end],
        cwd=ROOT,
        env={**os.environ, "FLOWERCORE_THREADS": "1", "FLOWERCORE_SLOTS": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    assert len(left.stdout.split()) == 2, left.stderr
    return left.returncode, left.stdout.split()


def test_a_server_that_ends_does_not_wait_for_its_jobs(many: Path) -> None:
    status, (running, waiting) = left_by_a_server(many, "leaves")
    assert status == 0
    assert store.get(running).status == "failed"
    assert "gone" in (store.get(running).reason or "")
    assert "server stopped" in (store.get(waiting).reason or "")


def test_runs_of_a_killed_server_are_failed_and_can_be_started_again(many: Path, two: Path) -> None:
    status, (running, waiting) = left_by_a_server(many, "killed")
    assert status == -signal.SIGKILL
    until(lambda: not alive(pid_of(running)), "the worker of the killed server ended")
    queue = JobQueue(open_slots())
    try:
        assert [store.get(run).status for run in (running, waiting)] == ["failed", "failed"]
        again = queue.restart(waiting, "a")
        assert store.get(again.id).config == store.get(waiting).config
        assert again.id != waiting
        wait_for(again.id, in_epochs)
        queue.cancel(again.id)
        assert wait_for_end(again.id).status == "stopped"
        assert wait_for_end(queue.submit(TrainConfig(data=str(two)), "a").id).status == "finished"
    finally:
        queue.close()
