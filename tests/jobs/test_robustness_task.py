"""Measuring what a run can bear: the same as its test, worse when spoilt, cached, stopped, said."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from flowercore.data.corruptions import KINDS
from flowercore.errors import InputError, JobError, NotFoundError, StorageError
from flowercore.evaluation.robustness import kept
from flowercore.jobs import robustness, task_kinds, tasks, worker
from flowercore.jobs.job_queue import JobQueue
from flowercore.jobs.task_work import TaskReporter
from flowercore.prediction.predictor import Predictor
from flowercore.prediction.spoilt import spoilt
from flowercore.runs import holder, results, store
from flowercore.runs.store import Run
from flowercore.settings import settings
from flowercore.training import computing
from flowercore.training.config import TrainConfig
from tests.jobs.waiting import until


def trained(data: Path | str, **options: object) -> Run:
    run = worker.train_now(TrainConfig(data=str(data), **options), lambda _: None)
    assert run.status == "finished", run.reason
    return run


@pytest.fixture
def photos(real_photos: Path, tmp_path: Path) -> Path:
    """Some real photos of three classes, few enough to be looked at in seconds."""
    for label in ("daisy", "rose", "sunflower"):
        (tmp_path / "few" / label).mkdir(parents=True)
        for path in sorted((real_photos / label).iterdir())[:10]:
            shutil.copy(path, tmp_path / "few" / label)
    return tmp_path / "few"


def own_rows(run: Run) -> pd.DataFrame:
    table = results.predictions(run.id)
    return table[table["split"] == "test"]


def own_test(run: Run) -> list[str]:
    return own_rows(run)["key"].tolist()


def test_plain_photos_are_as_in_the_test_and_spoilt_ones_are_worse(
    prepared: Path, photos: Path
) -> None:
    run = trained(photos, test_split=0.4, epochs=100)
    calls: list[tuple[str, int, int]] = []
    found = robustness.measure(run.id, progress=lambda *said: calls.append(said))
    table = own_rows(run)
    right = int((table["label"] == table["predicted"]).sum())
    assert (found.plain.right, found.plain.count) == (right, len(table))
    of_true = [row[f"p_{row['label']}"] for row in table.to_dict("records")]
    assert found.plain.probability == pytest.approx(np.mean(of_true), abs=1e-5)

    assert list(found.kinds) == list(KINDS)
    assert all(one.count == len(table) for levels in found.kinds.values() for one in levels)
    mean = {kind: [one.probability for one in levels] for kind, levels in found.kinds.items()}
    for kind in ("noise", "blur"):
        assert mean[kind][4] < mean[kind][0] - 0.05, kind
        assert mean[kind][4] < found.plain.probability - 0.1
    assert found.kinds["noise"][4].right < found.kinds["noise"][0].right
    assert (found.missing, found.unreadable) == (0, 0)
    assert found.created

    looks = [(done, total) for step, done, total in calls if "spoilt" in step]
    assert looks == sorted(looks)
    assert looks[-1] == (7 * len(table), 7 * len(table))


def test_another_run_on_the_same_photos_computes_nothing(
    prepared: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = trained(photos), trained(photos, epochs=3)
    assert own_test(first) == own_test(second)
    decoded: list[str] = []
    really = computing.photo_views.pixels

    def watched(*arguments: Any, **options: Any) -> list[np.ndarray]:
        decoded.append(options["name"])
        return really(*arguments, **options)

    monkeypatch.setattr(computing.photo_views, "pixels", watched)
    found = robustness.measure(first.id)
    assert set(decoded) == set(own_test(first))
    decoded.clear()
    assert robustness.measure(second.id).plain.count == found.plain.count
    assert decoded == []
    again = robustness.measure(first.id)
    assert (again.plain, again.kinds) == (found.plain, found.kinds)


@pytest.mark.parametrize(
    "options",
    [
        {"fine_tune_from": "head", "fine_tune_epochs": 1, "flip_average": True},
        {"preprocessing": "notebook"},
    ],
    ids=["fine-tuned", "standardised and squeezed"],
)
def test_other_runs_are_measured_as_they_judge(
    prepared: Path, photos: Path, options: dict[str, Any]
) -> None:
    run = trained(photos, epochs=3, **options)
    found = robustness.measure(run.id)
    table = own_rows(run)
    assert found.plain.right == int((table["label"] == table["predicted"]).sum())
    predictor = Predictor.for_run(run.id)
    # Photo by photo the same as what a visitor is shown as an example.
    right = np.zeros(6, int)
    for row in table.to_dict("records"):
        data = (photos / row["key"]).read_bytes()
        shown = spoilt(predictor, row["key"], data, sha256=row["sha256"], kind="noise")
        right += np.array([one.label == row["label"] for one in shown])
    levels = (found.plain, *found.kinds["noise"])
    assert right.tolist() == [one.right for one in levels]


def test_photos_that_are_gone_or_changed_are_left_out_and_counted(
    prepared: Path, two: Path, paint: Callable[..., Path]
) -> None:
    run = trained(two, test_split=0.4)
    gone, changed, *rest = own_test(run)
    (two / gone).unlink()
    paint(two / changed, color=(1, 2, 3), seed=77)
    found = robustness.measure(run.id)
    assert (found.plain.count, found.missing, found.unreadable) == (len(rest), 2, 0)
    assert len(rest) == 6
    for key in rest:
        (two / key).unlink()
    with pytest.raises(NotFoundError, match="all 8 of them are gone or changed"):
        robustness.measure(run.id)


def test_many_photos_are_looked_at_part_by_part(
    prepared: Path, two: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = trained(two, test_split=0.4)
    last = own_test(run)[-1]
    (two / last).write_bytes((two / last).read_bytes()[:-300])
    table = results.predictions(run.id)
    cut = hashlib.sha256((two / last).read_bytes()).hexdigest()
    results.write_predictions(
        run.id, table.assign(sha256=table["sha256"].where(table["key"] != last, cut))
    )
    whole = robustness.measure(run.id)
    assert (whole.plain.count, whole.missing, whole.unreadable) == (7, 0, 1)
    monkeypatch.setattr(robustness, "_AT_ONCE", 3)
    calls: list[tuple[str, int, int]] = []
    parts = robustness.measure(run.id, progress=lambda *said: calls.append(said))
    assert (parts.plain, parts.kinds, parts.unreadable) == (whole.plain, whole.kinds, 1)
    looks = [done for step, done, _ in calls if "spoilt" in step]
    assert looks == sorted(looks)


def test_what_cannot_be_measured_is_said(prepared: Path, two: Path) -> None:
    run = trained(two, test_split=0)
    with pytest.raises(NotFoundError, match="a run that kept none"):
        robustness.measure(run.id)
    with pytest.raises(NotFoundError):
        robustness.measure("20260101-000000-abcdef")
    run = trained(two)
    shutil.rmtree(two)
    with pytest.raises(InputError):
        robustness.measure(run.id)
    table = results.predictions(run.id)
    results.write_predictions(run.id, table.assign(label="orchid"))
    with pytest.raises(StorageError, match="edited by hand"):
        robustness.measure(run.id)
    (store.folder(run.id) / "head.safetensors").unlink()
    with pytest.raises(NotFoundError, match="no trained head"):
        robustness.measure(run.id)


def test_an_active_run_is_refused(home: Path) -> None:
    name = holder.new_name()
    with holder.held(name):
        run = store.new_run({"data": "x"}, visitor="", held_by=name)
        with pytest.raises(JobError, match="when it has ended"):
            robustness.measure(run.id)


def test_a_full_disk_is_said_before_minutes_of_looking(
    prepared: Path, two: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = trained(two)
    monkeypatch.setenv("FLOWERCORE_DISK_FREE_BYTES", str(1 << 60))
    settings.cache_clear()
    with pytest.raises(StorageError, match="of disk must stay free"):
        robustness.measure(run.id)


def test_it_runs_in_a_worker_and_is_kept(one_slot: JobQueue, prepared: Path, two: Path) -> None:
    run = trained(two)
    task_id = one_slot.submit_task("robustness", {"run": run.id}, "ann")
    with pytest.raises(JobError, match="One measurement of robustness a visitor"):
        one_slot.submit_task("robustness", {"run": run.id}, "ann")
    done = end(task_id)
    assert done.state == "finished", done.reason
    assert done.pid != os.getpid()
    assert done.result == {"photos": 4, "missing": 0}
    found = kept(run.id)
    assert found is not None
    assert found.plain.count == 4
    assert found.sentence


def test_it_can_be_stopped_and_keeps_nothing(
    one_slot: JobQueue, prepared: Path, many: Path
) -> None:
    run = trained(many, epochs=1, test_split=0.5)
    task_id = one_slot.submit_task("robustness", {"run": run.id}, "ann")
    until(lambda: not tasks.look(task_id).active or 0 < tasks.look(task_id).share < 1, "under way")
    assert "spoilt" in tasks.look(task_id).step
    one_slot.cancel_task(task_id)
    stopped = end(task_id)
    assert (stopped.state, stopped.reason) == ("stopped", "You stopped it.")
    assert kept(run.id) is None


def test_what_an_older_version_found_is_measured_anew(prepared: Path, two: Path) -> None:
    run = trained(two)
    path = store.folder(run.id) / "robustness.json"
    path.write_text(json.dumps({"version": "0", "plain": {"right": 1}}))
    assert kept(run.id) is None
    name = holder.new_name()
    with holder.held(name):
        task = tasks.new("robustness", {"run": run.id}, visitor="me", held_by=name)
        task_kinds.KINDS["robustness"](task.arguments, TaskReporter(task))
    found = kept(run.id)
    assert found is not None
    assert found.plain.count == 4


def end(task_id: str) -> tasks.Task:
    until(lambda: not tasks.look(task_id).active, "the task ended")
    return tasks.look(task_id)
