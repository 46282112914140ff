"""Dask clusters that are not there or set up wrongly: said in words, and the server lives."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from flowercore.errors import ConfigError, JobError
from flowercore.jobs.dask_slots import DaskSlots
from flowercore.jobs.job_queue import JobQueue
from flowercore.runs import store
from flowercore.training.config import TrainConfig
from tests.jobs.dask_cluster import ROOT, Cluster, free
from tests.jobs.waiting import until, wait_for_end


def test_importing_flower_lab_does_not_import_dask() -> None:
    code = (
        "import sys; from flowercore.jobs import queue, worker; "
        "sys.exit(bool({'dask', 'distributed'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_a_worker_with_another_home_folder_fails_the_run_with_that_reason(
    cluster: Cluster, cluster_queue: JobQueue, two: Path, tmp_path: Path
) -> None:
    cluster.scheduler()
    cluster.worker(FLOWERCORE_HOME=str(tmp_path / "elsewhere"))
    until(lambda: free(cluster_queue._line) == 1, "a worker")
    run = cluster_queue.submit(TrainConfig(data=str(two)), "ann")
    seen = wait_for_end(run.id)
    assert seen.status == "failed"
    assert "same FLOWERCORE_HOME" in (seen.reason or "")
    assert str(tmp_path) not in (seen.reason or "")


def test_workers_of_another_version_fail_the_run_with_that_reason(
    cluster: Cluster, cluster_queue: JobQueue, two: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.scheduler()
    cluster.worker()
    monkeypatch.setattr("flowercore.jobs.dask_slots.__version__", "99.0")
    until(lambda: free(cluster_queue._line) == 1, "a worker")
    run = cluster_queue.submit(TrainConfig(data=str(two)), "ann")
    seen = wait_for_end(run.id)
    assert seen.status == "failed"
    assert "same version of Flower Lab" in (seen.reason or "")
    assert "99.0" in (seen.reason or "")


def test_a_cluster_without_flower_lab_fails_the_run_with_that_reason(
    cluster: Cluster, cluster_queue: JobQueue, two: Path, tmp_path: Path
) -> None:
    for name in ("flowercore.py", "sitecustomize.py"):
        (tmp_path / "without" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "without" / name).write_text("")
    cluster.scheduler(PYTHONPATH=str(tmp_path / "without"), PYTHONSAFEPATH="1")
    cluster.worker(PYTHONPATH=str(tmp_path / "without"), PYTHONSAFEPATH="1")
    until(lambda: free(cluster_queue._line) == 1, "a worker")
    run = cluster_queue.submit(TrainConfig(data=str(two)), "ann")
    seen = wait_for_end(run.id)
    assert seen.status == "failed"
    assert "in the folder of this Flower Lab" in (seen.reason or "")


OTHER_DASK = """
import importlib.metadata as metadata
true = metadata.version
metadata.version = lambda name: "2020.1.0" if name == "distributed" else true(name)
"""


def test_another_version_of_dask_is_refused_before_there_is_a_run(
    cluster: Cluster, cluster_queue: JobQueue, two: Path, tmp_path: Path
) -> None:
    (tmp_path / "older").mkdir()
    (tmp_path / "older" / "sitecustomize.py").write_text(OTHER_DASK)
    cluster.scheduler()
    cluster.worker(PYTHONPATH=str(tmp_path / "older"))
    until(
        lambda: submit_fails(cluster_queue, two) == "versions", "refused for the worker's version"
    )
    assert store.runs() == []


def submit_fails(queue: JobQueue, photos: Path) -> str:
    try:
        queue.submit(TrainConfig(data=str(photos)), "ann")
    except JobError as error:
        return "versions" if "distributed 2020.1.0, not" in str(error) else str(error)
    return ""


def test_nobody_at_the_address_is_said_in_words_and_makes_no_run(
    cluster: Cluster, cluster_queue: JobQueue, two: Path
) -> None:
    with pytest.raises(JobError, match="No answer from the Dask scheduler") as refusal:
        cluster_queue.submit(TrainConfig(data=str(two)), "ann")
    assert cluster.address in str(refusal.value)
    assert "FLOWERCORE_SCHEDULER" in str(refusal.value)
    assert store.runs() == []


def test_a_room_that_asks_at_once_does_not_wait_in_a_row(
    cluster: Cluster, cluster_queue: JobQueue, two: Path
) -> None:
    code = (
        "import threading, sys, time\n"
        "from flowercore.jobs.dask_slots import DaskSlots\n"
        "from flowercore.errors import JobError\n"
        "slots, refused = DaskSlots(sys.argv[1], None), []\n"
        "def ask():\n"
        "    try: slots.ready()\n"
        "    except JobError as error: refused.append(error)\n"
        "room = [threading.Thread(target=ask) for _ in range(10)]\n"
        "[one.start() for one in room]; [one.join() for one in room]\n"
        "print(len(refused), len(set(map(id, refused))))\n"
    )
    asked = subprocess.run(
        [sys.executable, "-c", code, cluster.address], cwd=ROOT, capture_output=True, text=True
    )
    assert asked.stdout.split() == ["10", "1"], asked.stderr


def test_a_server_that_is_no_scheduler_is_said_in_words() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        slots = DaskSlots(f"tcp://127.0.0.1:{silent.getsockname()[1]}", None)
        with pytest.raises(JobError, match="No answer from the Dask scheduler"):
            slots.ready()


def test_a_scheduler_without_workers_is_said_in_words(cluster: Cluster) -> None:
    cluster.scheduler()
    slots = DaskSlots(cluster.address, None)
    with pytest.raises(JobError, match="No worker has joined"):
        slots.ready()
    slots.close()


@pytest.mark.parametrize(
    "address", ["localhost:8786", "http://host:8786", "tcp://host", "tcp://:1"]
)
def test_an_address_that_cannot_be_one_is_refused_in_words(address: str) -> None:
    with pytest.raises(ConfigError, match="FLOWERCORE_SCHEDULER must be the address"):
        DaskSlots(address, None).ready()


def test_a_missing_package_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ConfigError, match="needs the package distributed"):
        DaskSlots("tcp://127.0.0.1:1", None).ready()


START = """
import sys, time
from flowercore.jobs import queue
queue.start_preparation()
state = queue.preparation()
print(state.state, "|", state.reason)
"""


def test_a_server_starts_without_its_scheduler_and_says_what_it_waits_for(
    cluster: Cluster, home: Path
) -> None:
    started = subprocess.run(
        [sys.executable, "-c", START],
        cwd=ROOT,
        env={**os.environ, "FLOWERCORE_SCHEDULER": cluster.address},
        capture_output=True,
        text=True,
    )
    assert started.returncode == 0, started.stderr
    assert started.stdout.startswith("failed | No answer from the Dask scheduler")
