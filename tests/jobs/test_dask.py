"""Jobs on a real Dask cluster of this machine, whose processes are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flowercore.errors import JobError
from flowercore.jobs import worker
from flowercore.jobs.executor import open_slots
from flowercore.jobs.job_queue import JobQueue
from flowercore.runs import holder, results, store
from flowercore.settings import settings
from flowercore.training.config import TrainConfig
from tests.jobs.dask_cluster import ROOT, Cluster, free
from tests.jobs.waiting import alive, in_epochs, pid_of, until, wait_for, wait_for_end


def one_thread_of(pid: int) -> bool:
    """Tell whether a process has a thread of the lowest priority and one of the usual."""
    threads = [int(task.name) for task in Path(f"/proc/{pid}/task").iterdir()]
    return {os.getpriority(os.PRIO_PROCESS, thread) for thread in threads} == {os.nice(0), 19}


def test_a_cluster_trains_in_as_many_slots_as_it_has_processes(
    cluster: Cluster, cluster_queue: JobQueue, two: Path, long: TrainConfig
) -> None:
    cluster.scheduler()
    cluster.worker("--nworkers", "2")
    until(lambda: free(cluster_queue._line) == 2, "two workers")
    runs = [cluster_queue.submit(long, who) for who in ("ann", "ben")]
    third = cluster_queue.submit(TrainConfig(data=str(two)), "cid")
    for run in runs:
        wait_for(run.id, in_epochs)
    assert len({os.getpid(), *(pid_of(run.id) for run in runs)}) == 3
    assert one_thread_of(pid_of(runs[0].id))
    assert store.get(third.id).status == "waiting"
    cluster_queue.cancel(runs[0].id)
    assert wait_for_end(runs[0].id).status == "stopped"
    assert wait_for_end(third.id).status == "finished"
    assert results.metrics(third.id)["accuracy"] == 1.0
    with pytest.raises(JobError, match="One training a visitor"):
        cluster_queue.submit(TrainConfig(data=str(two)), "ben")
    assert store.get(runs[1].id).status == "training"


def test_the_environment_may_give_a_cluster_more_or_fewer_slots(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWERCORE_SCHEDULER", cluster.address)
    monkeypatch.setenv("FLOWERCORE_SLOTS", "3")
    settings.cache_clear()
    cluster.scheduler()
    cluster.worker()
    slots = open_slots()
    until(lambda: free(slots) == 3, "three slots on one worker")
    slots.take()
    assert slots.free == 2
    slots.close()


@pytest.mark.parametrize("nanny", ["--nanny", "--no-nanny"])
def test_a_killed_worker_fails_its_run_which_is_not_trained_again(
    cluster: Cluster, cluster_queue: JobQueue, two: Path, long: TrainConfig, nanny: str
) -> None:
    cluster.scheduler()
    cluster.worker(nanny)
    until(lambda: free(cluster_queue._line) == 1, "a worker")
    victim = cluster_queue.submit(long, "ann")
    wait_for(victim.id, in_epochs)
    os.kill(pid_of(victim.id), signal.SIGKILL)
    seen = wait_for_end(victim.id)
    assert seen.status == "failed"
    assert "gone" in (seen.reason or "")
    if nanny == "--no-nanny":
        cluster.worker(nanny)  # the scheduler gives it the job that its first worker lost
    until(
        lambda: free(cluster_queue._line) == 1, "a new worker that has done the job that was lost"
    )
    again = cluster_queue.submit(TrainConfig(data=str(two)), "ann")
    assert wait_for_end(again.id).status == "finished"
    assert store.get(victim.id) == seen
    assert len(results.history(victim.id)) < long.epochs
    assert pid_of(again.id) != seen.pid


def test_a_run_that_another_worker_is_at_is_left_to_it(two: Path) -> None:
    # As a scheduler does that lost sight of a worker which lives.
    run = store.new_run(TrainConfig(data=str(two)).to_dict(), visitor="ann", held_by="")
    name = holder.new_name()
    with holder.held(name):
        store.update(run, status="features", holder=name)
        working = store.get(run.id)
        assert worker.train(run.id) == working
        assert store.get(run.id) == working
        assert results.history(run.id).empty


def test_a_lost_scheduler_fails_what_runs_and_later_trainings_find_it_again(
    cluster: Cluster, cluster_queue: JobQueue, two: Path, long: TrainConfig
) -> None:
    first = cluster.scheduler()
    cluster.worker()
    until(lambda: free(cluster_queue._line) == 1, "a worker")
    running = cluster_queue.submit(long, "ann")
    waiting = cluster_queue.submit(TrainConfig(data=str(two)), "ben")
    wait_for(running.id, in_epochs)
    first.kill()
    first.wait()
    seen = wait_for(running.id, lambda run: run.status == "failed")
    assert "connection" in (seen.reason or "")
    assert cluster.address in (seen.reason or "")
    until(lambda: not alive(pid_of(running.id)), "the worker without a scheduler ended")
    with pytest.raises(JobError, match="FLOWERCORE_SCHEDULER"):
        cluster_queue.submit(TrainConfig(data=str(two)), "ann")
    assert store.get(waiting.id).status == "waiting"
    cluster.scheduler()
    cluster.worker()
    assert wait_for_end(waiting.id).status == "finished"
    again = cluster_queue.restart(running.id, "ann")
    wait_for(again.id, in_epochs)
    cluster_queue.cancel(again.id)
    assert wait_for_end(again.id).status == "stopped"
    assert store.get(running.id) == seen


LEAVE = """
import sys
from flowercore.jobs import queue
from flowercore.training.config import TrainConfig
run = queue.submit(TrainConfig(data=sys.argv[1], epochs=5000, batch_size=1), "ann")
from flowercore.runs import results
while results.progress(run.id).epoch < 2:
    pass
print(run.id, flush=True)
"""


def test_a_job_of_a_cluster_outlives_its_server_and_is_its_visitors_still(
    cluster: Cluster, cluster_queue: JobQueue, two: Path, long: TrainConfig
) -> None:
    cluster.scheduler()
    cluster.worker()
    until(lambda: free(cluster_queue._line) == 1, "a worker")
    began = time.monotonic()
    left = subprocess.run(
        [sys.executable, "-c", LEAVE, long.data],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
    )
    assert left.returncode == 0, left.stderr
    assert "Traceback" not in left.stderr
    assert time.monotonic() - began < 60
    run = store.get(left.stdout.strip())
    assert run.status == "training"
    later = JobQueue(open_slots())
    try:
        with pytest.raises(JobError, match="One training a visitor"):
            later.submit(TrainConfig(data=str(two)), "ann")
        later.cancel(run.id)
        assert wait_for_end(run.id).status == "stopped"
        again = later.submit(TrainConfig(data=str(two)), "ann")
        assert wait_for_end(again.id).status == "finished"
    finally:
        later.close()
