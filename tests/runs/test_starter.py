"""The model that is there on first start: whole, small, honest, and nobody's to change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowercore.errors import JobError, NotFoundError
from flowercore.evaluation.metrics import Evaluation
from flowercore.jobs import preparation, starter_setup
from flowercore.prediction.predictor import Prediction, Predictor
from flowercore.runs import results, starter, store

MOST_BYTES = 8_000_000


def read(name: str) -> dict:
    return json.loads((starter.PACKAGED / name).read_bytes())


@pytest.fixture
def set_up(prepared: Path) -> Path:
    starter_setup.set_up()
    return prepared


def test_it_is_whole_and_small() -> None:
    assert starter.packaged()
    assert sum((starter.PACKAGED / name).stat().st_size for name in starter.FILES) <= MOST_BYTES


def test_it_tells_no_folder_of_the_machine_that_made_it() -> None:
    for name in starter.FILES:
        if name.endswith(".json"):
            text = (starter.PACKAGED / name).read_text("utf-8")
            assert "/" not in text.replace("'/'", ""), name


def test_its_worth_was_measured_by_cross_validation() -> None:
    metrics = read("metrics.json")
    verdict = Evaluation.from_dict(metrics)
    assert verdict.count == 500
    assert metrics["folds"] == 5
    assert verdict.accuracy >= 0.88
    strange = read("novelty.json")
    assert strange["auroc"] >= 0.995
    assert strange["accepted"] <= 0.03
    assert 0.02 <= strange["refused"] <= 0.06


def test_before_it_is_set_up_it_says_what_to_do(prepared: Path) -> None:
    assert not starter.available()
    with pytest.raises(NotFoundError, match="flowercore prepare"):
        Predictor.for_run(starter.NAME)
    assert preparation.look().state != "ready"


def test_it_is_set_up_once_and_anew_for_another_version(
    set_up: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert starter.available()
    network = set_up / "starter" / starter.NETWORK
    moment = network.stat().st_mtime_ns
    starter_setup.set_up()
    assert network.stat().st_mtime_ns == moment
    monkeypatch.setattr(starter, "version", lambda: "another")
    assert not starter.available()
    starter_setup.set_up()
    assert starter.available()
    assert network.stat().st_mtime_ns != moment
    assert [path.name for path in set_up.iterdir() if path.name.startswith(".starter")] == []


def test_it_is_no_run_among_others_and_nobody_changes_it(set_up: Path) -> None:
    run = store.get(starter.NAME)
    assert run.status == "finished"
    assert run.classes == ("daisy", "dandelion", "rose", "sunflower", "tulip")
    assert store.runs() == []
    for act in (store.delete, lambda one: store.label(one, name="mine")):
        with pytest.raises(JobError, match="comes with Flower Lab"):
            act(starter.NAME)
    assert starter.available()


def test_it_names_flowers_and_refuses_other_things(
    set_up: Path, real_photos: Path, not_flowers: Path
) -> None:
    predictor = Predictor.for_run(starter.NAME)
    photos = sorted(real_photos.rglob("*.jpg"))[::5]
    answers = predictor.predict([(str(path), path.read_bytes()) for path in photos])
    right = 0
    for path, answer in zip(photos, answers, strict=True):
        assert isinstance(answer, Prediction)
        assert answer.calibrated
        right += answer.label == path.parent.name
    # It has learned from these: this tells a broken port, not how good it is.
    assert right >= 0.95 * len(photos)
    assert sum(bool(one.novel) for one in answers if isinstance(one, Prediction)) <= 5
    things = [(path.name, path.read_bytes()) for path in sorted(not_flowers.iterdir())]
    refused = [
        one for one in predictor.predict(things) if isinstance(one, Prediction) and one.novel
    ]
    assert len(refused) >= 0.97 * len(things)
    assert refused[0].verdict == "This does not look like any of the five."


def test_the_compiled_network_says_what_keras_does(set_up: Path, real_photos: Path) -> None:
    import numpy as np

    from flowercore.data import views
    from flowercore.export import keras_model

    model = keras_model.build(store.get(starter.NAME))
    path = sorted((real_photos / "tulip").iterdir())[3]
    (pixels,) = views.pixels(path.read_bytes(), [views.PLAIN], name="x", size=224)
    (answer,) = Predictor.for_run(starter.NAME).predict([(path.name, path.read_bytes())])
    assert isinstance(answer, Prediction)
    said = model(np.float32(pixels)[None], training=False).numpy()[0]
    assert list(answer.probabilities.values()) == pytest.approx(said, abs=1e-3)
    assert results.fine_tuned(starter.NAME)
