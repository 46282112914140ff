"""How much more photos would help: test accuracy over the number of photos a class learned from.

Each draw holds a fifth of the photos back for its test, as a training does, and takes 1, 2, 5, ...
photos of each class from the rest, each handful within the next larger one. The backbone has looked
at all photos before, so that a draw costs what a head costs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from flowercore.data.split import stratified_split
from flowercore.errors import ConfigError, DatasetError
from flowercore.teaching import kept
from flowercore.teaching.numbers import percent, photos
from flowercore.training.config import TrainConfig
from flowercore.training.head import train_head

KIND = "learning-curve"
SIZES = (1, 2, 5, 10, 20, 40, 80, 160, 320)
"""Photos a class that are tried, as far as there are so many."""
DRAWS = 20
TEST = 0.2
_VERSION = "1"
# A head that sees five photos needs as many steps as one that sees hundreds: with 25 epochs of one
# step each it would be far from where it goes (docs/decisions.md).
_STEPS = 500
_LEAST_EPOCHS = 25
_BATCH = 16

Progress = Callable[[int, int], None]
Check = Callable[[], None]


@dataclass(frozen=True)
class Line:
    """What heads on one backbone were worth.

    Attributes:
        backbone: Name in the registry.
        accuracies: A row a number of photos, in each the test accuracy of every draw, 0..1.
    """

    backbone: str
    accuracies: tuple[tuple[float, ...], ...]

    def mean(self, place: int) -> float:
        """Return the average over the draws at one number of photos."""
        return sum(self.accuracies[place]) / len(self.accuracies[place])

    def spread(self, place: int) -> tuple[float, float]:
        """Return the lowest and the highest draw at one number of photos."""
        return min(self.accuracies[place]), max(self.accuracies[place])


@dataclass(frozen=True)
class LearningCurve:
    """Test accuracy over photos a class.

    Attributes:
        classes: Number of classes.
        photos: How many there are in all.
        tested: Photos that each draw was tested on.
        sizes: Photos a class, ascending.
        lines: One a backbone, the pretrained one first.
    """

    classes: int
    photos: int
    tested: int
    sizes: tuple[int, ...]
    lines: tuple[Line, ...]

    @property
    def draws(self) -> int:
        """How often each number of photos was drawn."""
        return len(self.lines[0].accuracies[0])

    @property
    def sentence(self) -> str:
        """What the curve says, in words."""
        last = len(self.sizes) - 1
        with_it = self.lines[0]
        said = ""
        if len(self.lines) > 1:
            without = self.lines[1].mean(last)
            enough = next((p for p in range(last + 1) if with_it.mean(p) >= without), None)
            if enough is None:
                said = (
                    "Pretraining is worth nothing on these photos: "
                    f"{percent(with_it.mean(last))} with it, {percent(without)} without. "
                )
            else:
                said = (
                    f"With pretraining, {photos(self.sizes[enough])} of each class "
                    f"{'is' if self.sizes[enough] == 1 else 'are'} enough for "
                    f"{percent(with_it.mean(enough))}; without it, {photos(self.sizes[last])} of "
                    f"each give {percent(without)}. "
                )
        if last == 0:
            return said + "There are too few photos to see what more of them would bring."
        gain = 100 * (with_it.mean(last) - with_it.mean(last - 1))
        step = f"from {self.sizes[last - 1]} to {self.sizes[last]} photos a class"
        if gain < 0.5:
            return f"{said}The last step, {step}, brought nothing more."
        return f"{said}The last step, {step}, still brought {gain:.1f} points."

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for a file."""
        return {
            "classes": self.classes,
            "photos": self.photos,
            "tested": self.tested,
            "sizes": list(self.sizes),
            "lines": {one.backbone: [list(row) for row in one.accuracies] for one in self.lines},
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> LearningCurve:
        """Read what `to_dict` wrote.

        Raises:
            ValueError: If it is something else; also KeyError, TypeError or AttributeError.
        """
        sizes = tuple(int(one) for one in values["sizes"])
        lines = tuple(
            Line(name, tuple(tuple(float(one) for one in row) for row in rows))
            for name, rows in values["lines"].items()
        )
        found = cls(
            int(values["classes"]), int(values["photos"]), int(values["tested"]), sizes, lines
        )
        draws = {len(row) for one in lines for row in one.accuracies}
        every = [one for line in lines for row in line.accuracies for one in row]
        if not sizes or not lines or len(draws) != 1 or draws == {0} or found.classes < 2:
            raise ValueError("no curve")
        if any(len(one.accuracies) != len(sizes) for one in lines) or found.tested < 1:
            raise ValueError("no curve")
        if list(sizes) != sorted(set(sizes)) or not all(0 <= one <= 1 for one in every):
            raise ValueError("no accuracies")
        return found


@dataclass(frozen=True)
class Draw:
    """One random division of the photos.

    Attributes:
        test: Rows that are tested on, int64.
        others: Of each class the other rows, in a random order.
    """

    test: np.ndarray
    others: tuple[np.ndarray, ...]


def drawn(labels: np.ndarray, groups: Sequence[str], count: int = DRAWS) -> tuple[Draw, ...]:
    """Divide photos at random, several times.

    Args:
        labels: int64, shape (N,), values 0..C-1, each at least twice.
        groups: A name for each photo; photos of one group stay on one side.
        count: How many divisions.

    Returns:
        The same for the same arguments.

    Raises:
        DatasetError: If there are too few photos to learn from one and to be tested on another.
    """
    try:
        return tuple(_draw(labels, groups, seed) for seed in range(count))
    except ConfigError:
        # All photos of a class show the same: apart they can still be learned from.
        try:
            return tuple(_draw(labels, [*map(str, range(len(labels)))], n) for n in range(count))
        except ConfigError as error:
            fewest = int(np.unique(labels, return_counts=True)[1].min())
            raise DatasetError(
                "A learning curve needs 2 photos of each class at least: one to learn from, one to "
                f"be tested on. Received: a class of {fewest}."
            ) from error


def _draw(labels: np.ndarray, groups: Sequence[str], seed: int) -> Draw:
    split = stratified_split(labels.tolist(), groups, test=TEST, validation=0, seed=seed)
    order = np.random.default_rng([seed, 2]).permutation(split.train)
    return Draw(split.test, tuple(order[labels[order] == one] for one in np.unique(labels)))


def sizes_for(draws: Sequence[Draw]) -> tuple[int, ...]:
    """Return which of `SIZES` every class of every draw has photos for."""
    fewest = min(len(one) for draw in draws for one in draw.others)
    return tuple(size for size in SIZES if size <= fewest)


def line(
    backbone: str,
    features: np.ndarray,
    labels: np.ndarray,
    draws: Sequence[Draw],
    *,
    progress: Progress | None = None,
    check: Check | None = None,
) -> Line:
    """Train and test heads on more and more photos.

    Args:
        backbone: Name of the backbone that the features come from.
        features: float32, shape (N, D).
        labels: int64, shape (N,), values 0..C-1.
        draws: From `drawn`.
        progress: Called with (heads trained, heads in all).
        check: Called after every epoch; raises to stop.

    Returns:
        Accuracies, the same for the same arguments.
    """
    sizes = sizes_for(draws)
    found: list[list[float]] = [[] for _ in sizes]
    for number, draw in enumerate(draws):
        for place, size in enumerate(sizes):
            rows = np.concatenate([one[:size] for one in draw.others])
            found[place].append(_accuracy(features, labels, rows, draw.test, number, check))
            if progress is not None:
                progress(number * len(sizes) + place + 1, len(draws) * len(sizes))
    return Line(backbone, tuple(tuple(row) for row in found))


def _accuracy(
    features: np.ndarray,
    labels: np.ndarray,
    rows: np.ndarray,
    test: np.ndarray,
    seed: int,
    check: Check | None,
) -> float:
    steps = -(-len(rows) // _BATCH)
    epochs = max(_LEAST_EPOCHS, -(-_STEPS // steps))
    settings = TrainConfig(data="", batch_size=_BATCH, epochs=epochs, seed=seed)
    nobody = np.empty((0, features.shape[1]), np.float32), np.empty(0, np.int64)

    def on_epoch(_: object) -> bool:
        if check is not None:
            check()
        return True

    head = train_head(
        features[rows], labels[rows], nobody, int(labels.max()) + 1, settings, on_epoch
    )
    said = (features[test] @ head.kernel + head.bias).argmax(axis=1)
    return float((said == labels[test]).mean())


def write(identity: str, fingerprint: str, found: LearningCurve) -> None:
    """Keep a curve.

    Args:
        identity: Of the dataset.
        fingerprint: Of the pretrained backbone.
        found: The curve.

    Raises:
        StorageError: If the disk refuses.
    """
    kept.write(KIND, (_VERSION, identity, fingerprint), found.to_dict())


def read(identity: str, fingerprint: str) -> LearningCurve | None:
    """Return a kept curve, or None if it was not computed from these photos; see `write`.

    Raises:
        StorageError: If its file is damaged.
    """
    return kept.read(KIND, (_VERSION, identity, fingerprint), LearningCurve.from_dict)
