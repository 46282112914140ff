"""Queues with real worker processes, and photos that keep them busy for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flowercore.jobs.executor import open_slots
from flowercore.jobs.job_queue import JobQueue
from flowercore.settings import settings
from flowercore.training.config import TrainConfig
from tests.jobs.dask_cluster import Cluster


@pytest.fixture(autouse=True)
def _many_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    # Workers read the environment when they start, so this comes before any.
    monkeypatch.setenv("FLOWERCORE_EPOCHS_MAX", "5000")
    settings.cache_clear()


@pytest.fixture
def queue() -> Iterator[JobQueue]:
    queue = JobQueue(open_slots())
    yield queue
    queue.close()


@pytest.fixture
def one_slot(monkeypatch: pytest.MonkeyPatch) -> Iterator[JobQueue]:
    monkeypatch.setenv("FLOWERCORE_SLOTS", "1")
    settings.cache_clear()
    queue = JobQueue(open_slots())
    yield queue
    queue.close()


@pytest.fixture
def two(tiny_dataset: Callable[..., Path]) -> Path:
    return tiny_dataset(classes=2, per_class=10)


@pytest.fixture
def many(tiny_dataset: Callable[..., Path]) -> Path:
    """Enough photos for a second or two in the backbone."""
    return tiny_dataset(classes=3, per_class=120, name="many")


@pytest.fixture
def long(tiny_dataset: Callable[..., Path]) -> TrainConfig:
    """A training whose photos are soon done and whose epochs take many seconds."""
    photos = tiny_dataset(classes=3, per_class=40, name="long")
    return TrainConfig(data=str(photos), epochs=5000, batch_size=1)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Give a Dask cluster; its processes are started by the tests."""
    cluster = Cluster(tmp_path)
    yield cluster
    cluster.close()


@pytest.fixture
def cluster_queue(
    cluster: Cluster, prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[JobQueue]:
    """Give a queue on the cluster."""
    monkeypatch.setenv("FLOWERCORE_SCHEDULER", cluster.address)
    settings.cache_clear()
    queue = JobQueue(open_slots())
    yield queue
    queue.close()
