"""The queue with real worker processes, killed for real."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from flowercore.errors import ConfigError, DatasetError, JobError
from flowercore.jobs import worker
from flowercore.jobs.executor import LocalSlot, LocalSlots, open_slots
from flowercore.jobs.job_queue import JobQueue
from flowercore.runs import results, store
from flowercore.runs.store import Run
from flowercore.settings import settings
from flowercore.training.config import TrainConfig
from tests.jobs.waiting import (
    PATIENCE_SECONDS,
    children,
    computing,
    in_epochs,
    pid_of,
    until,
    wait_for,
    wait_for_end,
)

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.usefixtures("prepared")


def test_a_training_runs_in_a_process_of_its_own(queue: JobQueue, two: Path) -> None:
    run = queue.submit(TrainConfig(data=str(two), epochs=8), "visitor")
    done = wait_for_end(run.id)
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
    assert wait_for_end(second.id).status == "finished"
    assert wait_for_end(first.id).status == "finished"
    third = queue.submit(TrainConfig(data=str(two)), "ann")
    assert wait_for_end(third.id).status == "finished"


def test_the_same_seed_gives_the_same_history(queue: JobQueue, two: Path) -> None:
    runs = []
    for _ in range(2):
        run = queue.submit(TrainConfig(data=str(two), epochs=5), "ann")
        runs.append(wait_for_end(run.id))
    one, other = (results.history(run.id).drop(columns="seconds") for run in runs)
    assert one.equals(other)
    assert runs[0].split_identity == runs[1].split_identity


@pytest.mark.parametrize("moment", [computing, in_epochs])
def test_a_killed_worker_fails_its_run_only_and_is_replaced(
    queue: JobQueue, two: Path, many: Path, long: TrainConfig, moment: Callable[[Run], bool]
) -> None:
    victim = queue.submit(long if moment is in_epochs else TrainConfig(data=str(many)), "ann")
    neighbour = queue.submit(long, "ben")
    wait_for(neighbour.id, in_epochs)
    wait_for(victim.id, moment)
    killed = pid_of(victim.id)
    os.kill(killed, signal.SIGKILL)
    seen = wait_for_end(victim.id)
    assert seen.status == "failed"
    assert "gone" in (seen.reason or "")
    again = queue.submit(TrainConfig(data=str(two)), "ann")
    assert wait_for_end(again.id).status == "finished"
    assert pid_of(again.id) not in (killed, pid_of(neighbour.id))
    epochs = results.progress(neighbour.id).epoch
    wait_for(neighbour.id, lambda run: results.progress(run.id).epoch > epochs)
    assert store.get(neighbour.id).status == "training"


def test_a_worker_that_is_killed_while_it_waits_is_replaced() -> None:
    slot = LocalSlot()
    try:
        killed = slot.submit(worker.get_ready).result(PATIENCE_SECONDS)
        os.kill(killed, signal.SIGKILL)
        answers = []
        until(lambda: answer(slot, answers), "an answer of a new worker")
        assert answers != [killed]
    finally:
        slot.replace()


def answer(slot: LocalSlot, answers: list[int]) -> bool:
    future = slot.submit(
        worker.get_ready
    )  # whatever the state of the last worker, this must not raise
    try:
        answers.append(future.result(PATIENCE_SECONDS))
    except RuntimeError:  # it was handed to the worker that was just killed
        return False
    return True


def test_a_run_in_its_features_stops_when_asked_to(queue: JobQueue, many: Path) -> None:
    run = queue.submit(TrainConfig(data=str(many)), "ann")
    wait_for(run.id, computing)
    queue.cancel(run.id)
    seen = wait_for_end(run.id)
    assert seen.status == "stopped"
    assert "before the first epoch" in (seen.reason or "")


def test_a_run_in_its_epochs_stops_keeps_them_and_leaves_no_process_behind(
    one_slot: JobQueue, two: Path, long: TrainConfig
) -> None:
    run = one_slot.submit(long, "ann")
    wait_for(run.id, in_epochs)
    pid = pid_of(run.id)
    one_slot.cancel(run.id)
    seen = wait_for_end(run.id)
    history = results.history(run.id)
    assert seen.status == "stopped"
    assert seen.reason == f"Stopped after epoch {len(history)} of 5000."
    assert 2 <= len(history) < 5000
    assert results.head(run.id)["kernel"].shape == (1280, 3)
    assert len(results.predictions(run.id)) == 120
    assert not children(pid)
    again = one_slot.submit(TrainConfig(data=str(two)), "ann")
    assert wait_for_end(again.id).status == "finished"
    assert pid_of(again.id) == pid


def test_a_run_that_was_handed_over_but_has_not_begun_stops_at_once(
    queue: JobQueue, two: Path
) -> None:
    run = queue.submit(TrainConfig(data=str(two)), "ann")
    queue.cancel(run.id)
    assert store.get(run.id).status == "stopped"
    again = queue.submit(TrainConfig(data=str(two)), "ann")
    assert wait_for_end(again.id).status == "finished"
    assert store.get(run.id).status == "stopped"


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
        assert len(store.runs()) == 3
        queue.cancel(second.id)
        stopped = store.get(second.id)
        assert (stopped.status, stopped.reason) == ("stopped", "Stopped before it began.")
        assert queue.ahead(third.id) == 0
        assert wait_for_end(third.id).status == "finished"
        assert store.get(running.id).status == "finished"
    finally:
        queue.close()


def test_the_65th_waiting_run_is_refused(one_slot: JobQueue, two: Path, long: TrainConfig) -> None:
    config = TrainConfig(data=str(two))
    one_slot.submit(long, "first")
    waiting = [one_slot.submit(config, f"visitor {number}") for number in range(64)]
    assert one_slot.ahead(waiting[-1].id) == 63
    with pytest.raises(JobError, match="At most 64 trainings may wait"):
        one_slot.submit(config, "one too many")
    assert len(store.runs()) == 65


def test_what_cannot_be_trained_makes_no_run(queue: JobQueue, two: Path) -> None:
    with pytest.raises(ConfigError, match="Epochs"):
        queue.submit(TrainConfig(data=str(two), epochs=0), "ann")
    (two / "dandelion").rename(two.parent / "elsewhere")
    with pytest.raises(DatasetError, match="2"):
        queue.submit(TrainConfig(data=str(two)), "ann")
    assert store.runs() == []


def test_a_run_whose_folder_was_deleted_by_hand_frees_its_slot_and_its_visitor(
    one_slot: JobQueue, two: Path, long: TrainConfig
) -> None:
    running = one_slot.submit(long, "ann")
    wait_for(running.id, computing)
    waiting = one_slot.submit(TrainConfig(data=str(two)), "ben")
    for run in (running, waiting):
        shutil.rmtree(store.folder(run.id))
    for visitor in ("ann", "ben"):
        run = one_slot.submit(TrainConfig(data=str(two)), visitor)
        assert wait_for_end(run.id).status == "finished"


def test_a_damaged_run_is_shown_as_such_and_others_are_fine(queue: JobQueue, two: Path) -> None:
    runs = [wait_for_end(queue.submit(TrainConfig(data=str(two)), "ann").id).id for _ in range(2)]
    text = (store.folder(runs[0]) / "run.json").read_text()
    (store.folder(runs[0]) / "run.json").write_text(text[: len(text) // 2])
    assert {run.id: run.status for run in store.runs()} == {
        runs[0]: "damaged",
        runs[1]: "finished",
    }
    with pytest.raises(JobError, match="settings must be readable"):
        queue.restart(runs[0], "ann")
    assert wait_for_end(queue.restart(runs[1], "ann").id).status == "finished"


def test_an_active_run_is_not_started_again(queue: JobQueue, many: Path) -> None:
    run = queue.submit(TrainConfig(data=str(many)), "ann")
    with pytest.raises(JobError, match="must have ended"):
        queue.restart(run.id, "ben")
    assert [one.id for one in store.runs()] == [run.id]


def test_workers_have_the_lowest_priority_and_this_process_keeps_its_own(
    queue: JobQueue, two: Path
) -> None:
    mine = os.nice(0)
    run = queue.submit(TrainConfig(data=str(two)), "ann")
    wait_for_end(run.id)
    assert os.getpriority(os.PRIO_PROCESS, pid_of(run.id)) == 19
    assert os.nice(0) == mine


def test_slots_are_two_unless_the_environment_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slots = open_slots()
    assert isinstance(slots, LocalSlots)
    assert slots.free == 2
    monkeypatch.setenv("FLOWERCORE_SLOTS", "5")
    settings.cache_clear()
    assert open_slots().free == 5
