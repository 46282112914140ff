from __future__ import annotations

import numpy as np
import pytest

from flowercore.evaluation.coverage import answered, coverage_curve
from flowercore.evaluation.intervals import wilson_interval

PROBABILITIES = np.array([[0.9, 0.1], [0.8, 0.2], [0.8, 0.2], [0.4, 0.6], [0.55, 0.45]])
TRUE = np.array([0, 0, 1, 1, 1])


def test_below_the_threshold_nothing_is_answered() -> None:
    found = answered(TRUE, PROBABILITIES, 0.8)
    assert (found.count, found.right, found.of) == (3, 2, 5)
    assert found.coverage == pytest.approx(0.6)
    assert found.accuracy == pytest.approx(2 / 3)
    assert found.interval == wilson_interval(2, 3)


def test_nothing_answered_has_no_accuracy() -> None:
    found = answered(TRUE, PROBABILITIES, 0.95)
    assert found.coverage == 0
    assert found.accuracy is None
    assert found.interval is None


def test_the_curve_has_a_point_a_confidence_that_occurs() -> None:
    curve = coverage_curve(TRUE, PROBABILITIES)
    assert [one.threshold for one in curve] == [0.55, 0.6, 0.8, 0.9]
    assert [one.count for one in curve] == [5, 4, 3, 1]
    for one in curve:
        alone = answered(TRUE, PROBABILITIES, one.threshold)
        assert (one.count, one.right, one.interval) == (alone.count, alone.right, alone.interval)
