"""Home: what this is, what to do next, how things stand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from flowercore.data.catalog import Entry
from flowercore.jobs import queue
from flowercore.jobs.preparation import Preparation
from flowercore.settings import settings

DOORS = {"Explore": "Look around", "Train": "Start training", "Predict": "Ask"}


def state(app: AppTest) -> dict[str, str]:
    table = app.table[0].value
    return {str(key): str(value).replace("\\", "") for key, value in table.iloc[:, 0].items()}


def test_a_cold_machine_says_that_it_gets_ready_and_begins_to(
    visit: Callable[..., AppTest], preparation: object
) -> None:
    app = visit()
    assert app.title[0].value == "Flower Lab"
    assert any("Getting ready" in element.value for element in app.markdown)
    assert preparation.wishes == 1
    assert state(app)["Photos"] == "none yet"
    assert "not ready yet" in state(app)["Backbone"]
    assert state(app)["Last run"] == "none yet"


def test_the_wish_to_prepare_is_told_once_a_server(
    visit: Callable[..., AppTest], preparation: object
) -> None:
    visit()
    visit()
    assert preparation.wishes == 1


@pytest.mark.parametrize(("page", "label"), DOORS.items())
def test_each_door_leads_to_its_page(visit: Callable[..., AppTest], page: str, label: str) -> None:
    app = visit()
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    assert app.title[0].value == page


def test_a_failed_preparation_says_why_and_offers_to_try_again(
    visit: Callable[..., AppTest], preparation: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = Preparation("failed", reason="The weights are missing.")
    monkeypatch.setattr(queue, "preparation", lambda: failed)
    app = visit()
    assert app.error[0].value.replace("\\", "") == "The weights are missing."
    app.button(key="prepare_again").click().run()
    assert preparation.wishes == 2


def test_photos_and_runs_are_told(visit: Callable[..., AppTest], tiny: Entry, run_id: str) -> None:
    app = visit()
    assert "tiny (18 photos in 3 classes" in state(app)["Photos"].replace("**", "")
    assert "twins" in state(app)["Photos"]
    assert "ready" in state(app)["Backbone"]
    assert "not ready" not in state(app)["Backbone"]
    assert state(app)["Last run"].startswith("**twins · today")
    assert state(app)["Last run"].endswith("right**")


def test_the_last_run_opens(visit: Callable[..., AppTest], run_id: str) -> None:
    app = visit()
    next(button for button in app.button if button.label == "Open the last run").click().run()
    assert not app.exception
    assert app.title[0].value == "Evaluate"
    assert app.query_params["run"] == run_id


def test_a_home_folder_that_cannot_be_one_is_told_in_words(
    visit: Callable[..., AppTest], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.write_text("not a folder")
    settings.cache_clear()
    app = visit()
    assert len(app.error) == 1
    assert str(home) not in app.error[0].value
