"""A run judged on another dataset: by the same numbers as Predict, in a worker, kept."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from flowercore.data import catalog, edits
from flowercore.errors import DatasetError, NotFoundError, StorageError
from flowercore.evaluation.calibration import scaled
from flowercore.jobs import assessment, tasks, worker
from flowercore.jobs.job_queue import JobQueue
from flowercore.prediction.predictor import Prediction, Predictor
from flowercore.runs import assessments, results, store
from flowercore.runs.store import Run
from flowercore.training.config import TrainConfig
from tests.jobs.waiting import until


def trained(data: Path | str, **settings: object) -> Run:
    settings = {"epochs": 3} | settings
    run = worker.train_now(TrainConfig(data=str(data), **settings), lambda _: None)
    assert run.status == "finished", run.reason
    return run


@pytest.fixture
def known(tiny_dataset: Callable[..., Path]) -> Path:
    return tiny_dataset(classes=3, per_class=8, name="known")


@pytest.fixture
def other(tmp_path: Path, paint: Callable[..., Path]) -> Path:
    """Photos of two of the classes, called otherwise, of a third one, and one that is none."""
    root = tmp_path / "other"
    for place in range(5):
        paint(root / "Roses" / f"{place}.jpg", color=(50, 70, 210), seed=900 + place)
        paint(root / "daisies" / f"{place}.jpg", color=(200, 40, 40), seed=800 + place)
        paint(root / "weeds" / f"{place}.jpg", color=(90, 90, 90), seed=700 + place)
    cut = root / "Roses" / "4.jpg"
    cut.write_bytes(cut.read_bytes()[:-300])
    (root / "Roses" / "notes.jpg").write_text("words")
    (root / "weeds" / "notes.jpg").write_text("words")
    return root


def same_as_predict(run: Run, root: Path, found: assessment.Assessment) -> None:
    predictor = Predictor.for_run(run.id)
    temperature = results.calibration(run.id).get("temperature", 1.0)
    photos = [(key, (root / key).read_bytes()) for key in found.table["key"]]
    for place, answer in enumerate(predictor.predict(photos)):
        assert isinstance(answer, Prediction)
        row = found.table.iloc[place]
        raw = np.array([row[f"p_{name}"] for name in run.classes])
        said = list(answer.probabilities.values())
        np.testing.assert_allclose(scaled(raw, temperature), said, rtol=0, atol=1e-15)
        assert row["predicted"] == answer.label


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"flip_average": True},
        {"preprocessing": "notebook", "split": "notebook"},
        {"fine_tune_from": "block7a", "fine_tune_epochs": 1, "flip_average": True},
        {"backbone": "small-convnet", "fine_tune_from": "conv1", "fine_tune_epochs": 1},
    ],
    ids=["head", "flipped", "notebook", "fine-tuned", "from scratch"],
)
def test_the_probabilities_are_those_of_predict_before_its_temperature(
    prepared: Path, known: Path, other: Path, settings: dict[str, object]
) -> None:
    run = trained(known, **settings)
    results.write_calibration(run.id, {"temperature": 1.7, "fitted": 1.7})
    found = assessment.on_dataset(run.id, str(other), {"weeds": ""})
    assert len(found.table) == 9
    assert found.table["predicted"].isin(run.classes).all()
    same_as_predict(run, other, found)


def test_what_is_judged_and_what_is_not_is_told(prepared: Path, known: Path, other: Path) -> None:
    run = trained(known)
    with pytest.raises(DatasetError, match="Received: 'weeds'"):
        assessment.on_dataset(run.id, str(other))
    steps: list[tuple[str, int, int]] = []
    found = assessment.on_dataset(
        run.id, str(other), {"weeds": ""}, progress=lambda *step: steps.append(step)
    )
    facts = found.facts
    assert facts.mapping == {"Roses": "rose", "daisies": "daisy", "weeds": ""}
    assert facts.left_out == {"weeds": 5}
    assert facts.judged == 9
    assert [one["name"] for one in facts.unreadable] == ["Roses/notes.jpg", "Roses/4.jpg"]
    assert all(one["reason"] for one in facts.unreadable)
    assert found.table.columns.tolist() == [
        *("key", "sha256", "given", "label", "predicted"),
        *("p_daisy", "p_dandelion", "p_rose", "twin"),
    ]
    pairs = zip(found.table["given"], found.table["label"], strict=True)
    assert Counter(pairs) == {("Roses", "rose"): 4, ("daisies", "daisy"): 5}
    assert [step for step in steps if step[0] == "Looking at the photos"][-1][1:] == (10, 10)
    verdict = found.evaluation()
    assert verdict.count == 9
    assert verdict.per_class["dandelion"].support == 0
    # A second time no photo is opened: these would be black.
    for photo in sorted((other / "daisies").iterdir()):
        state = photo.stat()
        photo.write_bytes(bytes(state.st_size))
        os.utime(photo, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert assessment.on_dataset(run.id, str(other), {"weeds": ""}).table.equals(found.table)


def test_on_its_own_photos_most_are_twins(prepared: Path, known: Path) -> None:
    run = trained(known)
    parts = results.predictions(run.id)["split"].value_counts()
    found = assessment.on_dataset(run.id, str(known))
    assert found.facts.exact == parts["train"] + parts["validation"]
    own = results.predictions(run.id).set_index("key")
    twins = found.table.set_index("key")["twin"]
    assert (twins[own.index[own["split"] != "test"]] == "exact").all()
    # Painted noise is one and the same to the network.
    assert found.facts.exact + found.facts.near == found.facts.judged
    with pytest.raises(DatasetError, match="all of them twins"):
        found.evaluation(leave_out_twins=True)


@pytest.mark.real_photos
@pytest.mark.usefixtures("prepared")
def test_without_its_twins_the_own_dataset_is_the_own_test(
    real_photos: Path, tmp_path: Path
) -> None:
    for label in ("rose", "tulip"):
        (tmp_path / "few" / label).mkdir(parents=True)
        for path in sorted((real_photos / label).iterdir())[:20]:
            shutil.copy(path, tmp_path / "few" / label)
    run = trained(tmp_path / "few", epochs=10)
    found = assessment.on_dataset(run.id, str(tmp_path / "few"))
    assert (found.facts.exact, found.facts.near) == (32, 0)
    without = found.evaluation(leave_out_twins=True)
    own = results.metrics(run.id)
    assert (without.count, without.accuracy) == (8, own["accuracy"])
    assert without.loss == pytest.approx(own["loss"], abs=1e-5)


def test_labels_are_those_that_edits_made(
    prepared: Path, known: Path, tiny_dataset: Callable[..., Path]
) -> None:
    run = trained(known)
    catalog.import_source(tiny_dataset(classes=2, per_class=3, name="more"), "more")
    photo = catalog.load("more").photos[0]
    edits.add(catalog.load("more"), [photo.key], edits.RELABEL, label="dandelion")
    found = assessment.on_dataset(run.id, "more", {"dandelion": "rose"})
    assert found.table.set_index("key").loc[photo.key, ["given", "label"]].tolist() == [
        "dandelion",
        "rose",
    ]
    assert found.facts.identity == catalog.load("more").identity


def test_the_same_bytes_in_two_classes_are_noted(prepared: Path, known: Path, other: Path) -> None:
    run = trained(known)
    shutil.copy(other / "Roses" / "0.jpg", other / "daisies" / "twin.jpg")
    mapping = {"weeds": ""}
    (note,) = assessment.on_dataset(run.id, str(other), mapping).facts.notes
    assert note.startswith("2 photos lie byte for byte in more than one class")
    assert not assessment.on_dataset(run.id, str(other), mapping | {"daisies": "rose"}).facts.notes


def test_what_cannot_be_judged_is_refused_in_words(
    prepared: Path, known: Path, other: Path, tmp_path: Path
) -> None:
    run = trained(known)
    with pytest.raises(NotFoundError, match="There is no run"):
        assessment.on_dataset("nothing", str(other))
    with pytest.raises(NotFoundError, match="Received: 'nowhere'"):
        assessment.on_dataset(run.id, "nowhere")
    (tmp_path / "bad" / "rose").mkdir(parents=True)
    shutil.copy(other / "Roses" / "4.jpg", tmp_path / "bad" / "rose")
    with pytest.raises(DatasetError, match=r"photo that can be read\. Received: none\. "):
        assessment.on_dataset(run.id, str(tmp_path / "bad"))
    (store.folder(run.id) / "head.safetensors").write_bytes(b"no head")
    with pytest.raises(StorageError, match=r"head\.safetensors"):
        assessment.on_dataset(run.id, str(other), {"weeds": ""})
    (store.folder(run.id) / "head.safetensors").unlink()
    with pytest.raises(NotFoundError, match="no trained head"):
        assessment.on_dataset(run.id, str(other), {"weeds": ""})
    (store.folder(run.id) / "run.json").write_text("{")
    with pytest.raises(StorageError, match=r"run\.json"):
        assessment.on_dataset(run.id, str(other), {"weeds": ""})


def test_only_a_dataset_of_the_catalog_is_kept_with_its_owner(
    prepared: Path, known: Path, other: Path
) -> None:
    run = trained(known)
    found = assessment.on_dataset(run.id, str(known))
    assessment.keep(run.id, str(known), found)
    assert assessments.listed(run.id) == []
    # A folder that is called as a dataset is another one.
    catalog.import_source(other, "known", owner="ann")
    assessment.keep(run.id, str(known), found)
    assert assessments.listed(run.id) == []
    found = assessment.on_dataset(run.id, "known", {"weeds": ""})
    assessment.keep(run.id, "known", found)
    (facts,) = assessments.listed(run.id)
    assert (facts.data, facts.owner) == ("known", "ann")
    assert assessments.table(run.id, "known").equals(found.table)


def end(task_id: str) -> tasks.Task:
    until(lambda: not tasks.look(task_id).active, "the task ended")
    return tasks.look(task_id)


def test_a_worker_judges_keeps_and_fails_in_words(
    prepared: Path, one_slot: JobQueue, known: Path, other: Path
) -> None:
    run = trained(known)
    catalog.import_source(other, "others")
    arguments = {"run": run.id, "data": "others", "mapping": {"weeds": "dandelion"}}
    done = end(one_slot.submit_task("evaluate", arguments, "ann"))
    assert done.state == "finished", done.reason
    assert done.pid != os.getpid()
    (facts,) = assessments.listed(run.id)
    assert facts.mapping == {"Roses": "rose", "daisies": "daisy", "weeds": "dandelion"}
    assert done.result == {"judged": 14, "exact": facts.exact, "near": facts.near}
    same_as_predict(
        run,
        catalog.load("others").root,
        assessment.Assessment(run.classes, facts, assessments.table(run.id, "others")),
    )
    failed = end(one_slot.submit_task("evaluate", arguments | {"mapping": {}}, "ann"))
    assert failed.state == "failed"
    assert "Received: 'weeds'" in (failed.reason or "")
    assert assessments.listed(run.id) == [facts]


def test_a_stopped_evaluation_keeps_nothing(
    prepared: Path, one_slot: JobQueue, known: Path, many: Path
) -> None:
    run = trained(known)
    catalog.import_source(many, "many")
    task_id = one_slot.submit_task("evaluate", {"run": run.id, "data": "many"}, "ann")
    until(lambda: tasks.look(task_id).done > 0 or not tasks.look(task_id).active, "under way")
    one_slot.cancel_task(task_id)
    assert end(task_id).state == "stopped"
    assert assessments.listed(run.id) == []
