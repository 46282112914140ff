"""Train: settings with the rule said out loud, a live training, and what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from flowercore.data import catalog
from flowercore.data.catalog import Entry
from flowercore.runs import results, store
from tests.pages.reading import button, errors, texts

DEFAULTS = {
    "epochs": 25,
    "batch": 16,
    "validation": 0.1,
    "test": 0.2,
    "rate": 1e-3,
    "seed": 42,
}
PATIENCE_SECONDS = 60


def start_button(app: AppTest) -> object:
    return next(one for one in app.button if one.label == "Start training")


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


def test_the_defaults_are_the_notebooks(visit: Callable[..., AppTest], tiny: Entry) -> None:
    app = visit("train")
    assert {key: app.number_input(key=key).value for key in DEFAULTS} == DEFAULTS
    assert "The model learns from 12 photos, checks itself on 3 and is tested on 3." in texts(app)
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
        ("seed", -1, "Seed must be a whole number from 0 to 4294967295. Received: -1."),
    ],
)
def test_a_setting_out_of_bounds_is_answered_with_the_rule(
    visit: Callable[..., AppTest], tiny: Entry, key: str, value: float, message: str
) -> None:
    app = visit("train")
    app.number_input(key=key).set_value(value).run()
    assert errors(app) == [message]
    assert start_button(app).disabled


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
    assert "Photos learned from: 12" in texts(app)
    assert "See where it is right and wrong" in texts(app)
    assert not [one for one in app.button if one.label == "Stop"]


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


def test_a_damaged_history_is_told_in_words(visit: Callable[..., AppTest], run_id: str) -> None:
    (store.folder(run_id) / "history.csv").write_text("what,is,this\n1,2,3\n")
    app = visit("train")
    assert any("history.csv cannot be read" in message for message in errors(app))
    assert results.metrics(run_id)
