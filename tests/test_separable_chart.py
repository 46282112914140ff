"""Bars of what convolutions cost, and drawings of which channels they connect."""

from __future__ import annotations

from typing import Any

import pytest

from flowercore.diagram import COLOR, DEPTHWISE, ORDINARY, POINTWISE
from flowercore.figures import CLEAR
from flowercore.separable_chart import cost_chart, drawn_towers, wiring_chart
from flowercore.teaching.separable import WAYS, Sizes

SIZES = Sizes(64, 128, 3, 10, towers=4)
COSTS = {name: way(SIZES) for name, way in WAYS.items()}


def lines(figure: Any, part: str) -> list[tuple[float, float]]:
    """Return from which height to which each line of a part goes."""
    found = []
    for trace in figure.data:
        if trace.mode == "lines" and trace.line.color == COLOR[part]:
            found += list(zip(trace.y[0::3], trace.y[1::3], strict=True))
    return found


def test_a_bar_is_as_long_as_its_steps_together() -> None:
    figure = cost_chart(COSTS)
    parts = [
        (row, length, bar.marker.line.color)
        for bar in figure.data
        for row, length in zip(bar.y, bar.x, strict=True)
    ]
    lengths = [sum(length for at, length, _ in parts if at == row) for row in range(3)]
    assert lengths == [cost.multiply_adds for cost in COSTS.values()]
    assert figure.layout.barmode == "stack"
    regular, towers, separable = ([c for at, _, c in parts if at == row] for row in range(3))
    assert regular == [COLOR[ORDINARY]]
    assert towers == [COLOR[POINTWISE], COLOR[ORDINARY]]
    assert separable == [COLOR[DEPTHWISE], COLOR[POINTWISE]]


def test_names_and_numbers_are_written_and_hovered() -> None:
    figure = cost_chart(COSTS)
    said = " ".join(
        [
            *(note.text for note in figure.layout.annotations),
            *(text for one in figure.data if one.type == "scatter" for text in one.text),
        ]
    )
    for name, cost in COSTS.items():
        assert name in said
        assert f"{cost.parameters:,} parameters" in said
    hovered = [text for bar in figure.data if bar.type == "bar" for text in bar.hovertext]
    assert (
        "Regular convolution: places and channels together<br>73,728 parameters<br>"
        "7,372,800 multiply-adds"
    ) in hovered


def test_a_regular_convolution_connects_all_with_all() -> None:
    figure = wiring_chart("regular", 64, 128, 4)
    assert len(set(lines(figure, ORDINARY))) == 6 * 6
    assert len(figure.data[-1].x) == 12


def test_a_separable_one_looks_at_each_channel_by_itself_first() -> None:
    figure = wiring_chart("separable", 3, 128, 4)
    assert all(a == b for a, b in lines(figure, DEPTHWISE))
    assert len(lines(figure, DEPTHWISE)) == 3
    assert len(set(lines(figure, POINTWISE))) == 3 * 6
    assert not lines(figure, ORDINARY)


@pytest.mark.parametrize(("towers", "within"), [(1, 36), (4, 18), (60, 12), (128, 6)])
def test_towers_see_nothing_of_each_other(towers: int, within: int) -> None:
    figure = wiring_chart("towers", 64, 128, towers)
    assert len(set(lines(figure, POINTWISE))) == 36
    assert len(set(lines(figure, ORDINARY))) == within


def test_few_towers_are_drawn_for_many() -> None:
    assert drawn_towers(728, 1) == 1
    assert drawn_towers(728, 728) == 6
    assert drawn_towers(728, 2) == 2
    assert drawn_towers(728, 364) == 3
    assert drawn_towers(4, 2) == 2
    assert drawn_towers(4, 4) == 4


def test_they_have_no_background_and_nothing_to_drag() -> None:
    for figure in (cost_chart(COSTS), wiring_chart("towers", 8, 8, 2)):
        assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == CLEAR
        assert figure.layout.dragmode is False
        assert figure.layout.xaxis.fixedrange
