"""The queue with real worker processes, killed for real."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flowercore.errors import ConfigError, DatasetError, JobError
from flowercore.jobs.executor import open_slots
from flowercore.jobs.queue import JobQueue
from flowercore.runs import results, store
from flowercore.settings import settings
from flowercore.training.config import TrainConfig

PATIENCE_SECONDS = 60
pytestmark = pytest.mark.usefixtures("prepared")


@pytest.fixture
def queue() -> Iterator[JobQueue]:
    queue = JobQueue(open_slots())
    yield queue
    queue.close()


@pytest.fixture
def two(tiny_dataset: Callable[..., Path]) -> Path:
    return tiny_dataset(classes=2, per_class=10)


@pytest.fixture
def many(tiny_dataset: Callable[..., Path]) -> Path:
    """Enough photos for a second or two in the backbone."""
    return tiny_dataset(classes=3, per_class=200, name="many")


def wait_for(run_id: str, reached: Callable[[store.Run], bool]) -> store.Run:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        run = store.get(run_id)
        if reached(run):
            return run
        time.sleep(0.02)
    pytest.fail(f"run {run_id} is still {store.get(run_id).status}")


def pid_of(run_id: str) -> int:
    pid = store.get(run_id).pid
    assert pid is not None
    assert pid != os.getpid()
    return pid


def ended(run: store.Run) -> bool:
    return not run.active


def computing(run: store.Run) -> bool:
    return results.progress(run.id).get("total", 0) > 0 or ended(run)


def test_a_training_runs_in_a_process_of_its_own(queue: JobQueue, two: Path) -> None:
    run = queue.submit(TrainConfig(data=str(two), epochs=8), "visitor")
    done = wait_for(run.id, ended)
    assert done.status == "finished", done.reason
    assert done.counts == {"train": 14, "validation": 2, "test": 4}
    assert results.history(run.id)["epoch"].tolist() == list(range(1, 9))
    assert results.metrics(run.id)["accuracy"] == 1.0
    table = results.predictions(run.id)
    assert sorted(table["split"].unique()) == ["test", "train", "validation"]
    assert pid_of(run.id) != os.getpid()


def test_a_second_training_of_a_visitor_is_refused_and_of_another_is_not(
    queue: JobQueue, many: Path, two: Path
) -> None:
    first = queue.submit(TrainConfig(data=str(many)), "ann")
    with pytest.raises(JobError, match="One training a visitor"):
        queue.submit(TrainConfig(data=str(two)), "ann")
    second = queue.submit(TrainConfig(data=str(two)), "ben")
    assert wait_for(second.id, ended).status == "finished"
    assert wait_for(first.id, ended).status == "finished"
    third = queue.submit(TrainConfig(data=str(two)), "ann")
    assert wait_for(third.id, ended).status == "finished"


def test_the_same_seed_gives_the_same_history(queue: JobQueue, two: Path) -> None:
    runs = []
    for _ in range(2):
        run = queue.submit(TrainConfig(data=str(two), epochs=5), "ann")
        runs.append(wait_for(run.id, ended))
    one, other = (results.history(run.id).drop(columns="seconds") for run in runs)
    assert one.equals(other)
    assert runs[0].split_identity == runs[1].split_identity


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_killed_worker_fails_its_run_only_and_is_replaced(
    queue: JobQueue, many: Path, two: Path
) -> None:
    victim = queue.submit(TrainConfig(data=str(many)), "ann")
    wait_for(victim.id, computing)
    other = queue.submit(TrainConfig(data=str(two)), "ben")
    os.kill(pid_of(victim.id), signal.SIGKILL)
    seen = wait_for(victim.id, ended)
    assert seen.status == "failed"
    assert "gone" in (seen.reason or "")
    assert wait_for(other.id, ended).status == "finished"
    again = queue.submit(TrainConfig(data=str(two)), "ann")
    assert wait_for(again.id, ended).status == "finished"


def test_a_run_in_its_features_stops_when_asked_to(queue: JobQueue, many: Path) -> None:
    run = queue.submit(TrainConfig(data=str(many)), "ann")
    wait_for(run.id, computing)
    queue.cancel(run.id)
    seen = wait_for(run.id, ended)
    assert seen.status == "stopped"
    assert "before the first epoch" in (seen.reason or "")


def test_waiting_runs_are_counted_stopped_and_limited(
    monkeypatch: pytest.MonkeyPatch, many: Path, two: Path
) -> None:
    monkeypatch.setenv("FLOWERCORE_SLOTS", "1")
    monkeypatch.setenv("FLOWERCORE_JOBS_WAITING_MAX", "2")
    settings.cache_clear()
    queue = JobQueue(open_slots())
    try:
        running = queue.submit(TrainConfig(data=str(many)), "a")
        second = queue.submit(TrainConfig(data=str(two)), "b")
        third = queue.submit(TrainConfig(data=str(two)), "c")
        assert (queue.ahead(second.id), queue.ahead(third.id)) == (0, 1)
        with pytest.raises(JobError, match="At most 2 trainings may wait"):
            queue.submit(TrainConfig(data=str(two)), "d")
        queue.cancel(second.id)
        stopped = store.get(second.id)
        assert (stopped.status, stopped.reason) == ("stopped", "Stopped before it began.")
        assert queue.ahead(third.id) == 0
        assert wait_for(third.id, ended).status == "finished"
        assert store.get(running.id).status == "finished"
    finally:
        queue.close()


def test_what_cannot_be_trained_makes_no_run(queue: JobQueue, two: Path) -> None:
    with pytest.raises(ConfigError, match="Epochs"):
        queue.submit(TrainConfig(data=str(two), epochs=0), "ann")
    (two / "dandelion").rename(two.parent / "elsewhere")
    with pytest.raises(DatasetError, match="2"):
        queue.submit(TrainConfig(data=str(two)), "ann")
    assert store.runs() == []


def test_a_closed_queue_leaves_no_process_behind(two: Path) -> None:
    queue = JobQueue(open_slots())
    run = queue.submit(TrainConfig(data=str(two)), "ann")
    wait_for(run.id, ended)
    worker = pid_of(run.id)
    queue.close()
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            os.kill(worker, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("the worker outlived its queue")


LEAVE = """
import sys
from flowercore.jobs import queue
from flowercore.training.config import TrainConfig
run = queue.submit(TrainConfig(data=sys.argv[1]), "ann")
queue.start_preparation()
from flowercore.runs import results
while not results.progress(run.id).get("total"):
    pass
print(run.id, flush=True)
"""


def test_a_server_that_ends_does_not_wait_for_its_jobs(many: Path) -> None:
    left = subprocess.run(
        [sys.executable, "-c", LEAVE, str(many)],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "FLOWERCORE_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    assert left.returncode == 0, left.stderr
    run = store.get(left.stdout.strip())
    assert run.status == "failed"
    assert "gone" in (run.reason or "")
