"""Evaluate: one number with its uncertainty, and the photos behind it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from flowercore.data.garden import SPECIES
from flowercore.jobs import queue
from flowercore.runs import results, store
from tests.pages.evaluated import mistakes, of_test, write_run
from tests.pages.reading import button, errors, pictures, shown, texts


def test_without_a_run_the_page_leads_to_training(visit: Callable[..., AppTest]) -> None:
    app = visit("evaluate")
    assert "Nothing to judge yet" in texts(app)
    button(app, "Train a model")
    assert app.title[0].value == "Train"


def test_a_finished_run_is_told_in_numbers_and_words(
    visit: Callable[..., AppTest], run_id: str
) -> None:
    app = visit("evaluate")
    said, found = texts(app), of_test(run_id).evaluation
    low, high = found.accuracy_interval
    assert f"Test accuracy: {found.accuracy:.1%}".replace("%", " %") in said
    assert f"Balanced accuracy: {found.balanced_accuracy:.1%}".replace("%", " %") in said
    assert f"Macro F1: {found.macro_f1:.1%}".replace("%", " %") in said
    assert f"Log loss: {found.loss:.3f}" in said
    assert shown(app.metric[0].delta) == f"{low * 100:.0f} % to {high * 100:.0f} %"
    assert f"It named {found.right} of 12 test photos right." in said
    assert f"between {low * 100:.0f} and {high * 100:.0f} of 100 new photos like these" in said
    assert "Always saying aster would get 33 %" in said
    assert "notebook" not in said


def test_the_notebook_is_a_baseline_of_its_five_flowers_alone(
    visit: Callable[..., AppTest], home: Path
) -> None:
    write_run(home, [name for name in SPECIES for _ in range(20)], right=0.95)
    assert "the course's notebook got 72 %: it is better than both" in texts(visit("evaluate"))


def test_hardly_better_is_not_called_better(visit: Callable[..., AppTest], home: Path) -> None:
    write_run(home, [name for name in SPECIES for _ in range(4)], right=0.75)
    assert "better than the first, not clearly than the second" in texts(visit("evaluate"))


def test_the_address_names_the_run(visit: Callable[..., AppTest], run_id: str) -> None:
    assert visit("evaluate").query_params["run"] == run_id
    app = visit("evaluate", run=run_id)
    assert not app.warning


@pytest.mark.parametrize("address", ["nonsense", "../../etc/passwd", "", "20200101-000000-abcdef"])
def test_an_unknown_run_in_the_address_is_told_and_another_shown(
    visit: Callable[..., AppTest], run_id: str, address: str
) -> None:
    app = visit("evaluate", run=address)
    assert len(app.warning) == 1
    assert "There is no run" in app.warning[0].value
    assert "Test accuracy" in texts(app)


def test_photos_that_are_gone_are_listed_by_name(
    visit: Callable[..., AppTest], home: Path, run_id: str
) -> None:
    shutil.rmtree(home / "datasets" / "twins")
    app = visit("evaluate", view="mistakes")
    assert pictures(app) == []
    assert f"{mistakes(run_id)} photos cannot be shown" in texts(app)
    assert len(app.dataframe[0].value) == mistakes(run_id)


def test_another_photo_under_the_same_name_is_not_shown_as_the_mistake(
    visit: Callable[..., AppTest], home: Path, run_id: str
) -> None:
    folder = home / "datasets" / "twins" / "iris"
    stranger = next(folder.iterdir()).read_bytes()
    table = results.predictions(run_id)
    wrong = table[(table["split"] == "test") & (table["label"] != table["predicted"])]
    (home / "datasets" / "twins" / wrong["key"].iloc[0]).write_bytes(stranger)
    app = visit("evaluate", view="mistakes")
    assert len(pictures(app)) == mistakes(run_id) - 1
    assert app.dataframe[0].value["key"].tolist() == [wrong["key"].iloc[0]]


def test_a_run_without_test_photos_says_so(visit: Callable[..., AppTest], run_id: str) -> None:
    table = results.predictions(run_id)
    results.write_predictions(run_id, table.assign(split="train"))
    assert "No test photos" in texts(visit("evaluate"))


def test_a_failed_run_says_why(visit: Callable[..., AppTest], run_id: str) -> None:
    store.update(store.get(run_id), status="failed", reason="It ran out of memory.")
    app = visit("evaluate")
    assert errors(app) == ["It ran out of memory."]
    assert not app.metric


def test_a_stopped_run_is_judged_and_says_that_it_was_stopped(
    visit: Callable[..., AppTest], run_id: str
) -> None:
    store.update(store.get(run_id), status="stopped", reason="Stopped after epoch 3 of 25.")
    app = visit("evaluate")
    assert shown(app.info[0].value) == "Stopped after epoch 3 of 25."
    assert "Test accuracy" in texts(app)


def test_a_run_that_is_not_over_says_so(
    visit: Callable[..., AppTest], run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = queue._queue()._holder
    store.update(store.get(run_id), status="training", holder=holder)
    app = visit("evaluate")
    assert "This run is still training" in texts(app)
    button(app, "Watch it")
    assert app.title[0].value == "Train"


@pytest.mark.parametrize(
    "file", ["run.json", "metrics.json", "predictions.parquet", "calibration.json"]
)
def test_a_damaged_file_is_told_in_words(
    visit: Callable[..., AppTest], home: Path, run_id: str, file: str
) -> None:
    (store.folder(run_id) / file).write_text('{"accuracy": 1')
    app = visit("evaluate")
    assert len(errors(app)) == 1
    assert file in errors(app)[0]
    assert str(home) not in errors(app)[0]


def test_predictions_that_were_edited_by_hand_are_told_in_words(
    visit: Callable[..., AppTest], run_id: str
) -> None:
    table = results.predictions(run_id)
    results.write_predictions(run_id, table.drop(columns="p_iris"))
    assert "edited by hand" in errors(visit("evaluate"))[0]


def test_the_report_and_the_numbers_can_be_taken_home(
    visit: Callable[..., AppTest], run_id: str
) -> None:
    app = visit("evaluate")
    labels = [one.proto.label for one in app.get("download_button")]
    assert labels == ["Report", "Numbers"]
