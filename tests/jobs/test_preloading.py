"""A room's photos go through the network once, before or while the first trainings ask for them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from flowercore.backbones import registry
from flowercore.data import catalog
from flowercore.errors import ConfigError, NotFoundError
from flowercore.jobs import tasks, worker
from flowercore.jobs.job_queue import JobQueue
from flowercore.jobs.tasks import Task
from flowercore.runs import holder, store
from flowercore.settings import settings
from flowercore.training.config import TrainConfig
from flowercore.training.features import dataset_features
from flowercore.workshop import room
from flowercore.workshop.locks import Locks

ROOT = Path(__file__).parents[2]
ANN = "a" * 32


def preload(**arguments: object) -> Task:
    server = holder.new_name()
    with holder.held(server):
        task = tasks.new("preload", arguments, visitor=ANN, held_by=server)
        worker.task(task.id)
    return tasks.look(task.id)


@pytest.mark.usefixtures("prepared")
def test_a_preloaded_dataset_needs_no_network_any_more(tiny_dataset: Callable[..., Path]) -> None:
    catalog.import_source(tiny_dataset(), "all")
    task = preload(data="all")
    assert task.state == "finished", task.reason
    assert task.result == {"photos": 18, "computed": 18, "left_out": 0}
    assert dataset_features(catalog.load("all"), registry.DEFAULT).computed == 0
    assert preload(data="all").result["computed"] == 0


def test_a_dataset_that_is_not_there_is_said() -> None:
    task = preload(data="nowhere")
    assert task.state == "failed"
    assert "There is: none yet" in str(task.reason)
    with pytest.raises(NotFoundError):
        catalog.load("nowhere")


@pytest.mark.usefixtures("prepared")
def test_two_who_begin_at_once_compute_each_photo_once(
    tiny_dataset: Callable[..., Path],
) -> None:
    catalog.import_source(tiny_dataset(per_class=100), "all")
    code = (
        "import sys; from flowercore.backbones import registry;"
        "from flowercore.data import catalog;"
        "from flowercore.training.features import dataset_features;"
        "data = catalog.load('all'); print('ready', flush=True); sys.stdin.readline();"
        "seen = [];"
        "found = dataset_features(data, registry.DEFAULT, progress=lambda *one: seen.append(one));"
        "print(found.computed, len(found.photos), len(seen), seen[-1][0])"
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for one in both:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in both:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    said = [one.communicate(timeout=120)[0].split() for one in both]
    assert sorted(int(one[0]) for one in said) == [0, 300]
    assert {one[1] for one in said} == {"300"}
    # The one that waits tells how far the other is.
    assert all(int(one[2]) > 1 and one[3] == "300" for one in said)


@pytest.mark.usefixtures("prepared")
def test_locks_hold_where_work_is_submitted(
    queue: JobQueue, tiny_dataset: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog.import_source(tiny_dataset(), "all")
    monkeypatch.setenv("FLOWERCORE_WORKSHOP", "on")
    settings.cache_clear()
    room.lock(Locks(fine_tuning=False, own_photos=False))
    allowed = TrainConfig("all", epochs=1)
    tuned = TrainConfig("all", epochs=1, fine_tune_from="head")
    with pytest.raises(ConfigError, match="switched fine-tuning off"):
        queue.submit_all([allowed, tuned], ANN)
    with pytest.raises(ConfigError, match="everybody uses the same photos"):
        queue.submit_task("import", {"upload": "f" * 32, "name": "x", "owner": ANN}, ANN)
    with pytest.raises(ConfigError, match="everybody uses the same photos"):
        queue.submit_task("download", {"source": "tiny_FR"}, ANN)
    assert not store.runs()
    assert not list(tasks.everything())
    assert queue.submit(allowed, ANN).visitor == ANN
