"""Charts of what a run can bear: one a kind, on the same axes."""

from __future__ import annotations

import pytest

from flowercore.data.corruptions import KINDS
from flowercore.figures import BLUE, CLEAR
from flowercore.robustness_chart import robustness_chart
from tests.evaluation.borne import borne

FOUND = borne(noise=[85, 70, 52, 40, 20])


def test_the_line_goes_from_the_plain_photos_through_all_strengths() -> None:
    band, plain, line = robustness_chart(FOUND, "noise").data
    assert list(line.x) == [0, 1, 2, 3, 4, 5]
    assert list(line.y) == [0.87, 0.85, 0.70, 0.52, 0.40, 0.20]
    assert (list(plain.x), list(plain.y), plain.line.dash) == ([0, 5], [0.87, 0.87], "dash")
    low, high = FOUND.kinds["noise"][2].interval
    assert band.y[3] == low
    assert band.y[-4] == high
    assert band.fill == "toself"
    assert line.line.color == BLUE


def test_a_mark_says_what_its_strength_is() -> None:
    line = robustness_chart(FOUND, "noise").data[-1]
    assert line.hovertext[0].startswith("as they are<br>87 of 100 right: 87%")
    assert line.hovertext[3].startswith("noise of 13\u202f% of the range<br>52 of 100 right: 52%")
    assert "its true class gets 52% on average" in line.hovertext[3]


@pytest.mark.parametrize("kind", KINDS)
def test_all_kinds_have_the_same_axes_and_a_name(kind: str) -> None:
    figure = robustness_chart(FOUND, kind)
    first = robustness_chart(FOUND, "rotation")
    assert figure.layout.yaxis == first.layout.yaxis
    assert figure.layout.xaxis == first.layout.xaxis
    assert KINDS[kind].title in figure.layout.annotations[0].text
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == CLEAR
    assert not figure.layout.showlegend
