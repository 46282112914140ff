"""How far the accuracy on a few validation photos lies from the truth by chance alone.

The test photos of the notebook's split stay as they are; which of the others are watched is drawn
anew each time, and a head is trained on the rest. So nothing changes from draw to draw but which
photos happened to be watched.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np

from flowercore.data.split import Split
from flowercore.errors import DatasetError
from flowercore.evaluation.intervals import Interval, wilson_interval
from flowercore.teaching import kept
from flowercore.training.config import TrainConfig
from flowercore.training.head import train_head

KIND = "validation-noise"
DRAWS = 50
_VERSION = "1"

Progress = Callable[[int, int], None]
Check = Callable[[], None]


@dataclass(frozen=True)
class ValidationNoise:
    """The same training many times, each watched on other photos.

    Attributes:
        watched: Validation photos of each draw.
        tested: Test photos, the same in every draw.
        learned: Photos that each head learned from.
        right: Of the validation photos, how many each head named right.
        test_right: Of the test photos, how many each head named right.
    """

    watched: int
    tested: int
    learned: int
    right: tuple[int, ...]
    test_right: tuple[int, ...]

    @property
    def accuracies(self) -> list[float]:
        """Validation accuracy of each draw."""
        return [one / self.watched for one in self.right]

    @property
    def test_accuracy(self) -> float:
        """Accuracy on the test photos, on average over the draws."""
        return sum(self.test_right) / len(self.test_right) / self.tested

    @property
    def test_interval(self) -> Interval:
        """95 % Wilson interval of the test accuracy."""
        right = round(sum(self.test_right) / len(self.test_right))
        return wilson_interval(right, self.tested)

    @property
    def spread(self) -> tuple[float, float]:
        """Lowest and highest validation accuracy of all draws."""
        return min(self.accuracies), max(self.accuracies)

    @property
    def test_spread(self) -> tuple[float, float]:
        """Lowest and highest test accuracy of all draws."""
        return min(self.test_right) / self.tested, max(self.test_right) / self.tested

    @property
    def expected(self) -> tuple[int, int]:
        """How many of the watched photos are right 19 times of 20, by the binomial alone."""
        return binomial_range(self.watched, self.test_accuracy)

    def chance_of(self, accuracy: float, *, tested: bool = False) -> float:
        """Return how probable it is to see at most this accuracy by chance alone.

        Args:
            accuracy: Of some photos, 0..1; rounded to whole photos.
            tested: Whether on as many photos as the test has, and not as are watched.

        Returns:
            Binomial probability, where each photo is right with the test accuracy.
        """
        count = self.tested if tested else self.watched
        return at_most(round(accuracy * count), count, self.test_accuracy)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for a file."""
        return {
            "watched": self.watched,
            "tested": self.tested,
            "learned": self.learned,
            "right": list(self.right),
            "test_right": list(self.test_right),
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> ValidationNoise:
        """Read what `to_dict` wrote.

        Raises:
            ValueError: If it is something else; also KeyError, TypeError or AttributeError.
        """
        found = cls(
            int(values["watched"]),
            int(values["tested"]),
            int(values["learned"]),
            tuple(int(one) for one in values["right"]),
            tuple(int(one) for one in values["test_right"]),
        )
        counts = ((found.right, found.watched), (found.test_right, found.tested))
        if not found.right or len(found.right) != len(found.test_right):
            raise ValueError("no draws")
        if any(not 0 <= one <= count or count < 1 for many, count in counts for one in many):
            raise ValueError("no counts")
        return found


def at_most(right: int, count: int, share: float) -> float:
    """Return the binomial probability of at most so many successes.

    Args:
        right: Successes, 0..count.
        count: Trials.
        share: Probability of each, 0..1.
    """
    terms = (comb(count, k) * share**k * (1 - share) ** (count - k) for k in range(right + 1))
    return min(1.0, sum(terms))


def binomial_range(count: int, share: float, confidence: float = 0.95) -> tuple[int, int]:
    """Return between which numbers of successes a binomial lies, its tails cut off alike.

    Args:
        count: Trials, at least 1.
        share: Probability of each, 0..1.
        confidence: How probable it is at least to lie within, between 0 and 1.

    Returns:
        The largest lower and the smallest upper bound beyond which lies at most half of the rest.
    """
    tail = (1 - confidence) / 2
    low = next(k for k in range(count + 1) if at_most(k, count, share) > tail)
    # From above, the failures are the successes of the other coin.
    high = count - next(k for k in range(count + 1) if at_most(k, count, 1 - share) > tail)
    return low, high


def measure(
    features: np.ndarray,
    labels: np.ndarray,
    split: Split,
    config: TrainConfig,
    *,
    draws: int = DRAWS,
    progress: Progress | None = None,
    check: Check | None = None,
) -> ValidationNoise:
    """Train on other photos each time and look at what the watched ones say.

    Args:
        features: float32, shape (N, D).
        labels: int64, shape (N,), values 0..C-1.
        split: Whose test photos stay, and how many of the others are watched.
        config: Settings of the head.
        draws: How often.
        progress: Called with (heads trained, heads in all).
        check: Called after every epoch; raises to stop.

    Returns:
        What came of it, the same for the same arguments.

    Raises:
        DatasetError: If no photo is watched or tested.
    """
    if not len(split.validation) or not len(split.test):
        raise DatasetError(
            "The noise of a validation is seen on validation photos, beside test photos. "
            "Received: too few photos to have both."
        )
    others = np.concatenate([split.train, split.validation])
    classes = int(labels.max()) + 1
    right: list[int] = []
    test_right: list[int] = []

    def on_epoch(_: object) -> bool:
        if check is not None:
            check()
        return True

    for draw in range(draws):
        order = np.random.default_rng([config.seed, draw]).permutation(others)
        held, learned = order[: len(split.validation)], order[len(split.validation) :]
        watched = features[held], labels[held]
        head = train_head(features[learned], labels[learned], watched, classes, config, on_epoch)
        for rows, counts in ((held, right), (split.test, test_right)):
            said = (features[rows] @ head.kernel + head.bias).argmax(axis=1)
            counts.append(int((said == labels[rows]).sum()))
        if progress is not None:
            progress(draw + 1, draws)
    return ValidationNoise(
        len(split.validation),
        len(split.test),
        len(split.train),
        tuple(right),
        tuple(test_right),
    )


def write(identity: str, fingerprint: str, found: ValidationNoise) -> None:
    """Keep what was measured.

    Args:
        identity: Of the dataset.
        fingerprint: Of the backbone.
        found: What was measured.

    Raises:
        StorageError: If the disk refuses.
    """
    kept.write(KIND, (_VERSION, identity, fingerprint), found.to_dict())


def read(identity: str, fingerprint: str) -> ValidationNoise | None:
    """Return what was kept, or None if it was not measured on these photos; see `write`.

    Raises:
        StorageError: If its file is damaged.
    """
    return kept.read(KIND, (_VERSION, identity, fingerprint), ValidationNoise.from_dict)
