"""What a run can bear, on the Evaluate page: offered, measured, shown, or why not."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from flowercore.data.corruptions import KINDS
from flowercore.data.garden import SPECIES
from flowercore.evaluation.robustness import kept
from flowercore.jobs import robustness, tasks
from flowercore.jobs.job_queue import JobQueue
from flowercore.runs import holder, results, robustness_file, store
from flowercore.settings import settings
from tests.evaluation.borne import borne
from tests.pages.evaluated import figures_of, write_run
from tests.pages.judged_page import judged
from tests.pages.reading import button, errors, pictures, texts
from ui.visitor import LOCAL

FOUND = borne(noise=[85, 70, 52, 40, 20])

Visit = Callable[..., AppTest]


def offered(app: AppTest) -> bool:
    return any(one.key == "measure_robustness" for one in app.button)


def test_it_is_offered_with_what_it_takes(visit: Visit, run_id: str) -> None:
    app = visit("evaluate", view="robustness")
    assert not errors(app)
    assert "turned, blurred, made darker and brighter, compressed and made noisy" in texts(app)
    assert "The network looks at 12 photos 30 times each" in texts(app)
    assert offered(app)
    assert figures_of(app) == []


def test_the_button_starts_a_worker_and_the_curves_are_what_it_found(
    visit: Visit, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, object]] = []

    def submit(_: JobQueue, kind: str, arguments: dict[str, object], visitor: str) -> str:
        asked.append({"kind": kind, **arguments})
        return ""

    monkeypatch.setattr(JobQueue, "submit_task", submit)
    button(visit("evaluate", view="robustness"), "Measure it")
    assert asked == [{"kind": "robustness", "run": run_id}]
    # What the worker does, in this process.
    robustness.keep(run_id, robustness.measure(run_id))
    found = kept(run_id)
    assert found is not None
    app = visit("evaluate", view="robustness")
    assert found.sentence.replace(" %", "") in texts(app).replace(" %", "")
    assert not offered(app)
    lines = [figure["data"][-1]["y"] for figure in figures_of(app)]
    assert lines == [
        [one.accuracy for one in (found.plain, *levels)] for levels in found.kinds.values()
    ]
    _look_at_the_example(app, run_id)


def _look_at_the_example(app: AppTest, run_id: str) -> None:
    strip = [one for one in pictures(app) if one.startswith("The photo")]
    assert len(strip) == 6
    assert strip[0].startswith("The photo as it is: ")
    app.radio(key=f"spoilt_kind_{run_id}").set_value("rotation").run()
    assert not app.exception
    turned = [one for one in pictures(app) if one.startswith("The photo turned by")]
    assert [one.split(": ")[0][20:] for one in turned] == ["5°", "15°", "30°", "60°", "90°"]
    box = app.selectbox(key=f"spoilt_photo_{run_id}")
    assert len(set(box.options)) == len(box.options) == 8
    # One of each class in turn.
    assert [one.split(",")[0] for one in box.options[:3]] == ["1: aster", "2: daisy", "3: iris"]
    box.set_value(box.options[2]).run()
    assert not errors(app)
    assert pictures(app)[-1].endswith(": iris")


def test_what_was_measured_is_told(visit: Visit, home: Path) -> None:
    run = write_run(home, list(SPECIES) * 4, right=0.8)
    robustness_file.write(run, FOUND.to_dict())
    app = visit("evaluate", view="robustness")
    assert "It loses most to noise: 87 % to 52 % at strength 3" in texts(app)
    assert "4 of its test photos are left out" in texts(app)
    assert len(figures_of(app)) == len(KINDS)
    table = app.dataframe[-1].value
    assert len(table) == 6 * 6
    row = table[(table["Kind"] == "Noise") & (table["Strength"] == 3)].iloc[0]
    assert (row["Right"], row["95 %"]) == (52, "42 to 62")
    assert row["What is done"] == "noise of 13\u202f% of the range"
    assert not re.search(r"\bnan\b|None", texts(app))
    # Its dataset is gone: the curves stay.
    assert "no longer there to be shown" in texts(app)


def test_a_run_whose_photos_are_gone_is_offered_nothing(visit: Visit, home: Path) -> None:
    write_run(home, list(SPECIES) * 4, right=0.8)
    app = visit("evaluate", view="robustness")
    assert "Its test photos are gone" in texts(app)
    assert not offered(app)
    assert not errors(app)


def test_a_run_without_test_photos_says_so(visit: Visit, run_id: str) -> None:
    judged(run_id, "others")
    results.write_predictions(run_id, results.predictions(run_id).assign(split="train"))
    (store.folder(run_id) / "metrics.json").unlink()
    app = visit("evaluate", view="robustness", on="others")
    assert "This run kept no test photos aside" in texts(app)
    assert not offered(app)


def test_on_another_dataset_it_says_on_which_photos_it_is_measured(
    visit: Visit, run_id: str
) -> None:
    judged(run_id, "<b>others</b>")
    app = visit("evaluate", view="robustness", on="<b>others</b>")
    assert "run's own test photos, not on “<b>others</b>”" in texts(app)
    assert offered(app)
    robustness_file.write(run_id, FOUND.to_dict())
    app.run()
    assert "It loses most to noise" in texts(app)
    assert not errors(app)


def test_a_damaged_file_is_said_and_can_be_measured_anew(visit: Visit, run_id: str) -> None:
    path = store.folder(run_id) / "robustness.json"
    path.write_text("{")
    app = visit("evaluate", view="robustness")
    assert any("robustness.json was edited or cut off" in one for one in errors(app))
    assert offered(app)


def test_it_can_be_measured_again_when_left_out_photos_are_back(visit: Visit, run_id: str) -> None:
    # Of 12 test photos 8 were there and read, and of 3 it was known that they cannot be read.
    found = FOUND.to_dict() | {"count": 8, "unreadable": 3}
    found["kinds"] = {kind: [{"right": 8, "probability": 0.5}] * 5 for kind in KINDS}
    found["plain"] = {"right": 8, "probability": 0.5}
    robustness_file.write(run_id, found)
    app = visit("evaluate", view="robustness")
    assert [one.label for one in app.button if one.key == "measure_robustness"] == ["Measure again"]
    robustness_file.write(run_id, found | {"unreadable": 4})
    assert not offered(visit("evaluate", view="robustness"))


def test_what_an_older_version_found_is_offered_anew(visit: Visit, run_id: str) -> None:
    path = store.folder(run_id) / "robustness.json"
    path.write_text(json.dumps({"version": "0", **FOUND.to_dict()}))
    app = visit("evaluate", view="robustness")
    assert offered(app)
    assert "It loses most" not in texts(app)


@pytest.mark.parametrize(
    ("state", "words"), [("failed", "It could not be measured"), ("stopped", "Stopped")]
)
def test_why_it_ended_without_a_result_is_said_and_it_is_offered_again(
    visit: Visit, run_id: str, state: str, words: str
) -> None:
    task = tasks.new("robustness", {"run": run_id}, visitor=LOCAL, held_by="nobody")
    tasks.update(task, state=state, reason="The <disk> is full.")
    app = visit("evaluate", view="robustness")
    (said,) = (*app.error, *app.info)
    assert said.proto.title == words
    assert "The <disk> is full." in texts(app)
    assert offered(app)


def test_while_it_runs_it_can_be_stopped(visit: Visit, run_id: str) -> None:
    name = holder.new_name()
    with holder.held(name):
        task = tasks.new("robustness", {"run": run_id}, visitor=LOCAL, held_by=name)
        tasks.update(task, state="running", step="Looking at spoilt photos", done=21, total=84)
        app = visit("evaluate", view="robustness")
        assert not offered(app)
        assert any(one.label == "Stop" for one in app.button)
        assert "Measuring what it can bear" in texts(app)


def test_without_the_network_the_curves_are_shown_all_the_same(
    visit: Visit, home: Path, run_id: str
) -> None:
    shutil.rmtree(home / "backbones")
    settings.cache_clear()
    robustness_file.write(run_id, FOUND.to_dict())
    app = visit("evaluate", view="robustness")
    assert len(figures_of(app)) == len(KINDS)
    assert any("must be prepared once on this machine" in one for one in errors(app))


def test_one_photo_shows_neither_nan_nor_an_empty_chart(visit: Visit, run_id: str) -> None:
    table = results.predictions(run_id)
    first = table.index[table["split"] == "test"][0]
    results.write_predictions(
        run_id, table.assign(split=["test" if row == first else "train" for row in table.index])
    )
    (store.folder(run_id) / "metrics.json").unlink()
    robustness.keep(run_id, robustness.measure(run_id))
    app = visit("evaluate", view="robustness")
    assert not errors(app)
    assert len(figures_of(app)) == len(KINDS)
    assert "accuracy on 1 test photo," in texts(app)
