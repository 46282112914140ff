"""A map of photos."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from flowercore import map_chart
from flowercore.figures import CLEAR, GREY


def points(labels: list[str], outliers: tuple[int, ...] = ()) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    count = len(labels)
    return pd.DataFrame(
        {
            "key": [f"{label}/{number}.jpg" for number, label in enumerate(labels)],
            "x": rng.normal(size=count),
            "y": rng.normal(size=count),
            "group": labels,
            "hover": [f"{label}\n<i>" for label in labels],
            "outlier": [number in outliers for number in range(count)],
        }
    )


def name(trace: object) -> str:
    return re.sub("<[^>]*>", "", trace.name)  # type: ignore[attr-defined]


def test_each_group_has_a_colour_and_each_point_a_photo() -> None:
    table = points(["rose", "tulip", "rose"])
    figure = map_chart.photo_map(table, ["rose", "lily", "tulip"])
    assert [name(one) for one in figure.data] == ["rose", "tulip"]
    rose = figure.data[0]
    assert list(rose.customdata) == ["rose/0.jpg", "rose/2.jpg"]
    assert list(rose.x) == [table["x"][0], table["x"][2]]
    assert rose.hovertext[0] == "rose<br>&lt;i&gt;"
    assert len({(one.marker.color, one.marker.symbol) for one in figure.data}) == 2


def test_photos_of_no_group_are_grey_and_lie_below() -> None:
    figure = map_chart.photo_map(points(["", "rose"]), ["rose"], rest="none of them")
    assert [name(one) for one in figure.data] == ["none of them", "rose"]
    assert figure.data[0].marker.color == GREY


def test_outliers_have_a_ring_that_is_the_photo_too() -> None:
    figure = map_chart.photo_map(points(["rose"] * 4, outliers=(2,)), ["rose"], ring="far off")
    ring = figure.data[-1]
    assert name(ring) == "far off"
    assert ring.marker.symbol == "circle-open"
    assert list(ring.customdata) == ["rose/2.jpg"]
    assert len(map_chart.photo_map(points(["rose"] * 4), ["rose"]).data) == 1


def test_of_very_many_groups_the_largest_are_coloured() -> None:
    labels = [f"class {number}" for number in range(30) for _ in range(number + 1)]
    figure = map_chart.photo_map(points(labels), sorted(set(labels)))
    assert len(figure.data) == map_chart.GROUPS_MOST + 1
    assert {name(one) for one in figure.data[1:]} == {f"class {number}" for number in range(19, 30)}
    assert sum(len(one.x) for one in figure.data) == len(labels)


@pytest.mark.parametrize(("count", "kind"), [(1500, "scatter"), (5000, "scattergl")])
def test_thousands_of_points_are_drawn_by_the_graphics_card(count: int, kind: str) -> None:
    figure = map_chart.photo_map(points(["rose"] * count, outliers=(0,)), ["rose"])
    assert {one.type for one in figure.data} == {kind}


def test_marks_of_groups_differ() -> None:
    assert len({map_chart.mark(place) for place in range(36)}) == 36


def test_the_same_points_make_the_same_figure() -> None:
    table = points(["rose", "tulip"])
    first, second = (map_chart.photo_map(table, ["rose", "tulip"]) for _ in range(2))
    assert first.to_json() == second.to_json()


def test_clicks_are_told_only_where_dragging_chooses_nothing() -> None:
    table = points(["rose"])
    assert map_chart.photo_map(table, ["rose"]).layout.dragmode == "pan"
    assert map_chart.photo_map(table, ["rose"], lasso=True).layout.dragmode == "lasso"


def test_backgrounds_are_clear_and_no_text_colour_is_fixed() -> None:
    figure = map_chart.photo_map(points(["<b>x</b>", ""], outliers=(1,)), ["<b>x</b>"])
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == CLEAR
    assert figure.layout.font.color is None
    assert set(re.findall(r"color:([^\\\"]+)", figure.to_json())) <= {"currentColor"}
    assert all("<b>" not in one.name for one in figure.data)
