from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn import metrics as reference

from flowercore.evaluation.intervals import score_interval
from flowercore.evaluation.ranking import ranking


def case(seed: int, positives: int, negatives: int, digits: int = 12) -> tuple:
    rng = np.random.default_rng(seed)
    scores = np.concatenate([rng.beta(4, 2, positives), rng.beta(2, 4, negatives)])
    belongs = np.arange(positives + negatives) < positives
    order = rng.permutation(len(scores))
    return belongs[order], np.round(scores[order], digits)


@pytest.mark.parametrize(
    ("seed", "positives", "negatives", "digits"),
    [(0, 20, 80, 12), (1, 1, 30, 12), (2, 40, 1, 12), (3, 50, 60, 1), (4, 500, 4500, 12)],
)
def test_curves_and_areas_equal_those_of_scikit_learn(
    seed: int, positives: int, negatives: int, digits: int
) -> None:
    belongs, scores = case(seed, positives, negatives, digits)
    found = ranking(belongs, scores)
    assert found is not None
    assert found.roc.area == pytest.approx(reference.roc_auc_score(belongs, scores), abs=1e-9)
    assert found.precision_recall.area == pytest.approx(
        reference.average_precision_score(belongs, scores), abs=1e-9
    )
    x, y, _ = reference.roc_curve(belongs, scores, drop_intermediate=False)
    np.testing.assert_allclose(found.roc.x, x, atol=1e-9)
    np.testing.assert_allclose(found.roc.y, y, atol=1e-9)
    precision, recall, _ = reference.precision_recall_curve(belongs, scores)
    np.testing.assert_allclose(found.precision_recall.x, recall[::-1], atol=1e-9)
    np.testing.assert_allclose(found.precision_recall.y, precision[::-1], atol=1e-9)


def test_interval_of_the_area_is_delongs() -> None:
    belongs, scores = case(5, 30, 70, 2)
    positive, negative = scores[belongs], scores[~belongs]
    wins = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
    area = wins.mean()
    variance = wins.mean(axis=1).var(ddof=1) / 30 + wins.mean(axis=0).var(ddof=1) / 70
    odds, half = np.log(area / (1 - area)), 1.959964 * np.sqrt(variance) / (area * (1 - area))
    expected = 1 / (1 + np.exp(-(odds + np.array([-half, half]))))
    found = ranking(belongs, scores)
    assert found is not None
    assert found.roc.interval == pytest.approx(expected, abs=1e-6)


def test_interval_of_the_average_precision_is_that_of_a_share_of_the_class() -> None:
    belongs, scores = case(5, 30, 70)
    found = ranking(belongs, scores)
    assert found is not None
    curve = found.precision_recall
    low, high = binomtest(27, 30).proportion_ci(method="wilson")
    assert score_interval(0.9, 30) == pytest.approx((low, high))
    assert curve.interval == score_interval(curve.area, 30)


@pytest.mark.parametrize("kind", ["roc", "precision_recall"])
def test_a_perfect_class_is_not_said_to_be_certain(kind: str) -> None:
    belongs = np.array([True] * 4 + [False] * 9)
    found = getattr(ranking(belongs, belongs * 0.8), kind)
    assert found.area == 1
    assert found.interval[0] < 0.7
    assert found.interval[1] == 1


def test_intervals_hold_the_area() -> None:
    for seed in range(20):
        found = ranking(*case(seed, 8, 20))
        assert found is not None
        for curve in (found.roc, found.precision_recall):
            assert 0 <= curve.interval[0] <= curve.area <= curve.interval[1] <= 1


@pytest.mark.parametrize("belongs", [np.array([True, True]), np.array([False, False])])
def test_no_curve_without_photos_of_either_kind(belongs: np.ndarray) -> None:
    assert ranking(belongs, np.array([0.3, 0.6])) is None
