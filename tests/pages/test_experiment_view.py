"""Train: runs of one experiment side by side."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from flowercore.runs import results, store
from tests.pages.reading import button, shown, texts

EXPERIMENT = "0123456789abcdef"


def edit(run_id: str, **changes: object) -> None:
    path = store.folder(run_id) / "run.json"
    values = json.loads(path.read_text())
    values["config"].update(
        {key: value for key, value in changes.items() if key in ("name", "recipe", "experiment")}
    )
    values.update({key: value for key, value in changes.items() if key in ("id", "status")})
    path.write_text(json.dumps(values))


@pytest.fixture
def pair(run_id: str) -> tuple[str, str]:
    """Two ended runs of the notebook's recipe, the second one an image of the first."""
    other = f"{run_id[:-6]}fffff0"
    shutil.copytree(store.folder(run_id), store.folder(run_id).with_name(other))
    for id, name in ((run_id, "First way"), (other, "Second way")):
        edit(id, id=id, name=name, recipe="notebook", experiment=EXPERIMENT)
    return run_id, other


def rows(app: AppTest) -> list[dict[str, str]]:
    (table,) = app.table
    return [
        {key: shown(str(cell)) for key, cell in row.items()}
        for row in table.value.to_dict("records")
    ]


def worsen(run_id: str, photos: int) -> None:
    """Let a run be wrong on some test photos that it had right."""
    table = results.predictions(run_id)
    right = table[(table["split"] == "test") & (table["label"] == table["predicted"])].index
    table.loc[right[:photos], "predicted"] = "none of them"
    results.write_predictions(run_id, table)
    metrics = results.metrics(run_id)
    metrics["accuracy"] -= photos / metrics["count"]
    results.write_metrics(run_id, metrics)


def test_runs_of_one_recipe_stand_side_by_side(
    visit: Callable[..., AppTest], pair: tuple[str, str]
) -> None:
    app = visit("train", run=pair[1])
    assert "The notebook's recipe on twins" in texts(app)
    assert [row["Run"] for row in rows(app)] == ["First way", "Second way"]
    assert all("Finished" in row["State"] for row in rows(app))
    assert all(" to " in row["Test accuracy"] for row in rows(app))
    charts = [chart.proto.alt for chart in app.get("plotly_chart")]
    assert any("First way" in alt and "Second way" in alt for alt in charts)
    assert "Neither is better: both get the same photos right." in texts(app)


def test_a_difference_that_may_be_chance_is_called_not_settled(
    visit: Callable[..., AppTest], pair: tuple[str, str]
) -> None:
    worsen(pair[0], 1)
    said = texts(visit("train", run=pair[0]))
    assert "Second way is ahead of First way, and that is not settled: 1 photo it alone" in said


def test_a_settled_difference_is_called_better(
    visit: Callable[..., AppTest], pair: tuple[str, str]
) -> None:
    worsen(pair[1], 7)
    said = texts(visit("train", run=pair[0]))
    assert "First way is better: 7 photos it alone gets right against 0" in said


def test_the_verdict_waits_for_all(
    visit: Callable[..., AppTest], pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(pair[1], status="waiting")
    monkeypatch.setattr(store.holder, "alive", lambda name: True)
    app = visit("train", run=pair[0])
    assert "Which one is better is told when all have ended." in texts(app)
    assert [row["Test accuracy"] for row in rows(app)][1] == ""
    assert "Waiting" in rows(app)[1]["State"]
    # The chosen one has ended: its own result is shown all the same.
    assert [one for one in app.metric if one.label == "Test accuracy"]
    button(app, "Stop the last one")
    app.run()
    assert store.get(pair[1]).status == "stopped"
    assert "Which one is better is told" not in texts(app)


def test_a_damaged_run_hides_nothing_of_the_other(
    visit: Callable[..., AppTest], pair: tuple[str, str]
) -> None:
    (store.folder(pair[1]) / "run.json").write_text("{")
    app = visit("train", run=pair[0])
    assert not app.table  # nobody knows any longer that the two belong together
    assert "Finished" in texts(app)
    app = visit("train", run=pair[1])
    assert any("cannot be read" in error.value for error in app.error)


def test_the_way_to_the_photos_that_differ(
    visit: Callable[..., AppTest], pair: tuple[str, str]
) -> None:
    app = visit("train", run=pair[0])
    link = next(one for one in app.get("page_link") if "photo by photo" in one.proto.label)
    assert link.proto.page == "compare"
    assert EXPERIMENT in link.proto.query_string


def test_a_run_of_its_own_is_no_experiment(visit: Callable[..., AppTest], run_id: str) -> None:
    app = visit("train", run=run_id)
    assert not app.table
    assert "photo by photo" not in texts(app)
