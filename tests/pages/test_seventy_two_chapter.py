"""Learn, why the notebook got 72 %: asked, under way, told whichever way, or why not."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from flowercore.backbones import registry
from flowercore.data import catalog
from flowercore.evaluation.metrics import evaluate
from flowercore.files import home_folder
from flowercore.jobs import tasks
from flowercore.jobs.job_queue import JobQueue
from flowercore.runs import holder, results, store
from flowercore.teaching import validation_noise
from flowercore.teaching.validation_noise import ValidationNoise
from flowercore.training.config import TrainConfig
from flowercore.workshop import room
from flowercore.workshop.locks import Locks
from tests.pages.compared_runs import another
from tests.pages.reading import button, errors, texts
from tests.pages.room_visits import ANN, come, workshop
from ui.visitor import LOCAL

__all__ = ["come", "workshop"]

Visit = Callable[..., AppTest]
EXPERIMENT = "0123abcd"
FINGERPRINT = registry.get(registry.DEFAULT).fingerprint
WAYS = ({}, {"preprocessing": "notebook"}, {"batch_norm": "moving"}, {"batch_norm": "batch"})
NAMES = ("As it should be", "Notebook's preprocessing", "Statistics that move", "By batch")


def tried(run_id: str, wrong: Sequence[Sequence[int]], **config: object) -> list[str]:
    """Write the four runs of a trial, each wrong on some of its 12 test photos."""
    common = {"recipe": "suspects", "experiment": EXPERIMENT, **config}
    found = []
    for number, way in enumerate(WAYS):
        one = another(run_id, number, NAMES[number], wrong=wrong[number], **common, **way)
        classes = list(store.get(one).classes)
        table = results.predictions(one).query("split == 'test'")
        true, said = (
            np.array([classes.index(name) for name in table[column]])
            for column in ("label", "predicted")
        )
        sure = 0.01 + 0.97 * np.eye(3)[said]
        results.write_metrics(one, evaluate(true, sure, classes).to_dict())
        found.append(one)
    return found


def edit(run_id: str, **changes: object) -> None:
    path = store.folder(run_id) / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def badges(app: AppTest) -> list[str]:
    found = [one.value for one in app.markdown if "-badge[" in one.value]
    return [one.split(": ")[-1].rstrip("]") for one in found]


def part(app: AppTest, name: str) -> list[str]:
    """Turn to a part of the chapter and return what its charts say."""
    app.radio(key="suspects_part").set_value(name).run()
    assert not app.exception
    return [one.proto.alt for one in app.get("plotly_chart")]


def test_without_photos_it_says_what_to_do(visit: Visit) -> None:
    app = visit("learn", view="seventy-two")
    assert "No photos yet" in texts(app)


def test_one_click_tries_all_three(
    visit: Visit, tiny: catalog.Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def submit_all(_: JobQueue, configs: Sequence[TrainConfig], visitor: str) -> list[object]:
        asked.extend((one.data, one.preprocessing, one.batch_norm) for one in configs)
        return []

    def submit_task(_: JobQueue, kind: str, arguments: dict[str, object], visitor: str) -> str:
        asked.append((kind, arguments["data"]))
        return ""

    monkeypatch.setattr(JobQueue, "submit_all", submit_all)
    monkeypatch.setattr(JobQueue, "submit_task", submit_task)
    app = visit("learn", view="seventy-two")
    for title in ("1 · Another", "2 · BatchNorm", "3 · Chance"):
        assert title in texts(app)
    assert "The notebook used Xception. Here the suspects are tried with" in texts(app)
    assert not badges(app)
    button(app, "Try all three")
    assert asked == [
        ("validation-noise", "tiny"),
        ("tiny", "backbone", "inference"),
        ("tiny", "notebook", "inference"),
        ("tiny", "backbone", "moving"),
        ("tiny", "backbone", "batch"),
    ]


def test_what_came_out_is_said_whichever_way(visit: Visit, run_id: str) -> None:
    # 12 test photos: nothing lost; nothing settled; nine lost.
    tried(run_id, [[], [], [0, 1], list(range(9))])
    app = visit("learn", view="seventy-two")
    assert not errors(app)
    said = texts(app)
    assert "The right way, for comparison: 100.0 %" in said
    assert "not settled" in said
    assert "It costs 75.0 points" in said
    assert badges(app)[1] == "guilty"
    assert "Nearest to 72 % comes “Statistics that move” with 83 %" in said
    assert any(one.label == "Try all three again" for one in app.button)
    # The curves of each run are one click away.
    link = next(one for one in app.get("page_link") if "photo by photo" in one.proto.label)
    assert EXPERIMENT in link.proto.query_string
    (chart,) = part(app, "Their curves")
    assert "epochs" in chart
    app.radio(key="suspect_curves").set_value("right").run()
    assert not app.exception


def test_chance_is_told_by_what_was_drawn(visit: Visit, run_id: str) -> None:
    tried(run_id, [[], [], [], []])
    app = visit("learn", view="seventy-two")
    assert [one for one in app.button if one.key == "measure_noise"]
    found = ValidationNoise(40, 100, 360, (30, 31, 36), (76, 77, 75))
    validation_noise.write(catalog.load("twins").identity, FINGERPRINT, found)
    app = visit("learn", view="seventy-two")
    assert "75 % to 90 % in 3 draws of the same training" in texts(app)
    assert badges(app)[-1] == "guilty"
    assert not [one for one in app.button if one.key == "measure_noise"]
    (chart,) = part(app, "The same, drawn again")
    assert "A dot for each" in chart
    assert "validation accuracy from 75" in chart
    (path,) = home_folder("teaching").iterdir()
    path.write_text("{")
    app.run()  # the part that was looked at is gone
    assert any("edited or cut off" in one for one in errors(app))
    assert [one for one in app.button if one.key == "measure_noise"]


def test_while_it_is_tried_it_can_be_stopped_and_survives_a_reload(
    visit: Visit, run_id: str
) -> None:
    runs = tried(run_id, [[], [], [], []])
    name = holder.new_name()
    with holder.held(name):
        edit(runs[2], status="training", holder=name)
        edit(runs[3], status="waiting", holder=name)
        results.write_progress(runs[2], results.Progress("tail", 30, 184, 0, 9.0, 1, 8))
        for _ in range(2):  # the second visit is a reload
            app = visit("learn", view="seventy-two")
            assert "Trying the suspects" in texts(app)
            bars = [one.proto.text for one in app.get("progress")]
            assert any("Epoch 2 of 8" in one for one in bars)
        again = next(one for one in app.button if one.label == "Try all three again")
        assert again.disabled
        # What has ended is told already.
        assert "its run goes on" in texts(app)
        button(app, "Stop all")
        assert store.cancel_requested(runs[2])
        assert store.get(runs[3]).status == "stopped"


def test_a_run_that_failed_says_why_and_convicts_nobody(visit: Visit, run_id: str) -> None:
    runs = tried(run_id, [[], [], [], []])
    edit(runs[3], status="failed", reason="The <disk> is full.")
    app = visit("learn", view="seventy-two")
    assert "its run did not work out. The <disk> is full." in texts(app)
    assert len(badges(app)) == 1  # one of two ways says nothing about the second suspect
    assert "Nearest to" not in texts(app)


def test_somebody_elses_trial_is_shown_and_photos_that_changed_are_said(
    visit: Visit, run_id: str
) -> None:
    runs = tried(run_id, [[], [], [], []])
    for one in runs:
        edit(one, visitor="somebody", dataset=store.get(one).dataset | {"identity": "before"})
    app = visit("learn", view="seventy-two")
    assert "The photos were changed since these runs" in texts(app)
    assert "Try all three again" in texts(app)


def test_a_trial_on_other_photos_is_not_shown(visit: Visit, run_id: str) -> None:
    tried(run_id, [[], [], [], []], data="others")
    app = visit("learn", view="seventy-two")
    assert not badges(app)
    assert any(one.label == "Try all three" for one in app.button)


def test_in_a_room_it_is_held_to_what_the_leader_allows(
    come: Callable[..., AppTest], tiny: catalog.Entry
) -> None:
    assert not come(ANN, "learn", view="seventy-two").button(key="try_suspects").disabled
    room.lock(Locks(fine_tuning=False))
    app = come(ANN, "learn", view="seventy-two")
    assert app.button(key="try_suspects").disabled
    assert "The leader has switched off what takes as long as fine-tuning." in texts(app)


def test_why_the_draws_failed_is_said(visit: Visit, run_id: str) -> None:
    task = tasks.new("validation-noise", {"data": "twins"}, visitor=LOCAL, held_by="nobody")
    tasks.update(task, state="failed", reason="The <disk> is full.")
    app = visit("learn", view="seventy-two")
    assert [one.proto.title for one in app.error] == ["The draws could not be made"]
