"""Train: settings with the rule said out loud, a live training, and what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from flowercore.backbones import registry
from flowercore.data import catalog
from flowercore.data.catalog import Entry
from flowercore.jobs import queue
from flowercore.jobs.preparation import Preparation
from flowercore.runs import results, store
from tests.pages.reading import button, errors, shown, start_button, texts

DEFAULTS = {
    "epochs": 25,
    "batch": 16,
    "validation": 0.1,
    "test": 0.2,
    "rate": 1e-3,
    "seed": 42,
}
PATIENCE_SECONDS = 60


def wait_until_ended(app: AppTest) -> store.Run:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        run = store.get(app.query_params["run"])
        if not run.active:
            return run
        time.sleep(0.1)
    pytest.fail(f"the run is still {run.status}")


def test_without_photos_the_page_says_that_it_gets_ready(visit: Callable[..., AppTest]) -> None:
    app = visit("train")
    assert "Getting ready for the first time" in texts(app)
    assert not app.number_input


def test_what_is_below_keeps_its_place_when_the_machine_is_ready(
    visit: Callable[..., AppTest], tiny: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def place(app: AppTest) -> list[int]:
        return [
            number for number, part in app.main.children.items() if part.type == "flex_container"
        ]

    monkeypatch.setattr(queue, "preparation", lambda: Preparation("running"))
    before = visit("train")
    assert "Getting ready" in texts(before)
    monkeypatch.setattr(queue, "preparation", lambda: Preparation("ready"))
    after = visit("train")
    assert "Getting ready" not in texts(after)
    assert place(before) == place(after)


def test_the_defaults_are_the_notebooks(visit: Callable[..., AppTest], tiny: Entry) -> None:
    app = visit("train")
    assert {key: app.number_input(key=key).value for key in DEFAULTS} == DEFAULTS
    assert (
        "With the settings below, the model learns from 12 photos, checks itself on 3 and is "
        "tested on 3." in texts(app)
    )
    assert "Nothing trained yet" in texts(app)
    assert not start_button(app).disabled


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("epochs", 0, "Epochs must be a whole number from 1 to 200. Received: 0."),
        ("epochs", 201, "Epochs must be a whole number from 1 to 200. Received: 201."),
        ("batch", 0, "Batch size must be a whole number from 1 to 512. Received: 0."),
        ("validation", 1.0, "Validation split must be at least 0 and below 1. Received: 1."),
        ("test", -0.2, "Test split must be at least 0 and below 1. Received: -0.2."),
        ("rate", 0.0, "Learning rate must be above 0. Received: 0."),
        ("rate", -0.1, "Learning rate must be above 0. Received: -0.1."),
        ("seed", -1, "Seed must be a whole number from 0 to 4294967295. Received: -1."),
        ("dropout", 1.0, "Dropout must be at least 0 and below 1. Received: 1."),
        ("l2", -1.0, "L2 must be at least 0. Received: -1."),
        ("smoothing", 2.0, "Label smoothing must be at least 0 and below 1. Received: 2."),
        ("patience", 201, "Early stopping must be a whole number from 0 to 200. Received: 201."),
        ("views", 33, "Augmented views must be a whole number from 0 to 32. Received: 33."),
    ],
)
def test_a_setting_out_of_bounds_is_answered_with_the_rule(
    visit: Callable[..., AppTest], tiny: Entry, key: str, value: float, message: str
) -> None:
    app = visit("train")
    app.number_input(key="test").set_value(0.3).run()
    app.number_input(key=key).set_value(value).run()
    assert errors(app) == [message]
    assert start_button(app).disabled
    if key != "test":
        assert app.number_input(key="test").value == 0.3
    assert app.number_input(key=key).value == value


def test_a_setting_out_of_bounds_in_the_address_is_answered_with_the_rule(
    visit: Callable[..., AppTest], tiny: Entry
) -> None:
    app = visit("train", epochs="0", batch="nonsense")
    assert errors(app) == ["Epochs must be a whole number from 1 to 200. Received: 0."]
    assert app.number_input(key="batch").value == 16


def test_fractions_that_leave_a_class_empty_are_told(
    visit: Callable[..., AppTest], tiny: Entry
) -> None:
    app = visit("train", test="0.95")
    assert len(errors(app)) == 1
    assert "must leave at least one photo of every class" in errors(app)[0]


def test_choices_survive_a_visit_to_another_page(
    visit: Callable[..., AppTest], tiny: Entry
) -> None:
    app = visit("train")
    app.number_input(key="epochs").set_value(7).run()
    app.switch_page("pages/explore.py").run()
    app.switch_page("pages/train.py").run()
    assert app.number_input(key="epochs").value == 7


def test_a_training_from_start_to_result(
    visit: Callable[..., AppTest], prepared: Path, tiny: Entry
) -> None:
    app = visit("train", epochs="5")
    button(app, "Start training")
    run = wait_until_ended(app)
    assert run.status == "finished", run.reason
    assert run.config["epochs"] == 5
    assert run.visitor == "local"
    app.run()
    (chart,) = app.get("plotly_chart")
    assert "over 5 epochs" in chart.proto.alt
    assert "Test accuracy: 100.0 %" in texts(app)
    assert run.model["trainable"] == 3 * (1280 + 1)
    assert "Weights trained: 3,843" in texts(app)
    deltas = [shown(one.delta) for one in app.metric]
    assert "3.41 M frozen" in deltas
    assert "from 12 photos" in deltas
    assert "See where it is right and wrong" in texts(app)
    assert not [one for one in app.button if one.label == "Stop"]


def test_a_recipe_starts_all_of_its_trainings(
    visit: Callable[..., AppTest], prepared: Path, tiny: Entry
) -> None:
    app = visit("train")
    assert "The notebook uses Xception. Here the recipe runs on EfficientNet" in texts(app)
    assert registry.get("xception").weights.file in texts(app)
    button(app, "The notebook's recipe")
    first = wait_until_ended(app)
    end = time.monotonic() + PATIENCE_SECONDS
    while any(run.active for run in store.runs()) and time.monotonic() < end:
        time.sleep(0.1)
    runs = store.runs()
    assert [run.status for run in runs] == ["finished"] * 2, [run.reason for run in runs]
    assert runs[1].id == first.id
    assert {run.config["preprocessing"] for run in runs} == {"backbone", "notebook"}
    app.run()
    assert "The notebook's recipe on tiny" in texts(app)
    assert "Neither is better" in texts(app) or "settled" in texts(app)


def test_a_recipe_that_cannot_be_trained_says_why(
    visit: Callable[..., AppTest], home: Path, tiny: Entry
) -> None:
    for photo in list((home / "datasets" / "tiny" / "rose").iterdir())[1:]:
        photo.unlink()
    app = visit("train")
    (rule,) = errors(app)
    assert "rose" in rule
    assert start_button(app).disabled
    button(app, "The best we know")
    assert errors(app) == [rule, rule]
    assert not store.runs()


def test_a_second_training_is_refused_and_the_first_can_be_stopped(
    visit: Callable[..., AppTest], prepared: Path, tiny_dataset: Callable[..., Path]
) -> None:
    catalog.import_source(tiny_dataset(classes=3, per_class=300, name="many"), "many")
    app = visit("train")
    button(app, "Start training")
    button(app, "Start training")
    assert "yours is still active" in errors(app)[0]
    app.run()
    button(app, "Stop")
    run = wait_until_ended(app)
    assert run.status == "stopped"
    app.run()
    assert run.reason in texts(app)


def test_a_failed_run_says_why(visit: Callable[..., AppTest], run_id: str) -> None:
    store.update(store.get(run_id), status="failed", reason="The loss is no longer a number.")
    app = visit("train")
    assert "The loss is no longer a number." in errors(app)


def test_an_unknown_run_in_the_address_is_told(visit: Callable[..., AppTest], run_id: str) -> None:
    app = visit("train", run="../../etc/passwd")
    assert len(app.warning) == 1
    assert "Finished" in texts(app)


def test_a_label_that_the_browser_knows_from_before_is_no_choice(
    visit: Callable[..., AppTest], run_id: str
) -> None:
    app = visit("train")
    box = app.selectbox(key="choose_run")
    # A browser that has not heard yet how a run's label changed sends the one that it shows.
    box.options = [f"{store.get(run_id).id} · training"]
    box.set_value(box.options[0]).run()
    assert app.query_params["run"] == run_id
    assert not app.warning
    assert not app.exception


def test_a_damaged_history_is_told_in_words(visit: Callable[..., AppTest], run_id: str) -> None:
    (store.folder(run_id) / "history.csv").write_text("what,is,this\n1,2,3\n")
    app = visit("train")
    assert any("history.csv cannot be read" in message for message in errors(app))
    assert results.metrics(run_id)
