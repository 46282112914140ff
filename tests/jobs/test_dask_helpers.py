"""Who computes which photo, with a cluster that is no more than a list of what it was sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeoutError
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flowercore.backbones import registry
from flowercore.data.dataset import Photo
from flowercore.data.views import MIRRORED, PLAIN
from flowercore.errors import JobError, PhotoError
from flowercore.jobs import dask_helpers
from flowercore.jobs.dask_helpers import Helpers
from flowercore.jobs.dask_shard import Shard
from flowercore.training.computing import Order

ADDRESS = "tcp://127.0.0.1:1"
BOTH = (0, 1)


def an_order(count: int) -> Order:
    photos = tuple(
        Photo(f"rose/{number}.jpg", "rose", f"{number:064x}", 1, 1, 1, "JPEG")
        for number in range(count)
    )
    missing = {photo.sha256: BOTH for photo in photos}
    return Order(Path("/nowhere"), "x", photos, registry.DEFAULT, (PLAIN, MIRRORED), missing)


class Future:
    """A shard under way."""

    def __init__(self, order: Order, workers: list[str]) -> None:
        self.order, self.workers = order, workers
        self.status = "pending"
        self.released = False
        self.outcome: Any = None

    def bring(self, *, without: int = 0) -> None:
        photos = tuple(photo.sha256 for photo in self.order.photos[without:])
        numbers = [[int(sha256, 16), place] for sha256 in photos for place in BOTH]
        vectors = np.array(numbers, np.float32)
        self.status, self.outcome = "finished", Shard(self.workers[0], photos, vectors)

    def fail(self, error: Exception, status: str = "error") -> None:
        self.status, self.outcome = status, error

    def result(self, timeout: float) -> Shard:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def release(self) -> None:
        self.released = True


class Client:
    """A cluster of two other workers, of one thread each."""

    def __init__(self) -> None:
        self.status = "running"
        self.scheduler = self
        self.sent: list[Future] = []
        self.threads = {"own": 1, "ann": 1, "ben": 1}
        self.tasks: dict[str, list[str]] = {"own": ["as_guest-1"], "ann": [], "ben": []}

    def sync(self, ask: Callable[[], Any], callback_timeout: float) -> Any:
        return ask()

    def ncores(self) -> dict[str, int]:
        return self.threads

    def processing(self) -> dict[str, list[str]]:
        return self.tasks

    def submit(self, *arguments: Any, workers: list[str], **options: Any) -> Future:
        future = Future(arguments[-1], workers)
        self.sent.append(future)
        return future


@pytest.fixture
def client() -> Client:
    return Client()


def helpers(client: Client, count: int = 400) -> Helpers:
    return Helpers(an_order(count), ADDRESS, client, "own", Counter())


def test_the_asker_goes_from_the_front_and_the_others_get_shards_from_the_back(
    client: Client,
) -> None:
    asked = helpers(client)
    assert [len(future.order.photos) for future in client.sent] == [16] * 4
    assert client.sent[0].workers == ["ann", "ben"]
    assert client.sent[0].order.photos[0].key == "rose/399.jpg"
    assert set(client.sent[0].order.missing) == {p.sha256 for p in client.sent[0].order.photos}
    left = asked.left()
    assert [next(left).key for _ in range(3)] == ["rose/0.jpg", "rose/1.jpg", "rose/2.jpg"]


def test_what_is_brought_comes_once_with_its_own_vectors_and_more_is_sent(client: Client) -> None:
    asked = helpers(client)
    client.sent[1].bring()
    found = asked.collect()
    assert [photo for photo, _ in found] == list(client.sent[1].order.photos)
    for photo, vectors in found:
        assert {place: list(one) for place, one in vectors.items()} == {
            place: [int(photo.sha256, 16), place] for place in BOTH
        }
    assert len(client.sent) == 5
    assert asked.collect() == []
    assert asked.not_yet_brought([found[0], (an_order(1).photos[0], {})]) == [
        (an_order(1).photos[0], {})
    ]


def test_nobody_waits_for_a_worker_that_brings_nothing(client: Client) -> None:
    asked = helpers(client, 100)
    for photo in asked.left():
        asked.not_yet_brought([(photo, {})])
        asked.collect()
    assert asked.done
    assert len(client.sent) == 4
    asked.dismiss()
    assert all(future.released for future in client.sent)


def test_towards_the_end_shards_become_small(client: Client) -> None:
    asked = helpers(client, 40)
    assert [len(future.order.photos) for future in client.sent] == [6, 5, 4, 4]
    while not asked.done:
        for future in client.sent:
            if future.status == "pending":
                future.bring()
        asked.collect()
        assert len(client.sent) < 40
    assert sum(len(future.order.photos) for future in client.sent) == 40


def test_photos_that_a_worker_could_not_read_are_looked_at_by_the_asker_next(
    client: Client,
) -> None:
    asked = helpers(client)
    client.sent[0].bring(without=2)
    assert len(asked.collect()) == 14
    left = asked.left()
    assert [next(left).key for _ in range(3)] == ["rose/399.jpg", "rose/398.jpg", "rose/0.jpg"]
    problem = PhotoError("broken")
    photo = client.sent[0].order.photos[0]
    assert asked.not_yet_brought([(photo, problem)]) == [(photo, problem)]


@pytest.mark.parametrize("status", ["lost", "cancelled", "error"])
def test_a_shard_that_its_workers_gave_up_is_left_to_the_asker(client: Client, status: str) -> None:
    asked = helpers(client)
    client.sent[0].fail(MemoryError(), status)
    assert asked.collect() == []
    assert next(asked.left()) == client.sent[0].order.photos[0]
    assert len(client.sent) == 5


def test_a_worker_that_does_not_answer_is_asked_again_after_a_while(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = helpers(client)
    client.sent[0].fail(FutureTimeoutError(), "finished")
    assert asked.collect() == []
    client.sent[0].bring()
    assert asked.collect() == []
    client.sent[1].fail(FutureTimeoutError(), "finished")
    monkeypatch.setattr(dask_helpers, "_PAUSE_SECONDS", -1)
    assert asked.collect() == []
    client.sent[1].bring()
    assert [photo for photo, _ in asked.collect()] == list(client.sent[1].order.photos)


def test_a_scheduler_that_does_not_answer_does_not_keep_the_asker(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_helpers, "_LOOK_SECONDS", -1)
    asked = helpers(client)
    looks = []

    def hang() -> dict[str, int]:
        looks.append(1)
        raise TimeoutError

    monkeypatch.setattr(client, "ncores", hang)
    for photo in list(asked.left())[:50]:
        asked.not_yet_brought([(photo, {})])
        asked.collect()
    assert len(looks) == 1
    client.sent[0].bring()
    assert len(asked.collect()) == 16
    assert len(client.sent) == 4, "all photos are taken"


def test_a_worker_that_does_not_fit_is_said(client: Client) -> None:
    asked = helpers(client)
    client.sent[0].fail(JobError("Other versions."))
    with pytest.raises(JobError, match="Other versions"):
        asked.collect()
    asked = helpers(client)
    client.sent[-1].fail(ModuleNotFoundError("flowercore"))
    with pytest.raises(JobError, match="with the same packages"):
        asked.collect()


def test_a_lost_scheduler_is_said(client: Client) -> None:
    asked = helpers(client)
    client.status = "connecting"
    with pytest.raises(JobError, match="The connection to the Dask scheduler"):
        asked.collect()


def test_while_a_job_waits_behind_another_no_shards_are_sent(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_helpers, "_LOOK_SECONDS", -1)
    client.tasks["own"] = ["as_guest-1", "as_guest-2"]
    asked = helpers(client)
    assert client.sent == []
    client.tasks |= {"own": ["as_guest-1"], "ben": ["as_guest-2", "features-1"]}
    asked.collect()
    assert len(client.sent) == 4


def test_workers_may_come_and_go(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_helpers, "_LOOK_SECONDS", -1)
    client.threads = {"own": 1}
    asked = helpers(client)
    assert client.sent == []
    client.threads = {"own": 1, "eve": 3}
    asked.collect()
    assert [future.workers for future in client.sent] == [["eve"]] * 4
