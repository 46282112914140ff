"""The check of a dataset: offered, followed, stopped, and failed in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from flowercore.data.catalog import Entry
from flowercore.errors import JobError
from flowercore.jobs import queue, tasks
from flowercore.jobs.tasks import Task
from flowercore.runs import holder
from tests.pages.audited_home import check
from tests.pages.reading import button, errors, texts


@pytest.fixture
def task(tiny: Entry) -> Iterator[Callable[..., Task]]:
    """Write down a check of a dataset as this process's own: ``task(state="running")``."""
    name = holder.new_name()
    with holder.held(name):

        def begin(data: str = "tiny", visitor: str = "local", **changes: Any) -> Task:
            made = tasks.new("audit", {"data": data}, visitor=visitor, held_by=name)
            return tasks.update(made, **changes)

        yield begin


def test_a_check_is_followed_in_every_view(
    visit: Callable[..., AppTest], task: Callable[..., Task]
) -> None:
    task(state="running", step="Looking at the photos", done=9, total=18)
    for view in ("photos", "charts", "map", "problems"):
        app = visit("explore", view=view)
        assert "Checking the photos" in texts(app)
        bar = app.get("progress")[0].proto
        assert (bar.value, bar.text) == (50, "Looking at the photos: 50\u202f%")
        assert "Check these photos" not in texts(app)


def test_a_check_is_followed_while_the_last_one_is_shown(
    visit: Callable[..., AppTest], task: Callable[..., Task]
) -> None:
    check("tiny")
    task(state="running", step="Looking at the photos")
    for view in ("photos", "charts", "map"):
        assert "Checking the photos" in texts(visit("explore", view=view))
    assert len(visit("explore", view="map").get("plotly_chart")) == 1


def test_a_waiting_check_says_so(visit: Callable[..., AppTest], task: Callable[..., Task]) -> None:
    task()
    assert visit("explore").get("progress")[0].proto.text == "Begins when a worker is free …"


def test_a_check_is_stopped(
    visit: Callable[..., AppTest], task: Callable[..., Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "cancel_task", tasks.cancel)
    made = task(state="running", step="Looking at the photos")
    app = button(visit("explore", view="map"), "Stop")
    assert tasks.cancel_requested(made.id)
    assert "Stopping …" in texts(app)
    assert "Stop" not in [one.label for one in app.button]


@pytest.mark.parametrize("other", [{"visitor": "ann"}, {"data": "another"}])
def test_a_check_of_another_visitor_or_dataset_is_not_followed(
    visit: Callable[..., AppTest], task: Callable[..., Task], other: dict[str, str]
) -> None:
    task(state="running", **other)
    app = visit("explore", view="map")
    assert "Checking the photos" not in texts(app)
    assert "Check these photos" in texts(app)


def test_a_failed_check_says_why_and_can_be_tried_again(
    visit: Callable[..., AppTest], task: Callable[..., Task]
) -> None:
    task(state="failed", reason="The disk is *full*.")
    app = visit("explore", view="charts")
    assert errors(app) == ["The disk is *full*."]
    assert "Check these photos" in texts(app)
    button(app, "All right")
    assert errors(app) == []


def test_a_check_that_cannot_be_started_is_refused_in_words(
    visit: Callable[..., AppTest], tiny: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*what: object) -> str:
        raise JobError("At most 64 tasks may wait. Received: one more.")

    monkeypatch.setattr(queue, "submit_task", refuse)
    app = button(visit("explore", view="map"), "Check these photos")
    assert errors(app) == ["At most 64 tasks may wait. Received: one more."]
