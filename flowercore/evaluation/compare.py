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
        relabelled: Of the common photos, those whose label was changed between the two runs: both
            are judged by the label of the newer run.
        only_a_tested: Test photos that A alone has.
        only_b_tested: Test photos that B alone has.
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
    relabelled: int = 0
    only_a_tested: int = 0
    only_b_tested: int = 0

    @property
    def settled(self) -> bool:
        """Whether chance alone would hardly divide the photos so unevenly."""
        return self.p_value < SIGNIFICANCE

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


def answers(run_a: str, run_b: str, names: tuple[str, str] = ("A", "B")) -> pd.DataFrame:
    """Return what two runs say of the test photos that both have.

    Photos are the same if their content is, wherever they lie. Where the label of one was changed
    between the two runs, that of the newer run counts for both.

    Args:
        run_a: Id of a run that has been tested.
        run_b: Id of another.
        names: What to call the two in an error.

    Returns:
        A row a photo: sha256, label, relabelled (whether it was changed in between), and of each
        run ``key_a``, ``said_a``, ``right_a`` and the same for b.

    Raises:
        NotFoundError: If there is no such run, one has no test photos, or they share none.
        StorageError: If a file of theirs is damaged.
    """
    return _paired(_tested(run_a, names[0]), _tested(run_b, names[1]), _newer(run_a, run_b))


def compare(run_a: str, run_b: str, names: tuple[str, str] = ("A", "B")) -> Comparison:
    """Compare two runs on their common test photos.

    Args:
        run_a: Id of a run that has been tested.
        run_b: Id of another.
        names: What to call the two in the verdict.

    Raises:
        NotFoundError: If there is no such run, one has no test photos, or they share none.
        StorageError: If a file of theirs is damaged.
    """
    left, right = _tested(run_a, names[0]), _tested(run_b, names[1])
    pairs = _paired(left, right, _newer(run_a, run_b))
    only_a = pairs["right_a"] & ~pairs["right_b"]
    only_b = pairs["right_b"] & ~pairs["right_a"]
    counts = int(only_a.sum()), int(only_b.sum())
    p_value = mcnemar_exact(*counts)
    same = len(pairs) == len(left) == len(right)
    return Comparison(
        run_a=run_a,
        run_b=run_b,
        same_split=same,
        count=len(pairs),
        both_right=int((pairs["right_a"] & pairs["right_b"]).sum()),
        only_a_right=counts[0],
        only_b_right=counts[1],
        both_wrong=int((~pairs["right_a"] & ~pairs["right_b"]).sum()),
        p_value=p_value,
        verdict=verdict(*counts, p_value, same_split=same, names=names),
        differing=tuple(pairs.loc[only_a | only_b, "key_a"]),
        relabelled=int(pairs["relabelled"].sum()),
        only_a_tested=len(left) - len(pairs),
        only_b_tested=len(right) - len(pairs),
    )


def verdict(
    only_a_right: int,
    only_b_right: int,
    p_value: float,
    *,
    same_split: bool,
    names: tuple[str, str] = ("A", "B"),
) -> str:
    """Say in a sentence or two which run is better, and whether that is settled."""
    if only_a_right == only_b_right == 0:
        text = "Neither is better: both get the same photos right."
    elif only_a_right == only_b_right:
        photos = "1 photo" if only_a_right == 1 else f"{only_a_right} photos"
        text = f"Neither is better: each gets {photos} right that the other does not."
    else:
        better = names[0] if only_a_right > only_b_right else names[1]
        more, fewer = max(only_a_right, only_b_right), min(only_a_right, only_b_right)
        settled = "settled" if p_value < SIGNIFICANCE else "not settled"
        text = (
            f"{better} is better: {more} photo{'' if more == 1 else 's'} it alone gets right "
            f"against {fewer}, {_p(p_value)}: {settled}."
        )
    if not same_split:
        text += (
            " Warning: the runs were tested on different photos, and only those that both tests "
            "hold are compared."
        )
    return text


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.2g}"


def _tested(run_id: str, name: str) -> pd.DataFrame:
    run = store.get(run_id)
    if run.active:
        raise NotFoundError(
            f"Runs are compared when they have ended. Received: {name}, which goes on."
        )
    try:
        table = results.predictions(run.id)
    except NotFoundError as error:
        raise NotFoundError(
            f"Runs are compared by what they say of photos. Received: {name}, which said nothing: "
            "it did not finish."
        ) from error
    test = table[table["split"] == "test"].drop_duplicates("sha256")
    if test.empty:
        raise NotFoundError(
            f"Runs are compared on their test photos. Received: {name}, which kept none aside "
            "(test split 0)."
        )
    right = (test["label"] == test["predicted"]).astype(bool)
    return test[["key", "sha256", "label"]].assign(said=test["predicted"], right=right)


def _newer(run_a: str, run_b: str) -> str:
    a, b = (store.get(run_id) for run_id in (run_a, run_b))
    return "a" if (a.created, a.started or "") > (b.created, b.started or "") else "b"


def _paired(left: pd.DataFrame, right: pd.DataFrame, newer: str) -> pd.DataFrame:
    pairs = left.merge(right, on="sha256", suffixes=("_a", "_b"))
    if pairs.empty:
        raise NotFoundError(
            "Two runs can be compared on test photos that both have. Received: runs that share "
            "none. Train both on the same data with the same seed and test split."
        )
    pairs["label"] = pairs[f"label_{newer}"]
    pairs["relabelled"] = pairs["label_a"] != pairs["label_b"]
    for side in "ab":
        pairs[f"right_{side}"] = pairs[f"said_{side}"] == pairs["label"]
    return pairs.drop(columns=["label_a", "label_b"])
