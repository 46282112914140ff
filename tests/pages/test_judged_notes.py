"""What is said of a run on other photos: twins, the domain gap, changes since, and removal."""

from __future__ import annotations

import pytest

from flowercore.data import catalog, edits
from flowercore.jobs import queue
from flowercore.runs import assessments, results, store
from tests.pages.judged_page import Open, chosen, judged, look, others, table
from tests.pages.reading import button, errors, texts

__all__ = ["look", "others"]


def test_twins_are_left_out_unless_one_asks_for_them(look: Open, run_id: str) -> None:
    judged(run_id, twins=("exact", "near", "near"))
    app = look(on="others")
    assert "3 of 8 photos are twins of training photos" in texts(app)
    assert app.toggle[0].value is True
    assert len(table(app)) == 5
    assert "Here: 60 %" in texts(app)
    app.toggle[0].set_value(False).run()
    assert len(table(app)) == 8
    assert "Here: 75 %" in texts(app)


def test_where_all_are_twins_none_is_left_out(look: Open, run_id: str) -> None:
    judged(run_id, twins=("exact",) * 8)
    app = look(on="others")
    assert len(app.toggle) == 0
    assert "Nothing would be left without them" in texts(app)
    assert len(table(app)) == 8


def test_the_domain_gap_is_told_with_the_own_accuracy(look: Open, run_id: str) -> None:
    judged(run_id)
    own = results.metrics(run_id)["accuracy"]
    said = texts(look(on="others"))
    assert f"On its own test photos: {own * 100:.0f} %. Here: 75 %" in said
    assert "are twins" not in said


def test_its_own_test_photos_are_no_photos_from_elsewhere(look: Open, run_id: str) -> None:
    facts = judged(run_id)
    rows = assessments.table(run_id, "others")
    own = results.predictions(run_id)
    rows.loc[0, "sha256"] = own.loc[own["split"] == "test", "sha256"].iloc[0]
    assessments.write(run_id, facts, rows)
    said = texts(look(on="others"))
    assert "1 of 8 photos are its own test photos." in said
    assert "Here:" not in said


def test_unreadable_photos_and_notes_are_told(look: Open, run_id: str) -> None:
    unreadable = [{"name": "iris/bad.jpg", "reason": "It is cut off."}]
    judged(run_id, unreadable=unreadable, notes=["Twins were *not* looked for."])
    app = look(on="others")
    assert "1 photo cannot be read" in texts(app)
    assert app.dataframe[0].value.values.tolist() == [["iris/bad.jpg", "It is cut off."]]
    assert "Twins were *not* looked for." in texts(app)


def test_photos_that_changed_since_are_judged_again(
    look: Open, run_id: str, others: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(queue, "submit_task", lambda *what: asked.append(what) or "an id")
    data = catalog.load("others")
    mapping = {"Irises": "iris", "daisies": "daisy", "_weeds_": "", "gone": "aster"}
    judged(run_id, identity=data.identity, mapping=mapping)
    assert "Judge again" not in texts(look(on="others"))
    edits.add(data, [data.photos[0].key], edits.EXCLUDE)
    app = look(on="others")
    assert "These photos have changed since" in texts(app)
    button(app, "Judge again")
    del mapping["gone"]
    assert asked == [("evaluate", {"run": run_id, "data": "others", "mapping": mapping}, "local")]


def test_an_evaluation_is_removed(look: Open, run_id: str) -> None:
    judged(run_id)
    app = button(look(on="others"), "Remove")
    assert assessments.listed(run_id) == []
    assert chosen(app) == "none"
    assert "on" not in app.query_params
    assert not app.warning


def test_a_damaged_table_is_told_and_can_be_judged_again_or_removed(
    look: Open, run_id: str, others: str
) -> None:
    judged(run_id)
    for path in (store.folder(run_id) / "evaluations").glob("*.parquet"):
        path.write_bytes(b"no table")
    app = look(on="others")
    (said,) = errors(app)
    assert "cannot be read" in said
    assert {"Judge again", "Remove"} <= {one.label for one in app.button}
    assert errors(button(app, "Remove")) == []
