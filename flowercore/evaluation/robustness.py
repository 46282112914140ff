"""How much a model can bear: its accuracy on photos that are spoilt more and more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from flowercore.data.corruptions import KINDS, STRENGTHS, Kind
from flowercore.evaluation.intervals import Interval, wilson_interval
from flowercore.runs import robustness_file

_TOLD = 3
"""The strength that is told in a sentence."""


@dataclass(frozen=True)
class Level:
    """What a model does under one strength of one corruption.

    Attributes:
        right: Photos that it named right.
        count: Photos.
        probability: Of the true class, on average, as the model gives it before any temperature.
    """

    right: int
    count: int
    probability: float

    @classmethod
    def of(cls, true: np.ndarray, probabilities: np.ndarray) -> Level:
        """Measure it.

        Args:
            true: Number of each photo's true class, int (N,).
            probabilities: float (N, C).
        """
        right = int((probabilities.argmax(axis=1) == true).sum())
        mean = float(probabilities[np.arange(len(true)), true].mean())
        return cls(right, len(true), min(1.0, mean))

    @property
    def accuracy(self) -> float:
        """Share of the photos that it named right."""
        return self.right / self.count

    @property
    def interval(self) -> Interval:
        """95 % Wilson interval of the accuracy."""
        return wilson_interval(self.right, self.count)


@dataclass(frozen=True)
class Robustness:
    """What a run does on its test photos, plain and under each corruption.

    Attributes:
        plain: Of the photos as they are.
        kinds: By kind of `flowercore.data.corruptions.KINDS`, in that order: one a strength.
        missing: Test photos that are gone from the dataset or were changed since the training.
        unreadable: Test photos that could not be read.
        created: When it was measured, ISO 8601 in UTC.
    """

    plain: Level
    kinds: Mapping[str, tuple[Level, ...]]
    missing: int = 0
    unreadable: int = 0
    created: str = ""

    @property
    def worst(self) -> str:
        """The kind that costs most accuracy, on average over its strengths."""
        return min(self.kinds, key=lambda kind: sum(one.right for one in self.kinds[kind]))

    @staticmethod
    def facts(kind: str) -> Kind:
        """Return what a kind is."""
        return KINDS[kind]

    @property
    def sentence(self) -> str:
        """What harms most, in words."""
        levels = self.kinds[self.worst]
        name = KINDS[self.worst].noun
        if all(one.interval[1] >= self.plain.accuracy for one in levels):
            return (
                f"Nothing harms it more than chance may: {_percent(self.plain)} on the photos as "
                f"they are, and at least {_percent(min(levels, key=lambda one: one.right))} under "
                f"{name}, which costs most."
            )
        return (
            f"It loses most to {name}: {_percent(self.plain)} to "
            f"{_percent(levels[_TOLD - 1])} at strength {_TOLD}, and to {_percent(levels[-1])} at "
            f"strength {STRENGTHS[-1]}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for `flowercore.runs.robustness_file.write`."""
        return {
            "count": self.plain.count,
            "missing": self.missing,
            "unreadable": self.unreadable,
            "created": self.created,
            "plain": _kept(self.plain),
            "kinds": {kind: [_kept(one) for one in levels] for kind, levels in self.kinds.items()},
        }

    def numbers(self) -> dict[str, Any]:
        """Return all numbers as plain values for programs, with accuracies and intervals."""
        return {
            "photos": self.plain.count,
            "missing": self.missing,
            "unreadable": self.unreadable,
            "plain": _told(self.plain),
            "worst": self.worst,
            "kinds": {
                kind: [
                    {
                        "strength": strength,
                        "amount": KINDS[kind].amounts[strength - 1],
                        **_told(level),
                    }
                    for strength, level in zip(STRENGTHS, levels, strict=True)
                ]
                for kind, levels in self.kinds.items()
            },
        }


def kept(run_id: str) -> Robustness | None:
    """Return what was measured of a run, or None: not measured, or by an older version.

    Raises:
        NotFoundError: If there is no such run.
        StorageError: If its file is damaged.
    """
    values = robustness_file.read(run_id)
    if not values:
        return None
    count = values["count"]
    return Robustness(
        plain=_level(values["plain"], count),
        kinds={kind: tuple(_level(one, count) for one in values["kinds"][kind]) for kind in KINDS},
        missing=values["missing"],
        unreadable=values["unreadable"],
        created=values["created"],
    )


def _level(values: Mapping[str, Any], count: int) -> Level:
    return Level(values["right"], count, float(values["probability"]))


def _kept(level: Level) -> dict[str, Any]:
    return {"right": level.right, "probability": level.probability}


def _told(level: Level) -> dict[str, Any]:
    return {
        "accuracy": level.accuracy,
        "accuracy_interval": list(level.interval),
        "probability": level.probability,
    }


def _percent(level: Level) -> str:
    return f"{100 * level.accuracy:.0f} %"
