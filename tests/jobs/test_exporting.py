"""A run is packed for taking home by a worker, which may be killed at it."""

from __future__ import annotations

import json
import os
import signal
import zipfile
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest

from flowercore.errors import JobError, NotFoundError
from flowercore.export.bundle import FILES
from flowercore.jobs import exporting, worker
from flowercore.jobs.exporting import ExportState
from flowercore.jobs.job_queue import JobQueue
from flowercore.runs import holder, store
from flowercore.settings import settings
from flowercore.training.config import TrainConfig
from tests.jobs.waiting import in_epochs, pid_of, until, wait_for, wait_for_end

pytestmark = pytest.mark.usefixtures("prepared")
# It imports TensorFlow, at the lowest priority.
EXPORT_SECONDS = 240
BUSY = ("waiting", "running")


@pytest.fixture
def finished(one_slot: JobQueue, two: Path) -> str:
    run = wait_for_end(one_slot.submit(TrainConfig(data=str(two), epochs=5), "ann").id)
    assert run.status == "finished"
    return run.id


def test_a_run_is_packed_into_a_zip_that_goes_stale_with_its_name(
    one_slot: JobQueue, finished: str
) -> None:
    assert one_slot.exporting(finished) == ExportState("missing")
    one_slot.export(finished)
    one_slot.export(finished)  # a second click changes nothing
    assert one_slot.exporting(finished).state in BUSY
    until(lambda: one_slot.exporting(finished).state not in BUSY, "packed", EXPORT_SECONDS)
    assert one_slot.exporting(finished) == ExportState("ready")
    with zipfile.ZipFile(exporting.archive(finished)) as packed:
        assert {Path(name).name for name in packed.namelist()} == set(FILES)
        assert {Path(name).parts[0] for name in packed.namelist()} == {f"flower-lab-{finished}"}
        assert packed.testzip() is None
    assert not list(store.folder(finished).glob(".export-*"))
    store.label(finished, name="Another name")
    assert one_slot.exporting(finished) == ExportState("missing")


def test_a_worker_that_is_killed_while_it_packs_fails_the_export_which_can_be_tried_again(
    one_slot: JobQueue, finished: str, two: Path
) -> None:
    one_slot.export(finished)
    until(lambda: list(store.folder(finished).glob(".export-*")) != [], "packing")
    os.kill(pid_of(finished), signal.SIGKILL)
    until(lambda: one_slot.exporting(finished).state not in BUSY, "seen as over")
    state = one_slot.exporting(finished)
    assert state.state == "failed"
    assert "gone" in (state.reason or "")
    assert not exporting.archive(finished).exists()
    again = one_slot.submit(TrainConfig(data=str(two)), "ann")
    assert wait_for_end(again.id).status == "finished"
    one_slot.export(finished)
    assert one_slot.exporting(finished).state in BUSY
    until(lambda: one_slot.exporting(finished).state not in BUSY, "packed", EXPORT_SECONDS)
    assert one_slot.exporting(finished) == ExportState("ready")
    assert not list(store.folder(finished).glob(".export-*"))


def test_an_export_waits_for_a_free_slot_and_a_run_for_its_end(
    one_slot: JobQueue, finished: str, long: TrainConfig
) -> None:
    run = one_slot.submit(long, "ann")
    wait_for(run.id, in_epochs)
    one_slot.export(finished)
    assert one_slot.exporting(finished) == ExportState("waiting")
    assert one_slot.ahead(run.id) == 0
    with pytest.raises(JobError, match="must have ended"):
        one_slot.export(run.id)
    one_slot.cancel(run.id)
    wait_for_end(run.id)
    until(lambda: one_slot.exporting(finished).state not in BUSY, "packed", EXPORT_SECONDS)
    assert one_slot.exporting(finished) == ExportState("ready")


class SlotByHand:
    """A slot whose jobs end when the test says so."""

    fresh = False

    def __init__(self) -> None:
        self.answers: list[Future[None]] = []

    def submit(self, function: Callable[..., None], *arguments: str) -> Future[None]:
        self.answers.append(Future())
        return self.answers[-1]

    def replace(self) -> None:
        pass


class SlotsByHand:
    def __init__(self) -> None:
        self.slot = SlotByHand()
        self.free = 1

    def ready(self) -> None:
        pass

    def take(self) -> SlotByHand:
        self.free -= 1
        return self.slot

    def give_back(self, slot: SlotByHand) -> None:
        self.free += 1

    def close(self) -> None:
        pass


def test_an_export_that_is_asked_for_before_the_answer_of_the_training_is_kept(two: Path) -> None:
    slots = SlotsByHand()
    queue = JobQueue(slots)
    try:
        run = queue.submit(TrainConfig(data=str(two)), "ann")
        store.update(run, status="finished")  # as the worker does, just before it answers
        queue.export(run.id)
        slots.slot.answers[0].set_result(None)
        assert len(slots.slot.answers) == 2
        assert queue.exporting(run.id) == ExportState("waiting")
        slots.slot.answers[1].set_exception(RuntimeError("the worker died"))
        assert queue.exporting(run.id).state == "failed"
        assert slots.free == 1
    finally:
        queue.close()


def test_a_run_without_a_head_cannot_be_packed_and_says_why(
    one_slot: JobQueue, finished: str
) -> None:
    (store.folder(finished) / "head.safetensors").unlink()
    one_slot.export(finished)
    until(lambda: one_slot.exporting(finished).state not in BUSY, "seen as over")
    state = one_slot.exporting(finished)
    assert state.state == "failed"
    assert "no trained head" in (state.reason or "")


def test_no_room_on_the_disk_is_the_reason(finished: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWERCORE_DISK_FREE_BYTES", str(10**18))
    settings.cache_clear()
    worker.export(finished)
    state = exporting.look(finished)
    assert state.state == "failed"
    assert "must stay free" in (state.reason or "")


def test_two_workers_do_not_pack_the_same_run_at_once(finished: str) -> None:
    name = holder.new_name()
    text = json.dumps({"state": "running", "holder": name, "reason": None})
    (store.folder(finished) / "export.json").write_text(text)
    with holder.held(name):
        assert exporting.look(finished) == ExportState("running")
        worker.export(finished)
        assert not exporting.archive(finished).exists()
    assert exporting.look(finished).state == "failed"


def test_an_edited_state_counts_as_none(finished: str) -> None:
    for text in ("", "[]", '{"state": 5}', '{"state": "ready"}'):
        (store.folder(finished) / "export.json").write_text(text)
        assert exporting.look(finished) == ExportState("missing")


def test_an_unknown_run_has_no_export(one_slot: JobQueue) -> None:
    with pytest.raises(NotFoundError):
        one_slot.export("20260101-000000-000000")
    with pytest.raises(NotFoundError):
        one_slot.exporting("20260101-000000-000000")


def test_too_many_exports_may_not_wait(
    one_slot: JobQueue, finished: str, two: Path, long: TrainConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    another = wait_for_end(one_slot.submit(TrainConfig(data=str(two), epochs=5), "ann").id)
    monkeypatch.setenv("FLOWERCORE_JOBS_WAITING_MAX", "1")
    settings.cache_clear()
    begun = one_slot.submit(long, "ann").id
    # The run before it is over a moment before its slot is free.
    until(lambda: store.get(begun).status != "waiting", "a worker took it")
    one_slot.export(finished)
    with pytest.raises(JobError, match="At most 1 exports may wait"):
        one_slot.export(another.id)
    # Exports are no trainings: one of those may wait as well.
    assert one_slot.submit(TrainConfig(data=str(two)), "ben").status == "waiting"
