"""How far a few validation photos lie from the truth: counted, and by the binomial."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from scipy import stats

from flowercore.data.split import Split
from flowercore.errors import CancelledError, DatasetError, StorageError
from flowercore.files import home_folder
from flowercore.teaching import validation_noise as noise
from flowercore.teaching.validation_noise import ValidationNoise, at_most, binomial_range
from flowercore.training.config import TrainConfig

CONFIG = TrainConfig(data="", epochs=40, learning_rate=1e-2)


def clouds(count: int = 120) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    labels = np.arange(count) % 3
    centres = rng.normal(0, 1, (3, 6))
    return (centres[labels] + rng.normal(0, 0.9, (count, 6))).astype(np.float32), labels


SPLIT = Split(np.arange(0, 80), np.arange(80, 90), np.arange(90, 120))


def test_the_binomial_s_numbers() -> None:
    assert at_most(1, 3, 0.5) == pytest.approx(0.5)
    assert at_most(3, 3, 0.2) == 1
    low, high = binomial_range(40, 0.9)
    assert (low, high) == (32, 39)
    inside = sum(comb(40, k) * 0.9**k * 0.1 ** (40 - k) for k in range(low, high + 1))
    assert inside >= 0.95
    # Both tails are as large as they may be, and not larger.
    assert at_most(low - 1, 40, 0.9) <= 0.025 < at_most(low, 40, 0.9)
    assert 1 - at_most(high, 40, 0.9) <= 0.025 < 1 - at_most(high - 1, 40, 0.9)
    for share in (0.5, 0.72, 0.86, 0.94, 0.999):
        wanted = stats.binom.ppf([0.025, 0.975], 40, share)
        assert binomial_range(40, share) == tuple(wanted)
        assert at_most(29, 40, share) == pytest.approx(stats.binom.cdf(29, 40, share), abs=1e-12)
    assert binomial_range(40, 1.0) == (40, 40)
    assert binomial_range(40, 0.0) == (0, 0)


def test_each_draw_watches_other_photos_and_the_test_stays() -> None:
    features, labels = clouds()
    calls: list[tuple[int, int]] = []
    found = noise.measure(
        features,
        labels,
        SPLIT,
        CONFIG,
        draws=6,
        progress=lambda done, total: calls.append((done, total)),
    )
    assert (found.watched, found.tested, found.learned) == (10, 30, 80)
    assert len(set(found.right)) > 1
    assert calls == [(done, 6) for done in range(1, 7)]
    again = noise.measure(features, labels, SPLIT, CONFIG, draws=6)
    assert again == found
    # Test photos that nothing fits are all wrong, whichever photos were watched.
    turned = labels.copy()
    turned[SPLIT.test] = (turned[SPLIT.test] + 1) % 3
    wrong = noise.measure(features, turned, SPLIT, CONFIG, draws=6)
    assert wrong.right == found.right
    assert max(wrong.test_right) < min(found.test_right)


def test_it_can_be_stopped() -> None:
    features, labels = clouds()

    def stop() -> None:
        raise CancelledError("You stopped it.")

    with pytest.raises(CancelledError):
        noise.measure(features, labels, SPLIT, CONFIG, check=stop)


def test_without_watched_photos_there_is_nothing_to_see() -> None:
    features, labels = clouds()
    bare = Split(SPLIT.train, np.empty(0, np.int64), SPLIT.test)
    with pytest.raises(DatasetError, match="Received"):
        noise.measure(features, labels, bare, CONFIG)


def test_what_is_kept_is_found_for_the_same_photos_alone() -> None:
    found = ValidationNoise(40, 100, 360, (34, 36, 38), (86, 88, 87))
    noise.write("photos", "network", found)
    assert noise.read("photos", "network") == found
    assert noise.read("other photos", "network") is None
    assert noise.read("photos", "other network") is None
    assert found.spread == (0.85, 0.95)
    assert found.test_accuracy == pytest.approx(0.87)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "{}",
        '{"watched": 4, "tested": 4, "learned": 4, "right": [], "test_right": []}',
        '{"watched": 4, "tested": 4, "learned": 4, "right": [5], "test_right": [1]}',
    ],
)
def test_a_damaged_file_is_said_in_words(text: str) -> None:
    noise.write("photos", "network", ValidationNoise(4, 4, 4, (1,), (1,)))
    (path,) = home_folder("teaching").iterdir()
    path.write_text(text)
    with pytest.raises(StorageError, match="Compute it again"):
        noise.read("photos", "network")
