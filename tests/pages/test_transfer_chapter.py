"""Learn, transfer learning: the figure, what it costs here, the learning curve; or why not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from flowercore.backbones import registry
from flowercore.data import catalog
from flowercore.files import home_folder
from flowercore.jobs import tasks
from flowercore.jobs.job_queue import JobQueue
from flowercore.runs import holder
from flowercore.teaching import learning_curve, timing
from flowercore.teaching.learning_curve import LearningCurve, Line
from tests.pages.reading import button, errors, texts
from ui.visitor import LOCAL

Visit = Callable[..., AppTest]
BACKBONE = registry.get(registry.DEFAULT)
CURVE = LearningCurve(
    3,
    18,
    3,
    (1, 2),
    (
        Line(registry.DEFAULT, ((0.5, 0.7), (0.8, 0.9))),
        Line("no-pretraining", ((0.3, 0.3), (0.4, 0.4))),
    ),
)


def alts(app: AppTest) -> list[str]:
    return [chart.proto.alt for chart in app.get("plotly_chart")]


def metrics(app: AppTest) -> dict[str, str]:
    return {one.label: f"{one.value} {one.delta}" for one in app.metric}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """What workers are asked for."""
    found: list[dict[str, object]] = []

    def submit(_: JobQueue, kind: str, arguments: dict[str, object], visitor: str) -> str:
        found.append({"kind": kind, **arguments})
        return ""

    monkeypatch.setattr(JobQueue, "submit_task", submit)
    return found


def test_without_photos_it_says_what_to_do(visit: Visit) -> None:
    app = visit("learn", view="transfer")
    assert "No photos yet" in texts(app)
    assert not app.select_slider


def test_the_slider_moves_figure_and_numbers(visit: Visit, tiny: catalog.Entry) -> None:
    timing.write(BACKBONE, {timing.HEAD: 0.0001, timing.LOOK: 0.01, "stem": 0.1, "head": 0.01})
    app = visit("learn", view="transfer")
    assert not errors(app)
    head = (BACKBONE.feature_dim + 1) * 3
    assert metrics(app)["Weights that learn"] == f"{head:,} of {BACKBONE.parameters + head:,}"
    # 18 photos, a fifth for the test, a tenth of the rest to watch.
    assert metrics(app)["An epoch takes about"] == "1 ms for 13 photos here"
    assert "18 of them frozen and 0 learning on" in alts(app)[0]

    app.select_slider[0].set_value("stem").run()
    assert not app.exception
    tail = BACKBONE.blocks[0].trainable
    assert metrics(app)["Weights that learn"].startswith(f"{tail + head:,} ")
    assert metrics(app)["An epoch takes about"] == "1.3 s for 13 photos here"
    assert "0 of them frozen and 18 learning on, and a new head for 3 classes" in alts(app)[0]
    assert "8 epochs take 10 s, after" in texts(app)
    app.select_slider[0].set_value("block5a").run()
    assert "Between two blocks that were measured on this machine" in texts(app)
    # A machine that was busy then can be measured again.
    assert [one.label for one in app.button if one.key == "measure_timing"] == ["Measure again"]


def test_what_was_not_measured_is_not_made_up(
    visit: Visit, tiny: catalog.Entry, asked: list[dict[str, object]]
) -> None:
    app = visit("learn", view="transfer")
    assert metrics(app)["An epoch takes about"] == "not measured here yet"
    assert "Not measured here yet" in texts(app)
    button(app, "Measure it")
    assert asked == [{"kind": "timing", "backbone": registry.DEFAULT}]


def test_a_training_that_went_here_is_measured(visit: Visit, run_id: str) -> None:
    app = visit("learn", view="transfer")
    assert "From 1 training on this machine." in texts(app)
    assert " ms for " in metrics(app)["An epoch takes about"]
    app.select_slider[0].set_value("block5a").run()
    assert metrics(app)["An epoch takes about"] == "not measured here yet"


def test_the_curve_is_offered_computed_and_shown(
    visit: Visit, tiny: catalog.Entry, asked: list[dict[str, object]]
) -> None:
    app = visit("learn", view="transfer")
    assert "Not computed yet for “tiny”" in texts(app)
    button(app, "Compute it")
    assert asked == [{"kind": "learning-curve", "data": "tiny"}]

    learning_curve.write(catalog.load("tiny").identity, BACKBONE.fingerprint, CURVE)
    app = visit("learn", view="transfer")
    assert "1 photo of each class is enough for 60 %" in texts(app)
    (asked,) = [one for one in app.markdown if "How many photos" in one.value]
    assert "average of 2 random draws" in asked.help
    assert any("with pretraining 60\u202f% with 1, 85\u202f% with 2" in one for one in alts(app))
    assert not [one for one in app.button if one.key == "compute_learning_curve"]


def test_a_damaged_file_is_said_and_computed_anew(visit: Visit, tiny: catalog.Entry) -> None:
    learning_curve.write(catalog.load("tiny").identity, BACKBONE.fingerprint, CURVE)
    timing.write(BACKBONE, {timing.HEAD: 0.0001})
    for path in home_folder("teaching").iterdir():
        path.write_text("{")
    app = visit("learn", view="transfer")
    assert len([one for one in errors(app) if "edited or cut off" in one]) == 2
    assert [one for one in app.button if one.key == "compute_learning_curve"]
    assert [one for one in app.button if one.key == "measure_timing"]


def test_while_it_is_computed_it_can_be_stopped(visit: Visit, tiny: catalog.Entry) -> None:
    name = holder.new_name()
    with holder.held(name):
        task = tasks.new("learning-curve", {"data": "tiny"}, visitor=LOCAL, held_by=name)
        tasks.update(task, state="running", step="Training heads with pretraining", done=3, total=9)
        app = visit("learn", view="transfer")
        assert "Computing the learning curve" in texts(app)
        assert any(one.label == "Stop" for one in app.button)
        assert not [one for one in app.button if one.key == "compute_learning_curve"]


@pytest.mark.parametrize(
    ("state", "words"),
    [("failed", "The learning curve could not be computed"), ("stopped", "Stopped")],
)
def test_why_it_ended_without_a_result_is_said(
    visit: Visit, tiny: catalog.Entry, state: str, words: str
) -> None:
    task = tasks.new("learning-curve", {"data": "tiny"}, visitor=LOCAL, held_by="nobody")
    tasks.update(task, state=state, reason="The <disk> is full.")
    app = visit("learn", view="transfer")
    titles = [one.proto.title for one in (*app.error, *app.info)]
    assert titles == [words]
    assert "The <disk> is full." in texts(app)
    assert [one for one in app.button if one.key == "compute_learning_curve"]


def test_the_curve_of_other_photos_is_not_shown(
    visit: Visit, tiny: catalog.Entry, home: Path
) -> None:
    learning_curve.write("other photos", BACKBONE.fingerprint, CURVE)
    app = visit("learn", view="transfer")
    assert "Not computed yet" in texts(app)
