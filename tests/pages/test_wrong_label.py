"""From a photo to the list of edits: what each button means, whatever its classes are called."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from flowercore.data import catalog, copying, edits
from flowercore.data.class_folders import EDITS
from flowercore.runs import assessments, results, store
from flowercore.runs.assessments import Facts
from tests.pages.judged_page import others
from tests.pages.reading import button, errors, pictures, shown, texts
from ui import datasets, mending, own_copy

__all__ = ["others"]

CLASSES = ("aster", "daisy", "iris")


def say(table: pd.DataFrame, key: str, label: str, said: str) -> pd.DataFrame:
    """Let a run say a class of one photo, and of the others what is true."""
    answers = table.copy()
    answers.loc[answers["key"] == key, "label"] = label
    called = answers["label"].where(answers["key"] != key, said)
    for name in CLASSES:
        answers[f"p_{name}"] = (called == name) * 0.8 + 0.2 / 3
    return answers.assign(predicted=called)


@pytest.fixture
def relabelled(run_id: str) -> str:
    """A photo that somebody relabelled before the run, which the run now calls as its folder."""
    table = results.predictions(run_id)
    key = str(table[(table["split"] == "test") & (table["label"] == "aster")]["key"].iloc[0])
    edits.add(catalog.load("twins"), [key], edits.RELABEL, label="iris")
    results.write_predictions(run_id, say(table, key, "iris", "aster"))
    return key


def label_now(name: str, key: str) -> str:
    return next(one.label for one in catalog.load(name).photos if one.key == key)


def test_a_class_that_a_photo_was_given_by_an_edit_is_kept(
    visit: Callable[..., AppTest], relabelled: str
) -> None:
    app = visit("evaluate", view="mistakes")
    assert len(pictures(app)) == 1
    button(app, "It is iris")
    assert label_now("twins", relabelled) == "iris"


def test_a_class_that_an_edit_took_can_be_given_back(
    visit: Callable[..., AppTest], relabelled: str
) -> None:
    button(visit("evaluate", view="mistakes"), "It is aster")
    assert label_now("twins", relabelled) == "aster"


@pytest.fixture
def judged_on(run_id: str, others: str) -> Callable[..., str]:
    """Judge the run on photos of other classes; it takes the first iris for a daisy."""

    def write(**mapping: str) -> str:
        data = catalog.load("others")
        known = [one for one in data.photos if mapping[one.label]]
        table = pd.DataFrame(
            {
                "key": [one.key for one in known],
                "sha256": [one.sha256 for one in known],
                "given": [one.label for one in known],
                "label": [mapping[one.label] for one in known],
                "twin": "",
            }
        )
        key = next(one.key for one in known if one.label == "Irises")
        table = say(table, key, "iris", "daisy")
        facts = Facts("others", "a test", data.identity, mapping=mapping, judged=len(table))
        assessments.write(run_id, facts, table)
        return key

    return write


def other_classes(app: AppTest) -> list[str]:
    return next(one.options for one in app.selectbox if one.label == "Another class")


def test_a_photo_from_elsewhere_gets_the_name_that_its_dataset_has_for_the_class(
    visit: Callable[..., AppTest], judged_on: Callable[..., str]
) -> None:
    key = judged_on(Irises="iris", daisies="daisy", _weeds_="")
    app = visit("evaluate", on="others", view="mistakes")
    assert other_classes(app) == ["_weeds_"]
    button(app, "It is daisy")
    assert label_now("others", key) == "daisies"
    button(app, "It is iris")
    assert label_now("others", key) == "Irises"


def test_where_two_classes_could_be_meant_one_chooses(
    visit: Callable[..., AppTest], judged_on: Callable[..., str]
) -> None:
    judged_on(Irises="iris", daisies="daisy", _weeds_="daisy")
    app = visit("evaluate", on="others", view="mistakes")
    assert "It is daisy" not in [shown(one.label) for one in app.button]
    assert other_classes(app) == ["_weeds_", "daisies"]


def test_a_list_of_edits_that_is_damaged_is_told_and_the_photos_stay(
    visit: Callable[..., AppTest], home: Path, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (mending, own_copy, datasets):
        monkeypatch.setattr(module, "visitor", lambda: "someone")
    copying.copy_dataset("twins", "shared")
    for source, name in (("shared", "an own one"), ("twins", "my twins")):
        copying.copy_dataset(source, name, owner="someone")
        (home / "datasets" / name / EDITS).write_text("no list")
    app = visit("evaluate", view="mistakes")
    assert ["'my twins' is damaged" in one for one in errors(app)] == [True]
    assert pictures(app)


def test_a_copy_of_a_copy_of_other_photos_is_no_copy_of_these(
    visit: Callable[..., AppTest], home: Path, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    copying.copy_dataset("twins", "shared")
    for module in (mending, own_copy, datasets):
        monkeypatch.setattr(module, "visitor", lambda: "someone")
    copying.copy_dataset("shared", "mine", owner="someone")
    app = visit("evaluate", view="mistakes")
    assert "Make my copy" in [one.label for one in app.button]


def test_photos_of_a_folder_are_shown_and_said_to_be_brought_in_first(
    visit: Callable[..., AppTest], home: Path, run_id: str, tmp_path: Path
) -> None:
    folder = (home / "datasets" / "twins").rename(tmp_path / "twins")
    path = store.folder(run_id) / "run.json"
    facts = json.loads(path.read_text())
    facts["config"]["data"] = str(folder)
    path.write_text(json.dumps(facts))
    app = visit("evaluate", view="mistakes")
    assert pictures(app)
    assert "bring this folder in on the Explore page" in texts(app)
    assert "Exclude it" not in [one.label for one in app.button]
