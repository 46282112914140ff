from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from flowercore.evaluation.intervals import (
    f1_interval,
    logit_interval,
    macro_f1_interval,
    mean_interval,
    mean_of_proportions_interval,
    paired_difference_interval,
    wilson_interval,
)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
@pytest.mark.parametrize(
    ("right", "count"), [(0, 1), (1, 1), (0, 20), (20, 20), (85, 100), (1, 3), (4321, 5000)]
)
def test_wilson_interval_equals_that_of_scipy(right: int, count: int, confidence: float) -> None:
    expected = stats.binomtest(right, count).proportion_ci(confidence, method="wilson")
    low, high = wilson_interval(right, count, confidence)
    assert low == pytest.approx(expected.low, abs=1e-9)
    assert high == pytest.approx(expected.high, abs=1e-9)
    assert 0.0 <= low < high <= 1.0


@pytest.mark.parametrize(("right", "count", "confidence"), [(0, 0, 0.9), (2, 1, 0.9), (1, 2, 1.0)])
def test_wilson_interval_refuses_what_is_no_proportion(
    right: int, count: int, confidence: float
) -> None:
    with pytest.raises(ValueError, match="Received"):
        wilson_interval(right, count, confidence)


def test_f1_interval_holds_the_true_f1_nineteen_times_of_twenty() -> None:
    rng = np.random.default_rng(0)
    shares = np.array([0.35, 0.1, 0.05, 0.5])  # hits, misses, false alarms, neither
    true = 2 * shares[0] / (2 * shares[0] + shares[1] + shares[2])
    held = 0
    for hits, misses, alarms, _ in rng.multinomial(100, shares, 2000):
        low, high = f1_interval(int(hits), int(misses + alarms))
        held += low <= true <= high
    assert 0.93 < held / 2000 < 0.98


def test_f1_interval_follows_from_the_share_of_hits() -> None:
    low, high = wilson_interval(40, 55)
    assert f1_interval(40, 15) == pytest.approx((2 * low / (1 + low), 2 * high / (1 + high)))
    assert f1_interval(0, 3)[0] == 0
    assert f1_interval(3, 0)[1] == 1


def test_mean_of_one_proportion_is_its_own_interval() -> None:
    assert mean_of_proportions_interval([(7, 10)]) == pytest.approx(wilson_interval(7, 10))


def test_mean_of_proportions_holds_the_true_mean_nineteen_times_of_twenty() -> None:
    rng = np.random.default_rng(1)
    recalls, counts = np.array([0.95, 0.8, 0.6, 0.9]), np.array([20, 20, 10, 40])
    held = 0
    for hits in rng.binomial(counts, recalls, (2000, 4)):
        pairs = list(zip(hits.tolist(), counts.tolist(), strict=True))
        low, high = mean_of_proportions_interval(pairs)
        held += low <= recalls.mean() <= high
    assert 0.93 < held / 2000 < 0.985


def test_bootstrap_of_a_mean_equals_that_of_scipy() -> None:
    values = np.random.default_rng(2).exponential(0.4, 200)
    expected = stats.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=20_000, rng=np.random.default_rng(3)
    ).confidence_interval
    found = mean_interval(values)
    assert found is not None
    assert found == pytest.approx((expected.low, expected.high), abs=0.008)
    assert mean_interval(values) == found


def test_bootstrap_of_many_photos_takes_them_in_parts() -> None:
    values = np.random.default_rng(4).normal(1, 0.2, 50_000)
    found = mean_interval(values)
    assert found is not None
    half = 1.96 * values.std() / np.sqrt(len(values))
    assert found == pytest.approx((values.mean() - half, values.mean() + half), abs=half / 8)


def test_a_single_photo_has_no_interval() -> None:
    assert mean_interval(np.array([0.3])) is None
    assert macro_f1_interval(np.array([[1, 0], [0, 0]])) is None


def test_macro_f1_interval_is_what_drawing_photos_gives() -> None:
    matrix = np.array([[40, 10, 0], [5, 45, 1], [0, 0, 9]])
    true, predicted = (np.repeat(grid.ravel(), matrix.ravel()) for grid in np.indices((3, 3)))
    rng, scores = np.random.default_rng(5), []
    for _ in range(4000):
        rows = rng.integers(0, len(true), len(true))
        t, p = true[rows], predicted[rows]
        of_class = [
            2 * np.sum((t == one) & (p == one)) / (np.sum(t == one) + np.sum(p == one))
            for one in range(3)
            if np.any(t == one) or np.any(p == one)
        ]
        scores.append(np.mean(of_class))
    found = macro_f1_interval(matrix)
    assert found is not None
    assert found == pytest.approx(np.percentile(scores, [2.5, 97.5]), abs=0.01)


def test_without_a_mistake_the_macro_f1_is_not_said_to_be_certain() -> None:
    assert macro_f1_interval(np.diag([10, 10])) == wilson_interval(20, 20)


def test_logit_interval_stays_within_bounds() -> None:
    low, high = logit_interval(0.999, 0.01)
    assert 0 < low < 0.999 < high < 1
    assert logit_interval(0.5, 0.05) == pytest.approx((0.403, 0.597), abs=0.002)


def test_a_paired_difference_by_hand() -> None:
    # Agresti and Min: half a photo more in each of the four cells.
    low, high = paired_difference_interval(10, 2, 98)
    assert (low + high) / 2 == pytest.approx(0.08)
    assert high - low == pytest.approx(2 * 1.959964 * (13 - 0.64) ** 0.5 / 100, rel=1e-5)
    assert paired_difference_interval(2, 10, 98) == pytest.approx((-high, -low))
    nothing = paired_difference_interval(0, 0, 10)
    assert nothing[0] == -nothing[1] < 0
    assert paired_difference_interval(5, 0, 5)[1] <= 1


@pytest.mark.parametrize(("more", "fewer"), [(0.15, 0.05), (0.02, 0.02), (0.3, 0.1)])
def test_a_paired_difference_lies_in_its_interval_19_times_of_20(more: float, fewer: float) -> None:
    rng = np.random.default_rng(1)
    draws = rng.multinomial(100, [more, fewer, 1 - more - fewer], 4000)
    bounds = [paired_difference_interval(int(a), int(b), 100) for a, b, _ in draws]
    hit = np.mean([low <= more - fewer <= high for low, high in bounds])
    assert 0.94 <= hit <= 0.99
