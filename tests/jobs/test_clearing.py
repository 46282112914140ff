"""Clearing a room: what its visitors made and brought goes, all else stays."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from flowercore.data import catalog, drafts, look_cache, looks
from flowercore.jobs import clearing, packing, queue, tasks
from flowercore.jobs.uploads import keep
from flowercore.jobs.uploads import path as upload_path
from flowercore.runs import holder, store
from flowercore.settings import settings
from flowercore.training.config import TrainConfig
from flowercore.workshop import leaders, room
from flowercore.workshop.locks import Locks
from tests.jobs.waiting import in_epochs, until, wait_for

ANN, BEN, LEADER, STRANGER = "a" * 32, "b" * 32, "1" * 32, "9" * 32
TOKEN = "open-sesame-7"


@pytest.fixture(autouse=True)
def workshop(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("FLOWERCORE_WORKSHOP", "on")
    monkeypatch.setenv("FLOWERCORE_LEADER_TOKEN", TOKEN)
    settings.cache_clear()
    for visitor in (LEADER, ANN, BEN):
        room.arrive(visitor)
    leaders.unlock(LEADER, TOKEN)
    yield
    if queue._queue.cache_info().currsize:
        queue._queue().close()
        queue._queue.cache_clear()


@pytest.fixture
def ended() -> Callable[[str], store.Run]:
    """Give a visitor a run that has ended."""

    def make(visitor: str) -> store.Run:
        run = store.new_run({"data": "garden"}, visitor=visitor, held_by="nobody")
        return store.update(run, status="finished")

    return make


def test_what_visitors_made_goes_and_what_others_made_stays(
    ended: Callable[[str], store.Run], tiny_dataset: Callable[..., Path], home: Path
) -> None:
    folder = tiny_dataset()
    for name, owner in (("anns", ANN), ("leads", LEADER), ("strangers", STRANGER), ("all", "")):
        catalog.import_source(folder, name, owner=owner)
    gone = [ended(ANN), ended(BEN)]
    stay = [ended(LEADER), ended(STRANGER), ended(catalog.LOCAL)]
    photo = next(folder.rglob("*.jpg")).read_bytes()
    drafts.add(ANN, "", "rose", photo, name="x.jpg")
    drafts.add(LEADER, "", "rose", photo, name="x.jpg")
    room.call(ANN, "Ann")
    room.lock(Locks(epochs_max=9))
    room.preload("all")

    there = clearing.look()
    assert (there.visitors, there.nicknames, there.active) == (2, 1, 0)
    assert set(there.runs) == {run.id for run in gone}
    assert (there.datasets, there.photos) == (("anns",), 18)
    assert clearing.clear() == there

    assert {run.id for run in store.runs()} == {run.id for run in stay}
    assert {one.name for one in catalog.entries()} == {"leads", "strangers", "all"}
    assert not drafts.look(ANN).photos
    assert len(drafts.look(LEADER).photos) == 1
    now = room.read()
    assert set(now.members) == {LEADER}
    assert (now.locks, now.preloaded, now.leaving) == (Locks(epochs_max=9), "all", {})
    assert leaders.is_leader(LEADER)
    assert ANN not in "".join(path.read_text() for path in home.glob("*.json"))


def test_no_picture_of_a_deleted_photo_stays(tiny_dataset: Callable[..., Path]) -> None:
    catalog.import_source(tiny_dataset(), "anns", owner=ANN)
    data = catalog.load("anns")
    hashes = [photo.sha256 for photo in data.photos]
    assert all(looks.tiles(data, data.photos))
    assert look_cache.read_tiles(hashes)
    clearing.clear()
    assert not look_cache.read_tiles(hashes)


def test_tasks_go_with_their_uploads_and_zips(tiny_dataset: Callable[..., Path]) -> None:
    catalog.import_source(tiny_dataset(), "all")
    server = holder.new_name()
    with holder.held(server):
        upload = keep(io.BytesIO(b"zip"), "a.zip", 3)
        waiting = tasks.new("import", {"upload": upload}, visitor=ANN, held_by=server)
        packed = tasks.new("pack", {"data": "all"}, visitor=BEN, held_by=server)
        mine = tasks.new("pack", {"data": "all"}, visitor=LEADER, held_by=server)
        result = {"token": "f" * 32}
        tasks.update(packed, state="finished", result=result)
        zip_file = packing.home_folder("packed", "f" * 32) / "all.zip"
        zip_file.write_bytes(b"")
        clearing.clear()
        assert [task.id for task in tasks.everything()] == [mine.id]
    assert not zip_file.exists()
    with pytest.raises(Exception, match="no longer there"):
        upload_path(upload)
    assert waiting.id != packed.id


def test_a_visitor_who_comes_back_is_a_new_guest(ended: Callable[[str], store.Run]) -> None:
    ended(ANN)
    clearing.clear()
    room.arrive(ANN)
    new = ended(ANN)
    assert clearing.sweep() == 0
    assert [run.id for run in store.runs()] == [new.id]


@pytest.mark.usefixtures("prepared")
def test_a_training_at_work_is_stopped_and_deleted_with_its_photos(
    tiny_dataset: Callable[..., Path],
) -> None:
    catalog.import_source(tiny_dataset(per_class=40), "anns", owner=ANN)
    long = TrainConfig("anns", epochs=5000, batch_size=1)
    run = queue.submit(long, ANN)
    wait_for(run.id, in_epochs)
    behind = queue.submit(replace(long, seed=1), BEN)
    there = clearing.clear()
    assert there.active == 2
    assert ANN not in room.read().members
    until(lambda: not store.runs(), "without runs")
    until(lambda: not room.read().leaving, "swept")
    assert not catalog.entries()
    assert behind.id != run.id
