from __future__ import annotations

import numpy as np
import pytest

from flowercore import certainty_charts, figures
from flowercore.evaluation.calibration import reliability, scaled
from flowercore.evaluation.coverage import answered, coverage_curve


def case(count: int = 200) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    true = rng.integers(0, 3, count)
    logits = rng.normal(0, 1, (count, 3))
    logits[np.arange(count), true] += 2
    values = np.exp(logits)
    return true, values / values.sum(axis=1, keepdims=True)


def test_reliability_shows_each_bin_with_its_interval() -> None:
    bins = reliability(*case())
    figure = certainty_charts.reliability_diagram(bins)
    points = figure.data[1]
    assert list(points.x) == [one.confidence for one in bins]
    assert list(points.y) == [one.accuracy for one in bins]
    tops = np.array(points.y) + np.array(points.error_y.array)
    np.testing.assert_allclose(tops, [one.interval[1] for one in bins])
    assert f"{bins[0].count} photos" in points.hovertext[0]


def test_before_and_after_differ_by_more_than_colour() -> None:
    true, probabilities = case()
    before = reliability(true, scaled(probabilities, 0.3))
    figure = certainty_charts.reliability_diagram(reliability(true, probabilities), before)
    grey, blue = figure.data[1:]
    assert (grey.name, blue.name) == ("as trained", "calibrated")
    assert grey.marker.symbol != blue.marker.symbol
    assert grey.line.dash != blue.line.dash


@pytest.mark.parametrize("count", [1, 2, 200])
def test_coverage_marks_the_threshold_on_the_curve(count: int) -> None:
    true, probabilities = case(count)
    curve = coverage_curve(true, probabilities)
    chosen = answered(true, probabilities, 0.4)
    figure = certainty_charts.coverage_chart(curve, chosen)
    band, line, mark = figure.data
    assert (mark.x[0], mark.y[0]) == (chosen.coverage, chosen.accuracy)
    assert list(line.y) == [one.accuracy for one in curve]
    assert len(band.x) == 2 * len(curve)
    low, high = figure.layout.yaxis.range
    assert low <= min(line.y)
    assert max(band.y) <= high


def test_a_threshold_above_all_has_no_mark() -> None:
    true, probabilities = case()
    curve = coverage_curve(true, probabilities)
    figure = certainty_charts.coverage_chart(curve, answered(true, probabilities, 1.0))
    assert len(figure.data) == 2


def test_wrong_answers_hang_below_right_ones() -> None:
    true, probabilities = case()
    right = probabilities.argmax(axis=1) == true
    figure = certainty_charts.confidence_histogram(probabilities.max(axis=1), right)
    above, below = figure.data
    assert sum(above.y) == right.sum()
    assert sum(below.y) == -(~right).sum()
    assert above.marker.color != below.marker.color


def test_texts_take_the_pages_own_colour() -> None:
    true, probabilities = case()
    bins, curve = reliability(true, probabilities), coverage_curve(true, probabilities)
    for figure in (
        certainty_charts.reliability_diagram(bins, bins),
        certainty_charts.coverage_chart(curve, curve[0]),
        certainty_charts.confidence_histogram(probabilities.max(axis=1), true == 0),
    ):
        assert figure.layout.paper_bgcolor == figures.CLEAR
        for note in figure.layout.annotations:
            assert "currentColor" in note.text
        for axis in (figure.layout.xaxis, figure.layout.yaxis):
            assert "currentColor" in axis.title.text
