"""Features on a real Dask cluster of this machine, whose processes are killed: the same bits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from flowercore import __version__
from flowercore.backbones import registry
from flowercore.data import catalog
from flowercore.data.dataset import Dataset
from flowercore.errors import DatasetError, JobError
from flowercore.files import home_folder
from flowercore.jobs import dask_shards, worker
from flowercore.jobs.dask_connection import Connection
from flowercore.jobs.job_queue import JobQueue
from flowercore.runs import results, store
from flowercore.settings import settings
from flowercore.training.config import TrainConfig
from flowercore.training.features import dataset_features, known_features
from tests.jobs import sharded
from tests.jobs.dask_cluster import ROOT, Cluster, free
from tests.jobs.waiting import ended, pid_of, until, wait_for, wait_for_end

pytestmark = pytest.mark.usefixtures("prepared")


@pytest.fixture
def photos(tiny_dataset: Callable[..., Path]) -> Path:
    """Enough for many shards, one of them damaged."""
    root = tiny_dataset(classes=2, per_class=60, name="photos")
    damaged = root / "dandelion" / "dandelion_050.jpg"
    damaged.write_bytes(damaged.read_bytes()[:900])
    return root


@pytest.fixture
def crowd(tiny_dataset: Callable[..., Path]) -> Path:
    return tiny_dataset(classes=2, per_class=120, name="crowd")


@contextmanager
def connected(cluster: Cluster, workers: int) -> Iterator[Connection]:
    connection = Connection(cluster.address)

    def joined() -> bool:
        try:
            return len(connection.ready()) == workers
        except JobError:
            return False

    until(joined, "workers")
    yield connection
    connection.close()


def on(connection: Connection, root: Path) -> sharded.Found:
    future = connection.client.submit(
        worker.as_guest, __version__, sharded.features, str(root), pure=False
    )
    return future.result()


def forget_features() -> None:
    for file in home_folder("cache").glob("features.sqlite*"):
        file.unlink()


def data_of(root: Path) -> Dataset:
    return catalog.load(str(root))


def test_two_workers_share_the_photos_and_one_alone_computes_them_all(
    cluster: Cluster, photos: Path
) -> None:
    cluster.scheduler()
    cluster.worker()
    with connected(cluster, 1) as connection:
        alone = on(connection, photos)
    forget_features()
    cluster.worker()
    with connected(cluster, 2) as connection:
        shared = on(connection, photos)
    forget_features()
    local = dataset_features(data_of(photos), registry.DEFAULT)

    assert alone.brought == {}
    assert alone.threads == shared.threads == 1
    (brought,) = shared.brought.values()
    assert 0 < brought < 119
    for found in (alone, shared):
        assert found.computed == 119
        assert found.keys == tuple(photo.key for photo in local.photos)
        np.testing.assert_array_equal(found.vectors, local.vectors)
        assert found.skipped == local.skipped
        assert found.progress[0] == (0, 120)
        assert found.progress[-1] == (120, 120)
        assert list(found.progress) == sorted(found.progress)
        assert any(0 < done < 120 for done, _ in found.progress)
    assert [one.name for one in local.skipped] == ["dandelion/dandelion_050.jpg"]


def computed(run: store.Run, count: int) -> bool:
    progress = results.progress(run.id)
    return (progress.step == "features" and progress.done > count) or ended(run)


def with_two_workers(cluster: Cluster, queue: JobQueue) -> list[subprocess.Popen[bytes]]:
    cluster.scheduler()
    both = [cluster.worker("--no-nanny") for _ in range(2)]
    until(lambda: free(queue._line) == 2, "two workers")
    return both


def test_a_helper_that_is_killed_loses_nothing_and_a_stop_is_heard(
    cluster: Cluster, cluster_queue: JobQueue, crowd: Path
) -> None:
    both = with_two_workers(cluster, cluster_queue)
    run = cluster_queue.submit(TrainConfig(data=str(crowd), epochs=2), "ann")
    wait_for(run.id, lambda run: computed(run, 40))
    (helper,) = (one for one in both if one.pid != pid_of(run.id))
    os.kill(helper.pid, signal.SIGKILL)
    assert results.progress(run.id).done < 240
    assert wait_for_end(run.id).status == "finished"
    found = known_features(data_of(crowd), registry.DEFAULT)
    assert len(found.photos) == 240
    forget_features()
    local = dataset_features(data_of(crowd), registry.DEFAULT)
    np.testing.assert_array_equal(found.vectors, local.vectors)

    forget_features()
    stopped = cluster_queue.submit(TrainConfig(data=str(crowd)), "ann")
    wait_for(stopped.id, lambda run: computed(run, 20))
    asked = time.monotonic()
    cluster_queue.cancel(stopped.id)
    assert wait_for_end(stopped.id).status == "stopped"
    assert time.monotonic() - asked < 10  # a busy machine; benchmarks/scaling.py measures it
    kept = known_features(data_of(crowd), registry.DEFAULT).photos
    assert 0 < len(kept) < 240


def test_a_scheduler_that_vanishes_is_said_and_what_was_computed_is_kept(
    cluster: Cluster, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWERCORE_SCHEDULER", cluster.address)
    monkeypatch.setenv("FLOWERCORE_THREADS", "1")
    settings.cache_clear()
    scheduler = cluster.scheduler()
    cluster.worker()

    def vanish(done: int, total: int) -> None:
        if done:
            scheduler.kill()
            scheduler.wait()
            time.sleep(0.5)

    with connected(cluster, 1):
        pass
    with (
        dask_shards.from_here(),
        pytest.raises(JobError, match=r"connection to the Dask scheduler at .* was lost"),
    ):
        dataset_features(data_of(photos), registry.DEFAULT, progress=vanish)
    assert 0 < len(known_features(data_of(photos), registry.DEFAULT).photos) < 119


def test_the_command_line_says_that_no_scheduler_is_there(cluster: Cluster, photos: Path) -> None:
    trained = subprocess.run(
        [sys.executable, "-m", "flowercore", "train", "--data", str(photos)],
        cwd=ROOT,
        env={**os.environ, "FLOWERCORE_SCHEDULER": cluster.address},
        capture_output=True,
        text=True,
    )
    assert trained.returncode == 1
    assert f"No answer from the Dask scheduler at {cluster.address}" in trained.stderr
    assert "Traceback" not in trained.stderr


def test_a_worker_that_does_not_see_the_photos_is_said(
    cluster: Cluster, two: Path, tmp_path: Path
) -> None:
    cluster.scheduler()
    cluster.worker()
    with connected(cluster, 1) as connection:
        order = sharded.order_of(str(two))
        two.rename(tmp_path / "elsewhere")
        with pytest.raises(DatasetError, match="same path as the server") as refusal:
            sharded.shard_on(connection.client, order)
        assert str(tmp_path) not in str(refusal.value)
        (tmp_path / "elsewhere").rename(two)
        assert len(sharded.shard_on(connection.client, order).photos) == 20
        # A copy that is not the same: what it shows must not be taken for what was asked for.
        first, second = sorted((two / "daisy").iterdir())[:2]
        first.write_bytes(second.read_bytes())
        assert len(sharded.shard_on(connection.client, order).photos) == 19


@pytest.mark.slow
def test_a_helper_that_hangs_keeps_nobody(
    cluster: Cluster, cluster_queue: JobQueue, crowd: Path
) -> None:
    both = with_two_workers(cluster, cluster_queue)
    run = cluster_queue.submit(TrainConfig(data=str(crowd), epochs=2), "ann")
    wait_for(run.id, lambda run: computed(run, 40))
    (helper,) = (one for one in both if one.pid != pid_of(run.id))
    os.kill(helper.pid, signal.SIGSTOP)
    assert wait_for_end(run.id).status == "finished"
    assert len(known_features(data_of(crowd), registry.DEFAULT).photos) == 240


@pytest.mark.slow
def test_a_second_job_is_not_held_up_by_the_shards_of_the_first(
    cluster: Cluster, cluster_queue: JobQueue, tiny_dataset: Callable[..., Path], two: Path
) -> None:
    huge = tiny_dataset(classes=5, per_class=500, name="huge")
    with_two_workers(cluster, cluster_queue)
    first = cluster_queue.submit(TrainConfig(data=str(huge)), "ann")
    wait_for(first.id, lambda run: results.progress(run.id).step == "features" or ended(run))
    for _ in range(3):
        second = cluster_queue.submit(TrainConfig(data=str(two)), "ben")
        assert wait_for_end(second.id).status == "finished"
        assert results.progress(first.id).step == "features"
        assert pid_of(second.id) != pid_of(first.id)
    cluster_queue.cancel(first.id)
    assert wait_for_end(first.id).status == "stopped"
