"""Several trainings as one experiment: all of them or none, and one job of its visitor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from flowercore.errors import ConfigError, JobError, StorageError
from flowercore.jobs import experiments
from flowercore.jobs.executor import open_slots
from flowercore.jobs.job_queue import JobQueue
from flowercore.runs import results, store
from flowercore.runs.store import Run
from flowercore.settings import settings
from flowercore.training.config import TrainConfig
from tests.jobs.waiting import in_epochs, pid_of, wait_for, wait_for_end

pytestmark = pytest.mark.usefixtures("prepared")


def three(photos: Path) -> list[TrainConfig]:
    return [TrainConfig(data=str(photos), epochs=5, seed=seed) for seed in (1, 2, 3)]


def statuses(runs: list[Run]) -> list[str]:
    return [store.get(run.id).status for run in runs]


def test_an_experiment_trains_all_its_runs_under_one_name(queue: JobQueue, two: Path) -> None:
    runs = queue.submit_all(three(two), "ann")
    assert [wait_for_end(run.id).status for run in runs] == ["finished"] * 3
    (name,) = {store.get(run.id).config["experiment"] for run in runs}
    assert len(name) == 8
    assert [store.get(run.id).config["seed"] for run in runs] == [1, 2, 3]
    other = queue.submit_all(three(two)[:2], "ann")
    assert store.get(other[0].id).config["experiment"] != name


def test_a_single_training_is_no_experiment_and_a_given_name_stays(
    one_slot: JobQueue, two: Path
) -> None:
    (alone,) = one_slot.submit_all(three(two)[:1], "ann")
    assert alone.config["experiment"] == ""
    named = [replace(config, experiment="mine") for config in three(two)]
    assert {run.config["experiment"] for run in one_slot.submit_all(named, "ben")} == {"mine"}


def test_an_experiment_is_the_one_job_of_its_visitor(
    one_slot: JobQueue, two: Path, long: TrainConfig
) -> None:
    one_slot.submit(long, "somebody")
    runs = one_slot.submit_all(three(two), "ann")
    with pytest.raises(JobError, match="One training a visitor"):
        one_slot.submit(TrainConfig(data=str(two)), "ann")
    one_slot.cancel(runs[1].id)
    assert statuses(runs) == ["waiting", "stopped", "waiting"]
    with pytest.raises(JobError, match="One training a visitor"):
        one_slot.submit(TrainConfig(data=str(two)), "ann")


def test_one_bad_training_refuses_the_whole_experiment(queue: JobQueue, two: Path) -> None:
    configs = three(two)
    configs[2] = replace(configs[2], epochs=0)
    with pytest.raises(ConfigError, match="Epochs"):
        queue.submit_all(configs, "ann")
    assert store.runs() == []


def test_an_experiment_that_would_wait_beyond_the_limit_is_refused_whole(
    monkeypatch: pytest.MonkeyPatch, two: Path, long: TrainConfig
) -> None:
    monkeypatch.setenv("FLOWERCORE_SLOTS", "1")
    monkeypatch.setenv("FLOWERCORE_JOBS_WAITING_MAX", "2")
    settings.cache_clear()
    queue = JobQueue(open_slots())
    try:
        # Three for an idle queue: one begins at once.
        runs = queue.submit_all([replace(long, seed=seed) for seed in (1, 2, 3)], "ann")
        assert [queue.ahead(run.id) for run in runs] == [0, 0, 1]
        with pytest.raises(JobError, match=r"At most 2 trainings .*Received: 3 more"):
            queue.submit_all(three(two), "ben")
        with pytest.raises(JobError, match="Received: one more"):
            queue.submit(TrainConfig(data=str(two)), "ben")
        assert len(store.runs()) == 3
        queue.cancel(runs[2].id)
        assert queue.submit(TrainConfig(data=str(two)), "ben").status == "waiting"
    finally:
        queue.close()


def test_an_experiment_whose_last_folder_cannot_be_made_leaves_none(
    queue: JobQueue, two: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = store.new_run

    def refuse_the_third(config: dict[str, object], **options: str) -> Run:
        if config["seed"] == 3:
            raise StorageError("The disk is full.")
        return made(config, **options)

    monkeypatch.setattr(store, "new_run", refuse_the_third)
    with pytest.raises(StorageError):
        queue.submit_all(three(two), "ann")
    assert store.runs() == []
    assert wait_for_end(queue.submit(three(two)[0], "ann").id).status == "finished"


def test_stopping_a_run_stops_only_that_one_and_an_experiment_all_that_are_left(
    one_slot: JobQueue, two: Path, long: TrainConfig
) -> None:
    configs = [replace(long, seed=seed) for seed in range(4)]
    runs = one_slot.submit_all(configs, "ann")
    others = one_slot.submit_all(three(two), "ben")
    wait_for(runs[0].id, in_epochs)
    one_slot.cancel(runs[0].id)
    assert wait_for_end(runs[0].id).status == "stopped"
    wait_for(runs[1].id, in_epochs)
    assert statuses(runs) == ["stopped", "training", "waiting", "waiting"]
    kept = store.get(runs[0].id)
    one_slot.cancel_experiment(runs[0].id)
    assert one_slot.ahead(others[0].id) == 0
    for run in runs:
        assert wait_for_end(run.id).status == "stopped"
    assert store.get(runs[0].id) == kept
    assert len(results.history(runs[1].id)) >= 2
    # None of those that waited was begun to be stopped, and the experiment of another is untouched.
    assert [store.get(run.id).reason for run in runs[2:]] == ["Stopped before it began."] * 2
    assert [wait_for_end(run.id).status for run in others] == ["finished"] * 3
    assert {pid_of(run.id) for run in others} == {pid_of(runs[0].id)}


def test_stopping_the_experiment_of_a_single_run_stops_that_run(
    one_slot: JobQueue, two: Path, long: TrainConfig
) -> None:
    running = one_slot.submit(long, "ann")
    waiting = one_slot.submit(TrainConfig(data=str(two)), "ben")
    one_slot.cancel_experiment(waiting.id)
    assert store.get(waiting.id).status == "stopped"
    assert store.get(running.id).active


def test_settings_of_an_older_version_can_be_started_again(queue: JobQueue, two: Path) -> None:
    run = wait_for_end(queue.submit(TrainConfig(data=str(two), epochs=3), "ann").id)
    older = {key: run.config[key] for key in ("data", "backbone", "epochs", "seed")}
    store.update(run, config=older)
    assert experiments.settings_again(run.id) == TrainConfig(data=str(two), epochs=3)
