"""Learn, chapter 2: the maps are the network's, and the strongest cell is where it is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from flowercore.backbones import registry, runtime
from flowercore.backbones.depths import depths
from flowercore.data import views
from flowercore.teaching.feature_maps import liveliest, strongest
from flowercore.teaching.samples import sample
from tests.pages.reading import button, errors, pictures, texts
from ui.chapters.feature_maps import _WORDS

DEPTHS = depths(registry.DEFAULT)


@pytest.fixture
def app(prepared: Path, visit: Callable[..., AppTest]) -> AppTest:
    return visit("learn", view="feature-maps")


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, app.exception[0].message
    return app


def maps(place: int) -> np.ndarray:
    pixels = views.pixels(sample("daisy"), [views.PLAIN], name="daisy", size=224)[0]
    return runtime.depth_maps(registry.DEFAULT, pixels)[DEPTHS[place].name]


def keyed(app: AppTest, start: str) -> str:
    """The key of a widget of the present depth and photo."""
    widgets = [*app.slider, *app.number_input]
    return next(one.key for one in widgets if one.key and one.key.startswith(start))


@pytest.mark.parametrize("place", range(len(DEPTHS)))
def test_each_depth_shows_its_liveliest_channel_and_its_strongest_cell(
    app: AppTest, place: int
) -> None:
    depth = DEPTHS[place]
    app.radio(key="maps_depth").set_value(place)
    run(app)
    found = maps(place)
    channel = liveliest(found, 1)[0]
    row, column = strongest(found[:, :, channel])
    assert app.number_input(key=keyed(app, "maps_channel_")).value == channel + 1
    assert app.slider(key=keyed(app, "maps_row_")).value == row + 1
    assert app.slider(key=keyed(app, "maps_column_")).value == column + 1
    said = texts(app)
    assert f"24 of {depth.channels:,} channels that vary most" in said
    assert f"{depth.side} × {depth.side} cells" in said
    value = found[row, column, channel]
    assert f"The cell in row {row + 1}, column {column + 1} is {value:.1f}, " in said
    assert "strongest cell" in said
    assert not errors(app)
    (chart,) = app.get("plotly_chart")
    assert f"{_WORDS[depth.name][0].lower()}: the 24 of {depth.channels:,}" in chart.proto.alt


@pytest.mark.parametrize(("place", "size"), [(0, 3), (1, 19), (2, 67), (3, 147)])
def test_the_receptive_field_grows_with_the_depth(app: AppTest, place: int, size: int) -> None:
    app.radio(key="maps_depth").set_value(place)
    run(app)
    assert f"A cell sees {size} × {size} pixels of 224 × 224: those in the frame." in texts(app)


def test_the_last_layer_can_see_all_of_the_photo(app: AppTest) -> None:
    app.radio(key="maps_depth").set_value(4)
    run(app)
    assert "A cell could see 851 × 851 pixels, more than the photo has" in texts(app)


def test_another_channel_is_shown_with_its_own_strongest_cell(app: AppTest) -> None:
    app.radio(key="maps_depth").set_value(2)
    run(app)
    other = liveliest(maps(2), 5)[4]
    app.number_input(key=keyed(app, "maps_channel_")).set_value(other + 1)
    run(app)
    row, column = strongest(maps(2)[:, :, other])
    assert app.slider(key=keyed(app, "maps_row_")).value == row + 1
    assert app.slider(key=keyed(app, "maps_column_")).value == column + 1
    assert any(f"under the map of channel {other + 1}," in alt for alt in pictures(app))


def test_a_cell_is_told_against_the_strongest_which_is_one_click_away(app: AppTest) -> None:
    app.radio(key="maps_depth").set_value(3)
    run(app)
    found = maps(3)
    channel = liveliest(found, 1)[0]
    best = strongest(found[:, :, channel])
    app.slider(key=keyed(app, "maps_row_")).set_value(14)
    app.slider(key=keyed(app, "maps_column_")).set_value(14)
    run(app)
    assert f"The cell in row 14, column 14 is {found[13, 13, channel]:.1f}; " in texts(app)
    assert f"is in row {best[0] + 1}, column {best[1] + 1}." in texts(app)
    button(app, "To the strongest cell")
    assert app.slider(key=keyed(app, "maps_row_")).value == best[0] + 1
    assert "To the strongest cell" not in texts(app)


def test_a_channel_that_finds_nothing_says_so(app: AppTest) -> None:
    app.radio(key="maps_depth").set_value(4)
    run(app)
    nothing = int(np.flatnonzero(maps(4).max(axis=(0, 1)) == 0)[0])
    app.number_input(key=keyed(app, "maps_channel_")).set_value(nothing + 1)
    run(app)
    assert "This channel finds nothing in this photo" in texts(app)


def test_another_photo_has_other_maps(app: AppTest) -> None:
    before = keyed(app, "maps_channel_")
    said = texts(app)
    button(app, "Tulip")
    assert keyed(app, "maps_channel_") != before
    assert texts(app) != said
    assert any("painted tulip under the map" in alt for alt in pictures(app))


def test_without_the_network_it_says_how_far_the_preparation_is(
    visit: Callable[..., AppTest],
) -> None:
    app = visit("learn", view="feature-maps")
    assert "The network is made ready for this machine first" in texts(app)
    assert "Getting ready for the first time" in texts(app)
    assert not app.get("plotly_chart")
    assert not errors(app)
