from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from sklearn.calibration import calibration_curve
from sklearn.metrics import log_loss

from flowercore.evaluation.calibration import (
    Temperature,
    calibration_error,
    fit_temperature,
    reliability,
    scaled,
)


def case(seed: int, count: int, sharpness: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Photos whose labels are drawn from probabilities that are then made too sure or unsure."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, (count, 5))
    honest = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    true = np.array([rng.choice(5, p=one) for one in honest])
    claimed = np.exp(sharpness * logits)
    return true, claimed / claimed.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(("seed", "sharpness"), [(0, 3.0), (1, 0.5), (2, 1.0), (3, 4.0)])
def test_temperature_is_the_one_that_scipy_finds(seed: int, sharpness: float) -> None:
    true, claimed = case(seed, 400, sharpness)

    wanted = np.full(claimed.shape, 1 / 402 / 4)
    wanted[np.arange(400), true] = 401 / 402

    def loss(logarithm: float) -> float:
        cooled = scaled(claimed, float(np.exp(logarithm)))
        return -(wanted * np.log(cooled)).sum(axis=1).mean()

    best = minimize_scalar(loss, bounds=(-3, 3), method="bounded", options={"xatol": 1e-9})
    fit = fit_temperature(true, claimed)
    assert fit.value == pytest.approx(np.exp(best.x), rel=1e-5)
    assert fit.gain == pytest.approx(loss(0) - best.fun, abs=1e-9)
    after = log_loss(true, scaled(claimed, fit.value), labels=range(5))
    assert fit.loss_after == pytest.approx(after, abs=1e-9)
    assert fit.loss_before == pytest.approx(log_loss(true, claimed, labels=range(5)), abs=1e-9)
    assert fit.value == pytest.approx(sharpness, rel=0.25)


def test_scaling_a_softmax_is_dividing_its_logits() -> None:
    logits = np.random.default_rng(0).normal(0, 3, (7, 4))
    softmax = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    cooler = np.exp(logits / 2.5) / np.exp(logits / 2.5).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(scaled(softmax, 2.5), cooler, atol=1e-12)
    np.testing.assert_array_equal(scaled(softmax, 1), softmax)


def test_scaling_keeps_the_order_and_survives_zeros() -> None:
    sure = scaled(np.array([1.0, 0.0, 0.0]), 3)
    assert np.isfinite(sure).all()
    assert sure.argmax() == 0
    assert sure.sum() == pytest.approx(1)


@pytest.mark.parametrize("temperature", [0, -1, float("nan")])
def test_a_temperature_must_be_positive(temperature: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        scaled(np.array([0.5, 0.5]), temperature)


def test_a_temperature_counts_only_beyond_chance() -> None:
    """Of honest models one in twenty is rescaled by chance, of overconfident ones each."""
    honest = [fit_temperature(*case(seed, 200)).helps for seed in range(200)]
    assert 2 <= sum(honest) <= 20
    assert all(fit_temperature(*case(seed, 200, 3.0)).helps for seed in range(20))


@pytest.mark.parametrize("count", [2, 14, 400])
def test_photos_that_are_all_right_do_not_make_a_model_certain(count: int) -> None:
    """So many photos say that it is wrong once in count + 2, and not never."""
    claimed = np.tile([[0.7, 0.3], [0.3, 0.7]], (count // 2, 1))
    fit = fit_temperature(np.tile([0, 1], count // 2), claimed)
    assert scaled(claimed, fit.value).max() == pytest.approx((count + 1) / (count + 2), abs=1e-6)


def test_a_single_class_has_nothing_to_fit() -> None:
    fit = fit_temperature(np.array([0, 0]), np.ones((2, 1)))
    assert fit.gain == 0
    assert not fit.helps


def test_helps_is_the_likelihood_ratio_test() -> None:
    assert Temperature(1.5, 100, 0.5, 0.4, gain=3.85 / 200).helps
    assert not Temperature(1.5, 100, 0.5, 0.4, gain=3.83 / 200).helps


def test_bins_equal_those_of_scikit_learn() -> None:
    true, claimed = case(4, 500, 2.0)
    bins = reliability(true, claimed)
    right = claimed.argmax(axis=1) == true
    shares, means = calibration_curve(right, claimed.max(axis=1), n_bins=10, strategy="quantile")
    np.testing.assert_allclose([one.accuracy for one in bins], shares, atol=0.021)
    np.testing.assert_allclose([one.confidence for one in bins], means, atol=0.01)
    assert [one.count for one in bins] == [50] * 10


def test_calibration_error_is_the_weighted_gap() -> None:
    true, claimed = case(5, 500, 3.0)
    bins = reliability(true, claimed)
    expected = sum(one.count * abs(one.accuracy - one.confidence) for one in bins) / 500
    assert calibration_error(bins) == pytest.approx(expected)
    assert calibration_error(bins) > 0.1
    cooled = reliability(true, scaled(claimed, 3))
    assert calibration_error(cooled) < 0.06


def test_photos_of_one_confidence_lie_in_one_bin() -> None:
    claimed = np.array([[0.9, 0.1]] * 40 + [[0.6, 0.4]] * 3)
    true = np.array([0] * 30 + [1] * 13)
    bins = reliability(true, claimed)
    assert [one.count for one in bins] == [43] or [one.count for one in bins] == [3, 40]
    assert sum(one.count for one in bins) == 43
    assert len({one.high for one in bins}) == len(bins)


@pytest.mark.parametrize("count", [1, 2, 9, 11])
def test_few_photos_make_few_bins(count: int) -> None:
    true, claimed = case(6, count)
    bins = reliability(true, claimed)
    assert sum(one.count for one in bins) == count
    assert len(bins) == max(1, count // 5)
