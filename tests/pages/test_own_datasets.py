"""What a visitor brings in is theirs: others do not see it, and shared photos are for looking."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from flowercore.data import catalog, drafts
from flowercore.data.catalog import Entry
from flowercore.runs import holder, store
from tests.pages.bringing import ended
from tests.pages.reading import button, errors, shown, texts
from ui import visitor

Visit = Callable[..., AppTest]
ANN, BEN = "a" * 32, "b" * 32


@pytest.fixture
def come(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Visit as somebody: ``come(ANN, "explore", view="bring")``."""

    def open_page(who: str, page: str, **address: str) -> AppTest:
        # A test has no browser and so no cookie: say who it would name.
        monkeypatch.setattr(visitor, "visitor_of", lambda cookies: who)
        return visit(page, **address)

    return open_page


@pytest.fixture
def both(tiny: Entry, tiny_dataset: Callable[..., Path]) -> None:
    """Datasets of everybody's (tiny), ann's and ben's."""
    catalog.import_source(tiny_dataset(classes=2, name="x"), "anns", owner=ANN)
    catalog.import_source(tiny_dataset(classes=2, name="x"), "bens", owner=BEN)


def labels(app: AppTest) -> set[str]:
    return {shown(one.label) for one in app.button}


@pytest.mark.usefixtures("both")
@pytest.mark.parametrize("page", ["explore", "train"])
def test_others_datasets_are_not_offered(come: Callable[..., AppTest], page: str) -> None:
    assert come(ANN, page).selectbox[0].options == ["anns", "tiny"]
    assert come(BEN, page).selectbox[0].options == ["bens", "tiny"]
    app = come(ANN, page, data="bens")
    assert "There is no dataset “bens” here" in shown(app.warning[0].value)
    assert "bens" not in texts(come(ANN, "home"))


@pytest.mark.usefixtures("both")
def test_shared_photos_are_for_looking(come: Callable[..., AppTest]) -> None:
    app = come(ANN, "explore", view="bring", data="tiny")
    assert not {"Rename", "Delete"} & labels(app)
    assert "shared by all" in texts(app)
    assert {"Rename", "Delete", "Download as zip"} <= labels(
        come(ANN, "explore", view="bring", data="anns")
    )


@pytest.mark.usefixtures("both")
def test_a_dataset_is_renamed(come: Callable[..., AppTest]) -> None:
    app = button(come(ANN, "explore", view="bring", data="anns"), "Rename")
    field = next(one for one in app.text_input if one.label == "Name")
    field.set_value("TINY").run()
    button(app, "Save")
    assert "which is taken" in errors(app)[0]
    next(one for one in app.text_input if one.label == "Name").set_value("new name").run()
    button(app, "Save")
    assert app.query_params["data"] == "new name"
    assert app.selectbox[0].value == "new name"
    assert {entry.name for entry in catalog.entries()} == {"new name", "bens", "tiny"}


@pytest.mark.usefixtures("both")
def test_a_dataset_is_deleted_when_that_is_said_twice(come: Callable[..., AppTest]) -> None:
    app = button(come(ANN, "explore", view="bring", data="anns"), "Delete")
    assert "It cannot be brought back." in texts(app)
    button(app, "Keep them")
    assert {entry.name for entry in catalog.entries()} == {"anns", "bens", "tiny"}
    button(button(app, "Delete"), "Delete for good")
    assert {entry.name for entry in catalog.entries()} == {"bens", "tiny"}
    assert app.selectbox[0].value == "tiny"
    assert not app.warning


@pytest.mark.usefixtures("both")
def test_what_a_training_uses_is_not_deleted(come: Callable[..., AppTest]) -> None:
    name = holder.new_name()
    with holder.held(name):
        store.new_run({"data": "anns"}, visitor=ANN, held_by=name)
        app = button(come(ANN, "explore", view="bring", data="anns"), "Delete")
        button(app, "Delete for good")
        assert "A training works with it just now" in errors(app)[0]
    assert "anns" in {entry.name for entry in catalog.entries()}


def test_a_dataset_is_packed_for_taking_home(visit: Visit, tiny: Entry) -> None:
    app = button(visit("explore", view="bring"), "Download as zip")
    done = ended(app, "pack")
    assert done.state == "finished", done.reason
    (offered,) = app.get("download_button")
    assert shown(offered.proto.label).startswith("Download tiny.zip (")


@pytest.mark.usefixtures("both")
def test_behind_the_server_it_comes_from_disk(come: Callable[..., AppTest]) -> None:
    app = button(come(ANN, "explore", view="bring", data="anns"), "Download as zip")
    token = ended(app, "pack", ANN).result["token"]
    (link,) = app.get("link_button")
    assert link.proto.url == f"/packed/{token}"


def test_a_visitors_photos_are_collected_for_their_dataset(
    come: Callable[..., AppTest], both: None, paint: Callable[..., Path], tmp_path: Path
) -> None:
    for number in range(3):
        data = paint(tmp_path / "x.jpg", seed=500 + number).read_bytes()
        drafts.add(ANN, "anns", "tulip", data, name="x.jpg")
    app = come(ANN, "explore", view="bring", data="anns")
    button(app, "Add 3 photos to “anns”")
    entry = next(one for one in catalog.entries() if one.name == "anns")
    assert entry.classes == {"daisy": 6, "dandelion": 6, "tulip": 3}
    assert "15 photos in 3 classes" in texts(app)
