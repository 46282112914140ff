"""Which of two runs is better, on the test photos that both have."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import comb
from typing import Any

import pandas as pd

from flowercore.errors import NotFoundError
from flowercore.runs import results, store

# The usual bar for 'not chance alone'.
SIGNIFICANCE = 0.05


@dataclass(frozen=True)
class Comparison:
    """Two runs, photo by photo.

    Attributes:
        run_a: Id of one run.
        run_b: Id of the other.
        same_split: Whether both were tested on exactly the same photos.
        count: Test photos that both have.
        both_right: Of these, how many both name right.
        only_a_right: How many A alone names right.
        only_b_right: How many B alone names right.
        both_wrong: How many neither names right.
        p_value: Of McNemar's exact test that the two are equally good.
        verdict: The same in words.
        differing: Keys of the photos that exactly one of them names right.
    """

    run_a: str
    run_b: str
    same_split: bool
    count: int
    both_right: int
    only_a_right: int
    only_b_right: int
    both_wrong: int
    p_value: float
    verdict: str
    differing: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as plain values, for JSON."""
        return {**asdict(self), "differing": list(self.differing)}


def mcnemar_exact(only_a_right: int, only_b_right: int) -> float:
    """Return the two-sided p-value of McNemar's exact test.

    Photos that both or neither names right say nothing about which is better. Were the runs equally
    good, each other photo would fall to either side like a coin: the p-value is the binomial
    probability of a division at least as uneven (McNemar 1947; the exact form in Fagerland,
    Lydersen and Laake 2013, BMC Medical Research Methodology 13:91).

    Args:
        only_a_right: Photos that only A names right.
        only_b_right: Photos that only B names right.
    """
    differing = only_a_right + only_b_right
    fewer = min(only_a_right, only_b_right)
    tail = sum(comb(differing, k) for k in range(fewer + 1))
    return min(1.0, 2 * tail / 2**differing)


def compare(run_a: str, run_b: str) -> Comparison:
    """Compare two runs on their common test photos.

    Args:
        run_a: Id of a run that has been tested.
        run_b: Id of another.

    Raises:
        NotFoundError: If there is no such run, one has no predictions, or they share no test photo.
        StorageError: If a file of theirs is damaged.
    """
    a, b = store.get(run_a), store.get(run_b)
    left, right = _tested(a.id), _tested(b.id)
    pairs = left.merge(right, on=["sha256", "label"], suffixes=("_a", "_b"))
    if pairs.empty:
        raise NotFoundError(
            "Two runs can be compared on test photos that both have. Received: runs that share "
            "none. Train both on the same data with the same seed and test split."
        )
    only_a = pairs["right_a"] & ~pairs["right_b"]
    only_b = pairs["right_b"] & ~pairs["right_a"]
    p_value = mcnemar_exact(int(only_a.sum()), int(only_b.sum()))
    same = len(pairs) == len(left) == len(right)
    return Comparison(
        run_a=a.id,
        run_b=b.id,
        same_split=same,
        count=len(pairs),
        both_right=int((pairs["right_a"] & pairs["right_b"]).sum()),
        only_a_right=int(only_a.sum()),
        only_b_right=int(only_b.sum()),
        both_wrong=int((~pairs["right_a"] & ~pairs["right_b"]).sum()),
        p_value=p_value,
        verdict=verdict(int(only_a.sum()), int(only_b.sum()), p_value, same_split=same),
        differing=tuple(pairs.loc[only_a | only_b, "key_a"]),
    )


def verdict(only_a_right: int, only_b_right: int, p_value: float, *, same_split: bool) -> str:
    """Say in a sentence or two which run is better, and whether that is settled."""
    if only_a_right == only_b_right:
        text = f"Neither is better: each gets {only_a_right} photos right that the other does not."
    else:
        better = "A" if only_a_right > only_b_right else "B"
        more, fewer = max(only_a_right, only_b_right), min(only_a_right, only_b_right)
        settled = "settled" if p_value < SIGNIFICANCE else "not settled"
        text = (
            f"{better} is better: {more} photos it alone gets right against {fewer}, "
            f"p = {p_value:.2g}: {settled}."
        )
    if not same_split:
        text += (
            " Warning: the runs were tested on different photos, and only those that both tests "
            "hold are compared."
        )
    return text


def _tested(run_id: str) -> pd.DataFrame:
    table = results.predictions(run_id)
    test = table[table["split"] == "test"].drop_duplicates("sha256")
    right = (test["label"] == test["predicted"]).astype(bool)
    return test[["key", "sha256", "label"]].assign(right=right)
