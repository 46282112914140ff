"""What the photos of a dataset are like, as figures."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from flowercore import photo_charts
from flowercore.figures import CLEAR

PALETTES = {
    "rose": (((200, 20, 30), 0.6), ((10, 60, 20), 0.2)),
    "<b>tulip</b>": (((255, 255, 255), 1.0),),
}
NAMES = {"rose": ["red", "dark green"], "<b>tulip</b>": ["white"]}


@pytest.fixture
def photos() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "key": ["rose/a.jpg", "rose/b.jpg", "tulip/c.jpg", "tulip/<i>.jpg"],
            "label": ["rose", "rose", "tulip", "tulip"],
            "width": [320, 320, 240, 500],
            "height": [240, 240, 320, 500],
            "brightness": [0.2, 0.6, 0.4, np.nan],
        }
    )


def drawn(figure: go.Figure, kind: str = "markers") -> list[go.Scatter]:
    return [one for one in figure.data if one.type == "scatter" and one.mode == kind]


def test_photos_of_one_size_share_a_circle(photos: pd.DataFrame) -> None:
    (circles,) = drawn(photo_charts.sizes(photos, least=224))
    assert list(zip(circles.x, circles.y, strict=True)) == [(320, 240), (240, 320), (500, 500)]
    sizes = circles.marker.size
    assert sizes[0] > sizes[1] == sizes[2]
    assert circles.hovertext[0] == "320 × 240: 2 photos, such as rose/a.jpg"
    assert circles.hovertext[2] == "500 × 500: tulip/&lt;i&gt;.jpg"


def test_the_corner_of_small_photos_lies_at_the_backbones_side(photos: pd.DataFrame) -> None:
    corner = next(one for one in drawn(photo_charts.sizes(photos, least=224), "lines"))
    assert (corner.x[1], corner.y[1]) == (224, 224)


def test_very_different_sizes_are_drawn_on_logarithmic_axes(photos: pd.DataFrame) -> None:
    assert photo_charts.sizes(photos, 224).layout.xaxis.type == "linear"
    photos.loc[0, ["width", "height"]] = [6000, 4000]
    figure = photo_charts.sizes(photos, 224)
    assert figure.layout.xaxis.type == figure.layout.yaxis.type == "log"
    low, high = figure.layout.xaxis.range
    assert 10**low < 224
    assert 10**high > 6000


def test_one_photo_alone_has_a_circle(photos: pd.DataFrame) -> None:
    (circle,) = drawn(photo_charts.sizes(photos[:1], 224))
    assert len(circle.x) == 1
    assert np.all(np.asarray(circle.marker.size) > 0)


def test_each_class_has_a_box_and_points_that_name_photos(photos: pd.DataFrame) -> None:
    figure = photo_charts.spread(photos, "brightness", ["tulip", "rose"], "Brightness")
    boxes = [one for one in figure.data if one.type == "box"]
    assert [sorted(one.x) for one in boxes] == [[0.4], [0.2, 0.6]]
    strips = drawn(figure)
    assert [list(one.hovertext) for one in strips] == [
        ["tulip/c.jpg<br>0.40"],
        ["rose/a.jpg<br>0.20", "rose/b.jpg<br>0.60"],
    ]
    assert [re.sub("<[^>]*>", "", text) for text in figure.layout.yaxis.ticktext] == [
        "tulip",
        "rose",
    ]
    low, high = figure.layout.yaxis.range
    assert low > high  # the first class is on top
    for place, strip in enumerate(strips):
        assert all(place < y < place + 0.5 for y in strip.y)


def test_of_many_photos_a_share_is_drawn_with_the_first_and_the_last() -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "key": [f"rose/{number}.jpg" for number in range(5000)],
            "label": "rose",
            "sharpness": rng.random(5000),
        }
    )
    figure = photo_charts.spread(table, "sharpness", ["rose"], "Sharpness")
    (strip,) = drawn(figure)
    assert len(strip.x) <= 1500
    assert min(strip.x) == table["sharpness"].min()
    assert max(strip.x) == table["sharpness"].max()
    assert len(next(one for one in figure.data if one.type == "box").x) == 5000


def test_colours_stand_side_by_side_and_fill_the_row() -> None:
    figure = photo_charts.palettes(PALETTES, NAMES)
    assert [one.marker.color for one in figure.data] == ["#c8141e", "#0a3c14", "#ffffff"]
    assert [one.base for one in figure.data] == pytest.approx([0, 0.75, 0])
    assert [one.x[0] for one in figure.data] == pytest.approx([0.75, 0.25, 1])
    assert figure.data[0].hovertext[0] == "rose: red, 75 %"
    assert figure.data[2].hovertext[0].startswith("&lt;b&gt;tulip")


def test_backgrounds_are_clear_and_no_text_colour_is_fixed(photos: pd.DataFrame) -> None:
    for figure in (
        photo_charts.sizes(photos, 224),
        photo_charts.spread(photos, "brightness", ["rose", "tulip"], "Brightness"),
        photo_charts.palettes(PALETTES, NAMES),
    ):
        assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == CLEAR
        assert figure.layout.font.color is None
        assert set(re.findall(r"color:([^\\\"]+)", figure.to_json())) <= {"currentColor"}
