"""The map: where photos lie, how they are coloured, and choosing them without a mouse."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from flowercore.data import catalog, edits
from flowercore.data.catalog import Entry
from tests.pages.audited_home import check
from tests.pages.reading import pictures, texts


def traces(app: AppTest) -> dict[str, dict[str, object]]:
    (chart,) = app.get("plotly_chart")
    found = json.loads(chart.proto.spec)["data"]
    return {re.sub("<[^>]*>", "", one["name"]): one for one in found}


@pytest.fixture
def app(visit: Callable[..., AppTest], tiny: Entry) -> AppTest:
    check("tiny")
    return visit("explore", view="map")


def test_before_a_check_it_is_offered(visit: Callable[..., AppTest], tiny: Entry) -> None:
    app = visit("explore", view="map")
    assert "The map is drawn by a check" in texts(app)
    assert "Check these photos" in texts(app)
    assert not app.get("plotly_chart")


def test_classes_have_colours_and_the_unusual_a_ring(app: AppTest) -> None:
    found = traces(app)
    assert list(found) == ["daisy", "dandelion", "rose", "Unlike the others"]
    assert found["rose"]["customdata"] == [f"rose/rose_00{number}.jpg" for number in range(6)]
    assert found["Unlike the others"]["customdata"] == ["daisy/daisy_001.jpg"]
    assert found["daisy"]["hovertext"][1] == "daisy/daisy_001.jpg<br>Unlike the others<br>Too dark"
    assert app.get("plotly_chart")[0].proto.alt.startswith("Map of 18 photos")


def test_the_layout_can_be_changed(app: AppTest) -> None:
    near = traces(app)["rose"]["x"]
    app.radio(key="map_layout").set_value("PCA").run()
    assert traces(app)["rose"]["x"] != near


def test_problems_have_colours(app: AppTest) -> None:
    app.radio(key="map_color").set_value("Problem").run()
    found = traces(app)
    assert list(found) == ["No problem found", "Label may be wrong", "Unlike the others"]
    assert found["Label may be wrong"]["customdata"] == ["daisy/daisy_000.jpg"]
    assert len(found["No problem found"]["customdata"]) == 16


def test_parts_of_a_split_have_colours(visit: Callable[..., AppTest], run_id: str) -> None:
    check("twins", [])
    app = visit("explore", view="map", data="twins", map_color="Split")
    assert list(traces(app)) == ["In none"]
    app.selectbox(key="map_split").set_value(run_id).run()
    found = traces(app)
    assert list(found) == ["Training", "Validation", "Test"]
    assert len(found["Test"]["customdata"]) == 12


def test_without_a_training_there_is_no_split(app: AppTest) -> None:
    app.radio(key="map_color").set_value("Split").run()
    assert "No training has divided these photos yet." in texts(app)
    assert list(traces(app)) == ["In none", "Unlike the others"]


def test_photos_are_chosen_without_a_mouse(app: AppTest) -> None:
    assert pictures(app) == []
    assert "Click a point" in texts(app)
    box = app.selectbox(key="map_show")
    assert box.options == [
        "Those I choose on the map",
        "Those unlike the others",
        *(f"The class {label}" for label in ("daisy", "dandelion", "rose")),
    ]
    box.set_value("Those unlike the others").run()
    assert pictures(app) == ["daisy, photo daisy_001.jpg"]
    app.selectbox(key="map_show").set_value("The class rose").run()
    assert pictures(app) == [f"rose, photo rose_00{number}.jpg" for number in range(6)]


def test_the_map_shows_photos_as_they_were_mended(
    visit: Callable[..., AppTest], tiny: Entry
) -> None:
    data = check("tiny")
    edits.add(data, ["rose/rose_000.jpg"], edits.RELABEL, label="daisy")
    edits.add(catalog.load("tiny"), ["rose/rose_001.jpg"], edits.EXCLUDE)
    found = traces(visit("explore", view="map"))
    assert "rose/rose_000.jpg" in found["daisy"]["customdata"]
    assert len(found["rose"]["customdata"]) == 4


def test_the_figure_is_the_same_in_the_next_run(app: AppTest) -> None:
    before = app.get("plotly_chart")[0].proto
    app.run()
    after = app.get("plotly_chart")[0].proto
    assert (before.id, before.spec) == (after.id, after.spec)


def test_photos_that_came_after_the_check_are_told(
    visit: Callable[..., AppTest], tiny: Entry, home: Path
) -> None:
    check("tiny")
    folder = home / "datasets" / "tiny" / "rose"
    (folder / "new.jpg").write_bytes((folder / "rose_000.jpg").read_bytes() + b"new")
    app = visit("explore", view="map")
    assert "1 photo is not on the map: new since the last check." in texts(app)
    assert "Check again" in [one.label for one in app.button]
    assert len(traces(app)["rose"]["customdata"]) == 6
