"""Charts: each with a question, its answer in words, and a text alternative."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from flowercore.data import catalog, edits
from flowercore.data.catalog import Entry
from tests.pages.audited_home import check
from tests.pages.reading import pictures, texts


def test_before_a_check_counts_and_sizes_are_drawn_and_it_is_offered(
    visit: Callable[..., AppTest], tiny: Entry
) -> None:
    app = visit("explore", view="charts")
    said = texts(app)
    assert "Well balanced: every class has 6 photos." in said
    assert "No: every one is less than 224 pixels wide or high." in said
    assert "Does brightness give the class away?" not in said
    assert "known after a check" in said
    assert "Check these photos" in said
    assert len(app.get("plotly_chart")) == 2


def test_after_a_check_light_sharpness_and_colours_are_told(
    visit: Callable[..., AppTest], tiny: Entry
) -> None:
    check("tiny")
    app = visit("explore", view="charts")
    said = texts(app)
    for question in ("brightness", "sharpness", "colour"):
        assert f"Does {question} give the class away?" in said
    # The classes of `tiny` differ by colour, and so by light.
    assert "A model could go by the light instead of by the flower." in said
    assert "Check these photos" not in said
    assert pictures(app) == [
        f"Mean of all photos of {label}: red 70\u202f%, black 30\u202f%"
        for label in ("daisy", "dandelion", "rose")
    ]
    drawn = app.get("plotly_chart")
    assert len(drawn) == 5
    assert all(chart.proto.alt for chart in drawn)
    points = [
        text
        for chart in drawn
        for trace in json.loads(chart.proto.spec)["data"]
        for text in trace.get("hovertext", [])
    ]
    assert any(text.startswith("rose/rose_000.jpg<br>") for text in points)


def test_charts_show_the_photos_as_they_were_mended(
    visit: Callable[..., AppTest], tiny: Entry
) -> None:
    check("tiny")
    data = catalog.load("tiny")
    edits.add(data, [one.key for one in data.photos if one.label == "rose"], edits.EXCLUDE)
    app = visit("explore", view="charts")
    assert "12 photos in 2 classes" in texts(app)
    assert "Well balanced: every class has 6 photos." in texts(app)
    assert not [alt for alt in pictures(app) if "rose" in alt]


def test_when_every_photo_is_excluded_there_is_nothing_to_count(
    visit: Callable[..., AppTest], tiny: Entry
) -> None:
    data = catalog.load("tiny")
    edits.add(data, [one.key for one in data.photos], edits.EXCLUDE)
    for view in ("charts", "photos", "map"):
        app = visit("explore", view=view)
        assert not app.get("plotly_chart")
        assert "excluded" in texts(app) or "check" in texts(app)


def test_what_a_check_saw_is_shown_also_without_the_cache(
    visit: Callable[..., AppTest], tiny: Entry, home: Path
) -> None:
    check("tiny")
    for file in (home / "cache").glob("looks.sqlite*"):
        file.unlink()
    assert "Does brightness give the class away?" in texts(visit("explore", view="charts"))
