"""Why the notebook got 72 %: what each suspect did in a real run, and what that says about it.

The words follow from the numbers, whichever way they come out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from flowercore.evaluation.compare import SIGNIFICANCE, Comparison
from flowercore.evaluation.intervals import Interval, paired_difference_interval
from flowercore.teaching.numbers import percent, photos
from flowercore.teaching.validation_noise import ValidationNoise

CLAIMED = 0.72
"""What the notebook got."""
WATCHED = 40
"""Validation photos that it was watched on."""
TRAINING_ACCURACY, VALIDATION_LOSS = 0.97, (7, 10)
"""What else its training said at the end."""

Word = Literal["guilty", "not settled", "innocent"]
WORDS: tuple[Word, ...] = ("guilty", "not settled", "innocent")
"""From the worst to the best."""
Role = Literal["right", "preprocessing", "moving", "batch"]
ROLES: tuple[Role, ...] = ("right", "preprocessing", "moving", "batch")

# Who costs less than this cannot have cost what the notebook lost.
_SMALL = 0.05
# Below this probability chance is ruled out.
_RULED_OUT = 0.005


@dataclass(frozen=True)
class Verdict:
    """What is said of a suspect.

    Attributes:
        word: One of `WORDS`.
        sentence: Why, with the numbers.
    """

    word: Word
    sentence: str


def role(config: dict[str, Any]) -> Role:
    """Return what a run of the recipe stands for.

    Args:
        config: Its settings.
    """
    batch_norm = config.get("batch_norm", "inference")
    if batch_norm == "moving":
        return "moving"
    if batch_norm == "batch":
        return "batch"
    return "preprocessing" if config.get("preprocessing") == "notebook" else "right"


def of_pair(found: Comparison) -> Verdict:
    """Judge a suspect by its run beside the right one.

    It is guilty if McNemar's test settles that it costs accuracy. It is innocent if what it costs
    is less than five points even at the upper end of the interval.

    Args:
        found: A is the right way, B the suspect's.
    """
    lost = (found.only_a_right - found.only_b_right) / found.count
    low, high = paired_difference_interval(found.only_a_right, found.only_b_right, found.count)
    counted = (
        f"{photos(found.only_a_right)} only the right way names rightly, {found.only_b_right} "
        f"only this one ({_p(found.p_value)})"
    )
    if found.settled and lost > 0:
        return Verdict("guilty", f"It costs {_points(lost)} ({_range((low, high))}): {counted}.")
    if high < _SMALL:
        if found.settled:
            return Verdict("innocent", f"It even wins {_points(-lost)}: {counted}.")
        return Verdict("innocent", f"It costs {_points(max(high, 0))} at most: {counted}.")
    return Verdict(
        "not settled",
        f"It {_change(lost)}, and anything from {_wide(low, high)} would fit: {counted}.",
    )


def of_noise(found: ValidationNoise, claimed: float = CLAIMED) -> Verdict:
    """Judge chance: could few photos have shown the claimed accuracy of a right training?

    It is guilty if as many photos as the test has could; it is innocent if not even the fewer
    validation photos could, which scatter more.

    Args:
        found: The same training many times.
        claimed: What somebody read from some photos.
    """
    few, many = found.chance_of(claimed), found.chance_of(claimed, tested=True)
    low, high = found.expected
    text = (
        f"A model that is right on {percent(found.test_accuracy)} names {low} to {high} of "
        f"{found.watched} photos rightly, 19 times of 20, by chance alone. {percent(claimed)} or "
        f"less come out with a probability of {_probability(few)} on {found.watched} photos, and "
        f"of {_probability(many)} on the {found.tested:,} test photos"
    )
    if many >= SIGNIFICANCE:
        return Verdict("guilty", f"{text}: chance can do it.")
    if few < _RULED_OUT:
        return Verdict("innocent", f"{text}: chance alone does not do it.")
    return Verdict("not settled", f"{text}: chance seldom does it.")


def worst(verdicts: list[Verdict]) -> Word:
    """Return the worst word that is said; at least one verdict is needed."""
    return min((one.word for one in verdicts), key=WORDS.index)


def sign(history: pd.DataFrame) -> str:
    """Say how a training ended beside how the notebook's did; empty without a validation.

    Args:
        history: A row an epoch.
    """
    if history.empty or pd.isna(history["val_loss"].iloc[-1]):
        return ""
    last = history.iloc[-1]
    low, high = VALIDATION_LOSS
    return (
        f"At its end it was right on {percent(last['accuracy'])} of the training photos and on "
        f"{percent(last['val_accuracy'])} of the validation photos, with a validation loss of "
        f"{last['val_loss']:.2f}. The notebook had {percent(TRAINING_ACCURACY)} beside a "
        f"validation loss of {low} to {high}."
    )


def nearest(accuracies: dict[str, tuple[float, Interval]]) -> str:
    """Say which run came nearest to what the notebook got, and whether it fits.

    Args:
        accuracies: By name, test accuracy with its 95 % interval; at least one.
    """
    name = min(accuracies, key=lambda one: abs(accuracies[one][0] - CLAIMED))
    value, (low, high) = accuracies[name]
    # As the numbers are written: a bound of 72.2 % is 72 % to the reader.
    fits = round(low, 2) <= CLAIMED <= round(high, 2)
    return (
        f"Nearest to {percent(CLAIMED)} comes “{name}” with {percent(value)}, and its interval, "
        f"{percent(low)} to {percent(high)}, {'holds' if fits else 'does not hold'} it."
    )


def _points(share: float) -> str:
    return f"{100 * share:.1f} points"


def _range(interval: Interval) -> str:
    low, high = interval
    return f"{100 * low:.0f} to {100 * high:.0f} points"


def _wide(low: float, high: float) -> str:
    first, last = round(100 * low), round(100 * high)
    if first < 0:
        return f"a gain of {-first} to a loss of {last} points"
    return f"{first} to {last} points"


def _change(lost: float) -> str:
    if lost == 0:
        return "costs nothing here"
    return f"costs {_points(lost)} here" if lost > 0 else f"wins {_points(-lost)} here"


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.2g}"


def _probability(value: float) -> str:
    if value < 0.0001:
        return "less than 0.01\u202f%"
    return f"{100 * value:.2g}\u202f%" if value < 0.995 else "nearly 100\u202f%"
