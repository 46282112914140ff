"""Whole trainings in which BatchNormalization is not frozen: what they leave behind, as a model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from flowercore.data import catalog
from flowercore.evaluation.calibration import Calibration
from flowercore.jobs import calibrating, raw_answers, tasks, worker
from flowercore.jobs.task_work import TaskReporter
from flowercore.prediction.predictor import Prediction, Predictor
from flowercore.runs import holder, results, store
from flowercore.runs.store import Run
from flowercore.training import recipes
from flowercore.training.config import TrainConfig
from tests.jobs.tiny_backbone import FACTS, tiny_backbone

__all__ = ["tiny_backbone"]

EPOCHS = 3


@pytest.fixture
def photos(tiny_dataset: Callable[..., Path]) -> Path:
    return tiny_dataset(per_class=12)


def trained(photos: Path, backbone: str, **settings: object) -> Run:
    config = TrainConfig(data=str(photos), backbone=backbone, epochs=EPOCHS, batch_size=8)
    run = worker.train_now(TrainConfig(**asdict(config) | settings), lambda line: None)
    assert run.status == "finished", run.reason
    return run


def same_answers(run: Run, root: Path) -> None:
    """What a page says of a photo is what the run wrote down of it."""
    table = results.predictions(run.id)
    photos = [(key, (root / key).read_bytes()) for key in table["key"]]
    for (_, row), answer in zip(
        table.iterrows(), Predictor.for_run(run.id).predict(photos), strict=True
    ):
        assert isinstance(answer, Prediction)
        wanted = [row[f"p_{name}"] for name in run.classes]
        np.testing.assert_allclose(list(answer.probabilities.values()), wanted, atol=2e-6)


def untouched() -> dict[str, np.ndarray]:
    from flowercore.backbones import weights
    from flowercore.training import tail

    return tail.tensors(weights.load(FACTS))


@pytest.mark.parametrize("preprocessing", ["backbone", "notebook"])
def test_a_run_whose_statistics_moved_is_asked_like_a_fine_tuned_one(
    photos: Path, prepared: Path, tiny_backbone: str, preprocessing: str
) -> None:
    run = trained(
        photos,
        tiny_backbone,
        batch_norm="moving",
        preprocessing=preprocessing,
        flip_average=True,
    )
    history = results.history(run.id)
    assert history["epoch"].tolist() == list(range(1, EPOCHS + 1))
    assert run.model["trainable"] == (FACTS.feature_dim + 1) * 3
    assert run.model["frozen"] == FACTS.parameters
    assert results.tail_from(run) == "first"

    tensors, before = results.tail(run.id), untouched()
    assert tensors is not None
    moved = {path for path in before if not np.array_equal(before[path], tensors[path])}
    assert moved == {f"bn{one}/moving_{what}" for one in (1, 2) for what in ("mean", "variance")}
    same_answers(run, photos)

    found = raw_answers.answers(run, catalog.load(str(photos)))
    table = results.predictions(run.id).set_index("key")
    wanted = table.loc[[one.key for one in found.photos], [f"p_{name}" for name in run.classes]]
    np.testing.assert_allclose(found.probabilities, wanted, atol=2e-6)


def test_the_exported_model_holds_the_moved_statistics(
    photos: Path, prepared: Path, tiny_backbone: str
) -> None:
    from flowercore.data.photo import read_photo_bytes
    from flowercore.data.views import PLAIN, pixels
    from flowercore.export import keras_model

    run = trained(photos, tiny_backbone, batch_norm="moving")
    model = keras_model.build(store.get(run.id))
    table = results.predictions(run.id)
    for _, row in table[table["split"] == "test"].iterrows():
        data = read_photo_bytes(photos / row["key"])
        (shown,) = pixels(data, [PLAIN], name=row["key"], size=FACTS.input_size)
        said = model(shown[np.newaxis].astype(np.float32)).numpy()[0]
        np.testing.assert_allclose(said, [row[f"p_{name}"] for name in run.classes], atol=1e-4)
    assert not model.trainable_variables or all(
        "bn" not in one.path for one in model.trainable_variables
    )


def test_with_the_batches_own_statistics_nothing_of_the_backbone_is_kept(
    photos: Path, prepared: Path, tiny_backbone: str
) -> None:
    run = trained(photos, tiny_backbone, batch_norm="batch")
    plain = trained(photos, tiny_backbone)
    assert results.tail(run.id) is None
    assert results.compiled_tail(run.id) is None
    assert run.split_identity == plain.split_identity
    assert not np.allclose(results.head(run.id)["kernel"], results.head(plain.id)["kernel"])
    assert len(results.history(run.id)) == EPOCHS
    same_answers(run, photos)


def test_such_a_run_is_not_calibrated_and_says_why(
    photos: Path, prepared: Path, tiny_backbone: str
) -> None:
    run = trained(photos, tiny_backbone, batch_norm="moving")
    known = Calibration(**results.calibration(run.id))
    assert "BatchNorm statistics were allowed to change" in known.reason
    name = holder.new_name()
    with holder.held(name):
        task = tasks.new("calibrate", {"run": run.id}, visitor="me", held_by=name)
        said = calibrating.calibrate(task.arguments, TaskReporter(task))
    assert said == asdict(known)
    assert said["temperature"] == 1


def test_a_stopped_one_keeps_its_finished_epochs(
    photos: Path, prepared: Path, tiny_backbone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flowercore.jobs import reporter as reporters

    monkeypatch.setattr(reporters, "_REPORT_SECONDS", 0.0)
    really = reporters.Reporter.epoch
    seen: list[int] = []

    def epoch(self: reporters.Reporter, ended: object) -> bool:
        seen.append(1)
        if len(seen) == 2:
            store.request_cancel(self._run_id)
        return really(self, ended)

    monkeypatch.setattr(reporters.Reporter, "epoch", epoch)
    config = TrainConfig(
        data=str(photos), backbone=tiny_backbone, epochs=9, batch_size=8, batch_norm="moving"
    )
    run = worker.train_now(config, lambda line: None)
    assert (run.status, run.reason) == ("stopped", "Stopped after epoch 2 of 9.")
    assert len(results.history(run.id)) == 2
    same_answers(run, photos)


def test_stopped_before_its_first_epoch_it_has_no_model(
    photos: Path, prepared: Path, tiny_backbone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flowercore.jobs import reporter as reporters

    really = reporters.Reporter.batch

    def batch(self: reporters.Reporter, count: Callable[[int, int], None]) -> Callable:
        store.request_cancel(self._run_id)
        self._written = float("-inf")
        return really(self, count)

    monkeypatch.setattr(reporters.Reporter, "batch", batch)
    config = TrainConfig(
        data=str(photos), backbone=tiny_backbone, epochs=9, batch_size=8, batch_norm="moving"
    )
    run = worker.train_now(config, lambda line: None)
    assert (run.status, run.reason) == ("stopped", "Stopped before the first epoch.")
    assert not (store.folder(run.id) / "head.safetensors").exists()
    assert results.compiled_tail(run.id) is None


def test_the_recipe_differs_in_one_thing_each() -> None:
    right, *suspects = recipes.recipe("suspects", "garden")
    assert (right.preprocessing, right.batch_norm) == ("backbone", "inference")
    usual = right.to_dict()
    differing = [
        {key for key, value in one.to_dict().items() if value != usual[key]} - {"name"}
        for one in suspects
    ]
    assert differing == [{"preprocessing"}, {"batch_norm"}, {"batch_norm"}]
    assert {one.split for one in (right, *suspects)} == {"notebook"}
    for one in (right, *suspects):
        one.validate()


@pytest.mark.slow
def test_the_recipe_on_the_embedded_backbone(photos: Path, prepared: Path) -> None:
    runs = [
        worker.train_now(config, lambda line: None)
        for config in recipes.recipe("suspects", str(photos))
    ]
    assert {run.status for run in runs} == {"finished"}
    assert len({run.split_identity for run in runs}) == 1
    for run in runs[2:]:
        same_answers(run, photos)
