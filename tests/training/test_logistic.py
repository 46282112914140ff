"""Logistic regression against scikit-learn's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from flowercore.errors import CancelledError
from flowercore.training.config import TrainConfig
from flowercore.training.head import Head
from flowercore.training.logistic import fit

CONFIG = TrainConfig(data="")


def photos(classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Sixty photos with more features than that, one class rarer than the others."""
    rng = np.random.default_rng(3)
    labels = np.minimum(np.arange(60) % (2 * classes), classes - 1)
    features = rng.normal(0, 0.1, (60, 90)) + 0.1 * rng.normal(size=(classes, 90))[labels]
    return features.astype(np.float32), labels


def found(classes: int, config: TrainConfig = CONFIG, penalty: float = 0.05) -> Head:
    features, labels = photos(classes)
    return fit(features, labels, classes, config, penalty=penalty, check=lambda: None)


@pytest.mark.parametrize("balanced", [False, True])
def test_the_lowest_point_is_scikit_learns(balanced: bool) -> None:
    features, labels = photos(4)
    head = found(4, replace(CONFIG, class_weights=balanced))
    peer = LogisticRegression(
        C=20, tol=1e-8, max_iter=5_000, class_weight="balanced" if balanced else None
    ).fit(features, labels)
    np.testing.assert_allclose(
        head.probabilities(features), peer.predict_proba(features), atol=5e-3
    )
    np.testing.assert_allclose(head.kernel.T, peer.coef_, atol=0.02 * np.abs(peer.coef_).max())
    assert head.kernel.dtype == head.bias.dtype == np.float32


def test_two_classes_are_two_columns() -> None:
    head = found(2)
    assert head.kernel.shape == (90, 2)
    np.testing.assert_allclose(head.kernel[:, 0], -head.kernel[:, 1], atol=1e-4)


def test_more_penalty_makes_it_less_sure() -> None:
    features, _ = photos(4)
    sure = [found(4, penalty=p).probabilities(features).max(axis=1).mean() for p in (0.05, 5)]
    assert sure[0] > sure[1] + 0.1


def test_it_can_be_stopped() -> None:
    features, labels = photos(4)
    calls = []

    def check() -> None:
        calls.append(None)
        if len(calls) == 3:
            raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        fit(features, labels, 4, CONFIG, penalty=0.05, check=check)
    assert len(calls) == 3
