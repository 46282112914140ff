"""Judging a run on another dataset: which class is which, in a worker, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from flowercore.errors import JobError
from flowercore.jobs import queue, tasks
from flowercore.jobs.tasks import Task
from flowercore.runs import holder, store
from tests.jobs.waiting import until
from tests.pages.judged_page import Open, box, boxes, chosen, look, others, table
from tests.pages.reading import button, errors, texts

__all__ = ["look", "others"]


@pytest.fixture
def task(run_id: str) -> Iterator[Callable[..., Task]]:
    """Write down a task that judges the run: ``task(state="running")``."""
    name = holder.new_name()
    with holder.held(name):

        def begin(run: str = run_id, visitor: str = "local", **changes: Any) -> Task:
            arguments = {"run": run, "data": "others", "mapping": {}}
            made = tasks.new("evaluate", arguments, visitor=visitor, held_by=name)
            return tasks.update(made, **changes)

        yield begin


def test_classes_that_are_called_otherwise_are_asked_for(look: Open, others: str) -> None:
    app = look()
    box(app, "Dataset").select("others").run()
    assert boxes(app)[-3:] == ["“Irises” is", "“_weeds_” is", "“daisies” is"]
    assert [one.value for one in app.selectbox][-3:] == ["iris", "", "daisy"]
    assert box(app, "“_weeds_” is").options == ["aster", "daisy", "iris", "— leave out —"]
    assert "8 photos: takes seconds" in texts(app)
    box(app, "“_weeds_” is").select("aster").run()
    assert "12 photos: takes seconds" in texts(app)
    for label in ("Irises", "_weeds_", "daisies"):
        box(app, f"“{label}” is").select("").run()
    assert next(one for one in app.button if one.key == "judge_start").disabled
    box(app, "Dataset").select("twins").run()
    assert boxes(app)[-1] == "Dataset"


def test_a_worker_judges_and_the_new_evaluation_is_chosen(look: Open, others: str) -> None:
    app = look()
    box(app, "Dataset").select("others").run()
    button(app, "Judge it on these photos")
    until(lambda: not tasks.newest("local", "evaluate").active, "judged")
    done = tasks.newest("local", "evaluate")
    assert done.state == "finished", done.reason
    app.run()
    assert chosen(app) == "others"
    assert app.query_params["on"] == "others"
    assert box(app, "Judged on").options == ["Its own test photos", "others"]
    said = texts(app)
    assert "Judged on 8 photos of “others”" in said
    assert "Counted Irises as iris and daisies as daisy. Left out: 4 photos of _weeds_." in said
    assert "Without a photo among them: aster." in said
    assert len(table(app)) == 8
    # Chosen by itself once: who goes back to its own test photos stays there.
    box(app, "Judged on").select("").run()
    assert chosen(app) == "none"
    assert "on" not in app.query_params
    assert chosen(app.run()) == "none"


def test_it_is_followed_stopped_and_failed_in_words(
    look: Open, task: Callable[..., Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "cancel_task", tasks.cancel)
    made = task(state="running", step="Looking at the photos", done=2, total=8)
    app = look()
    assert "Judging it on “others”" in texts(app)
    assert app.get("progress")[0].proto.text == "Looking at the photos: 25\u202f%"
    assert "Dataset" not in boxes(app)
    button(app, "Stop")
    assert tasks.cancel_requested(made.id)
    tasks.update(made, state="failed", reason="The disk is *full*.")
    app = look()
    assert errors(app) == ["The disk is *full*."]
    assert "Dataset" in boxes(app)
    button(app, "All right")
    assert errors(app) == []


@pytest.mark.parametrize("other", [{"visitor": "ann"}, {"run": "20260101-000000-abcdef"}])
def test_another_visitors_or_runs_task_is_not_followed(
    look: Open, task: Callable[..., Task], other: dict[str, str]
) -> None:
    task(state="running", **other)
    assert "Judging it" not in texts(look())


def test_what_cannot_be_started_is_refused_in_words(
    look: Open, others: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*what: object) -> str:
        raise JobError("One evaluation a visitor runs at a time.")

    monkeypatch.setattr(queue, "submit_task", refuse)
    app = look()
    box(app, "Dataset").select("others").run()
    assert errors(button(app, "Judge it on these photos")) == [
        "One evaluation a visitor runs at a time."
    ]


def test_a_run_without_a_head_cannot_be_asked(look: Open, run_id: str) -> None:
    (store.folder(run_id) / "head.safetensors").unlink()
    assert not look().expander
