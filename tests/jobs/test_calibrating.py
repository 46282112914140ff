"""A run's temperature: fitted without its test photos, used where it helps, found later as well."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from flowercore.errors import JobError, NotFoundError, StorageError
from flowercore.evaluation.judgement import Judgement, judgement
from flowercore.jobs import task_kinds, tasks, worker
from flowercore.jobs.calibrating import calibrate
from flowercore.jobs.task_work import TaskReporter
from flowercore.prediction.predictor import Predictor
from flowercore.runs import holder, results, store
from flowercore.runs.store import Run
from flowercore.training.config import TrainConfig


def trained(data: Path | str, **settings: object) -> Run:
    run = worker.train_now(TrainConfig(data=str(data), **settings), lambda _: None)
    assert run.status == "finished", run.reason
    return run


def on_test(run: Run, temperature: float = 1.0) -> Judgement:
    table = results.predictions(run.id)
    found = judgement(table[table["split"] == "test"], run.classes, temperature)
    assert found is not None
    return found


def few(seen_photos: Path, folder: Path, each: int) -> Path:
    """Copy some photos of two classes; painted noise would be twins to the network."""
    for label in ("rose", "tulip"):
        (folder / label).mkdir(parents=True)
        for path in sorted((seen_photos / label).iterdir())[:each]:
            shutil.copy(path, folder / label)
    return folder


def calibrated_again(run: Run) -> dict:
    name = holder.new_name()
    with holder.held(name):
        task = tasks.new("calibrate", {"run": run.id}, visitor="me", held_by=name)
        return calibrate(task.arguments, TaskReporter(task))


def test_too_sure_runs_lose_log_loss_on_real_photos_in_four_of_five_seeds(
    prepared: Path, seen_photos: Path
) -> None:
    """A head that was trained long learns its photos by heart and is too sure of others."""
    lower = 0
    for seed in range(1, 6):
        run = trained(seen_photos, seed=seed, epochs=100)
        values = results.calibration(run.id)
        assert values["temperature"] == values["fitted"] > 1.2
        assert values["count"] == 400
        assert values["loss_after"] < values["loss_before"]
        before, after = on_test(run), on_test(run, values["temperature"])
        lower += after.evaluation.loss < before.evaluation.loss
        assert after.evaluation.accuracy == before.evaluation.accuracy
    assert lower >= 4


def test_where_it_does_not_help_it_is_left_out(prepared: Path, seen_photos: Path) -> None:
    """With the usual settings, probabilities are as they should be."""
    run = trained(seen_photos)
    values = results.calibration(run.id)
    assert values["temperature"] == 1
    assert 0.8 < values["fitted"] < 1.2
    assert values["reason"] == ""


def test_predictions_are_at_the_temperature(prepared: Path, seen_photos: Path) -> None:
    run = trained(seen_photos, epochs=100)
    temperature = results.calibration(run.id)["temperature"]
    judged = on_test(run, temperature)
    predictor = Predictor.for_run(run.id)
    for row, key in judged.photos["key"].head(4).items():
        (answer,) = predictor.predict([(key, (seen_photos / key).read_bytes())])
        assert answer.calibrated
        assert answer.probabilities == pytest.approx(judged.at(row), abs=1e-5)
        assert answer.probabilities != pytest.approx(on_test(run).at(row), abs=1e-3)


def test_a_run_from_before_is_calibrated_to_the_same_later(
    prepared: Path, seen_photos: Path
) -> None:
    run = trained(seen_photos, epochs=40, augment=1, early_stopping=3, flip_average=True)
    first = results.calibration(run.id)
    (store.folder(run.id) / "calibration.json").unlink()
    assert results.calibration(run.id) == {}
    assert not Predictor.for_run(run.id).predict(_one(seen_photos))[0].calibrated
    again = calibrated_again(run)
    assert again == results.calibration(run.id)
    assert again["fitted"] == pytest.approx(first["fitted"], rel=0.02)
    assert again["count"] == first["count"]


def _one(photos: Path) -> list[tuple[str, bytes]]:
    path = next((photos / "rose").iterdir())
    return [(path.name, path.read_bytes())]


@pytest.mark.slow
def test_fine_tuned_runs_are_calibrated_when_asked(
    prepared: Path, seen_photos: Path, tmp_path: Path
) -> None:
    run = trained(
        few(seen_photos, tmp_path / "few", 10),
        epochs=3,
        fine_tune_from="head",
        fine_tune_epochs=1,
        flip_average=True,
        augment=1,
    )
    assert results.calibration(run.id) == {}
    values = calibrated_again(run)
    assert values["count"] == sum(run.counts.values()) - run.counts["test"]
    assert values["folds"] == 5
    assert values["fitted"] > 0
    assert asdict(store.get(run.id)) == asdict(run)


def test_a_class_with_two_photos_to_learn_from_is_said(
    prepared: Path, seen_photos: Path, tmp_path: Path
) -> None:
    run = trained(few(seen_photos, tmp_path / "few", 3), validation_split=0, test_split=0.3)
    values = results.calibration(run.id)
    assert values["temperature"] == 1
    assert values["fitted"] is None
    assert values["reason"] == (
        "It takes at least 3 different photos of each class to learn from. Received: a class of 2."
    )
    assert not Predictor.for_run(run.id)._temperature


def test_photos_that_are_gone_are_said(prepared: Path, tiny_dataset: Callable[..., Path]) -> None:
    photos = tiny_dataset(classes=2, per_class=10)
    run = trained(photos)
    for path in sorted((photos / "daisy").iterdir())[:6]:
        path.unlink()
    with pytest.raises(NotFoundError, match="of 16 of them are gone or changed"):
        calibrated_again(run)


def test_an_active_run_is_refused(prepared: Path, tiny_dataset: Callable[..., Path]) -> None:
    name = holder.new_name()
    with holder.held(name):
        run = store.new_run({"data": "x"}, visitor="", held_by=name)
        with pytest.raises(JobError, match="when it has ended"):
            calibrated_again(run)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"temperature": 0}', '{"temperature": "hot"}', '{"temperature": -1}']
)
def test_a_damaged_file_is_said(prepared: Path, two: Path, text: str) -> None:
    run = trained(two)
    (store.folder(run.id) / "calibration.json").write_text(text)
    with pytest.raises(StorageError, match=r"calibration\.json cannot be read"):
        Predictor.for_run(run.id)


def test_it_is_a_kind_of_task() -> None:
    assert task_kinds.KINDS["calibrate"] is calibrate


def test_what_is_fitted_never_saw_the_test_photos(prepared: Path, seen_photos: Path) -> None:
    run = trained(seen_photos, epochs=100)
    table = results.predictions(run.id)
    swapped = table.copy()
    test = swapped["split"] == "test"
    swapped.loc[test, "label"] = np.roll(swapped.loc[test, "label"], 40)
    results.write_predictions(run.id, swapped)
    before = results.calibration(run.id)["fitted"]
    assert calibrated_again(run)["fitted"] == pytest.approx(before, rel=0.02)
