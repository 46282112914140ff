"""Evaluate: one number with its uncertainty, and the photos behind it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from flowercore.jobs import queue
from flowercore.runs import results, store
from tests.pages.reading import button, errors, pictures, shown, texts


@pytest.fixture
def metrics(run_id: str) -> dict[str, object]:
    return results.metrics(run_id)


def mistakes(run_id: str) -> int:
    table = results.predictions(run_id)
    test = table[table["split"] == "test"]
    return int((test["label"] != test["predicted"]).sum())


def test_without_a_run_the_page_leads_to_training(visit: Callable[..., AppTest]) -> None:
    app = visit("evaluate")
    assert "Nothing to judge yet" in texts(app)
    button(app, "Train a model")
    assert app.title[0].value == "Train"


def test_a_finished_run_is_told_in_numbers_and_words(
    visit: Callable[..., AppTest], run_id: str, metrics: dict[str, object]
) -> None:
    app = visit("evaluate")
    said = texts(app)
    low, high = metrics["accuracy_interval"]
    right = round(metrics["accuracy"] * 12)
    assert f"Test accuracy: {metrics['accuracy']:.1%}".replace("%", " %") in said
    assert f"95 % interval: {low * 100:.0f} % to {high * 100:.0f} %" in said
    assert f"Test loss: {metrics['loss']:.3f}" in said
    assert f"It named {right} of 12 test photos right." in said
    assert f"between {low * 100:.0f} and {high * 100:.0f} of 100 new photos like these" in said


def test_scores_stand_class_by_class(
    visit: Callable[..., AppTest], run_id: str, metrics: dict[str, object]
) -> None:
    table = visit("evaluate").dataframe[0].value.set_index("Class")
    assert table.index.tolist() == ["aster", "daisy", "iris"]
    assert table["Photos"].tolist() == [4, 4, 4]
    for label, score in metrics["per_class"].items():
        assert table.loc[label, "Precision"] == pytest.approx(100 * score["precision"])
        assert table.loc[label, "Recall"] == pytest.approx(100 * score["recall"])
        assert table.loc[label, "F1"] == pytest.approx(100 * score["f1"])


def matrix_texts(app: AppTest) -> list[str]:
    figure = json.loads(app.get("plotly_chart")[0].proto.spec)
    return [re.sub(r"<[^>]*>", "", note["text"]) for note in figure["layout"]["annotations"]]


def test_the_matrix_shows_photos_or_per_cent(
    visit: Callable[..., AppTest], run_id: str, metrics: dict[str, object]
) -> None:
    app = visit("evaluate")
    counts = [str(count) for row in metrics["confusion_matrix"] for count in row]
    assert matrix_texts(app) == counts
    app.radio(key="matrix").set_value("Per cent of each row").run()
    assert matrix_texts(app)[-1] == "100 %"
    again = visit("evaluate", matrix="Per cent of each row")
    assert matrix_texts(again) == matrix_texts(app)


def test_the_wrongly_classified_photos_are_shown_the_surest_first(
    visit: Callable[..., AppTest], run_id: str
) -> None:
    app = visit("evaluate")
    assert 0 < mistakes(run_id) == len(pictures(app))
    told = [shown(one.value) for one in app.caption if "taken for" in one.value]
    assert len(told) == mistakes(run_id)
    assert all("aster" in line and "daisy" in line for line in told)
    shares = [int(line.split(", ")[1].removesuffix(" %")) for line in told]
    assert shares == sorted(shares, reverse=True)
    button(app, "Look closer")
    assert any(one.endswith(", large") for one in pictures(app))


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
    app = visit("evaluate")
    assert pictures(app) == []
    assert f"{mistakes(run_id)} photos cannot be shown" in texts(app)
    assert len(app.dataframe[1].value) == mistakes(run_id)


def test_another_photo_under_the_same_name_is_not_shown_as_the_mistake(
    visit: Callable[..., AppTest], home: Path, run_id: str
) -> None:
    folder = home / "datasets" / "twins" / "iris"
    stranger = next(folder.iterdir()).read_bytes()
    table = results.predictions(run_id)
    wrong = table[(table["split"] == "test") & (table["label"] != table["predicted"])]
    (home / "datasets" / "twins" / wrong["key"].iloc[0]).write_bytes(stranger)
    app = visit("evaluate")
    assert len(pictures(app)) == mistakes(run_id) - 1
    assert app.dataframe[1].value["key"].tolist() == [wrong["key"].iloc[0]]


def test_a_run_without_test_photos_says_so(visit: Callable[..., AppTest], run_id: str) -> None:
    (store.folder(run_id) / "metrics.json").unlink()
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


@pytest.mark.parametrize("file", ["run.json", "metrics.json", "predictions.parquet"])
def test_a_damaged_file_is_told_in_words(
    visit: Callable[..., AppTest], home: Path, run_id: str, file: str
) -> None:
    (store.folder(run_id) / file).write_text('{"accuracy": 1')
    app = visit("evaluate")
    assert len(errors(app)) == 1
    assert file in errors(app)[0]
    assert str(home) not in errors(app)[0]


def test_metrics_that_were_edited_by_hand_are_told_in_words(
    visit: Callable[..., AppTest], run_id: str
) -> None:
    (store.folder(run_id) / "metrics.json").write_text('{"accuracy": 1}')
    assert "edited by hand" in errors(visit("evaluate"))[0]
