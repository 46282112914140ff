"""Which run is better: the exact test's numbers, and the words for them."""

from __future__ import annotations

import pandas as pd
import pytest
from scipy.stats import binomtest

from flowercore.errors import NotFoundError
from flowercore.evaluation.compare import compare, mcnemar_exact, verdict
from flowercore.runs import results, store


@pytest.mark.parametrize(
    ("a", "b"), [(0, 0), (1, 0), (2, 9), (9, 2), (5, 5), (0, 12), (30, 51), (400, 480)]
)
def test_the_p_value_is_the_exact_binomials(a: int, b: int) -> None:
    reference = binomtest(a, a + b, 0.5).pvalue if a + b else 1.0
    assert mcnemar_exact(a, b) == pytest.approx(reference, abs=1e-9)


def run_with(answers: dict[str, tuple[str, str]], split: str = "test") -> str:
    run = store.new_run({}, visitor="", held_by="")
    store.update(run, status="finished")
    rows = [
        {"key": f"{label}/{sha}.jpg", "sha256": sha, "split": split, "label": label, "predicted": p}
        for sha, (label, p) in answers.items()
    ]
    results.write_predictions(run.id, pd.DataFrame(rows))
    return run.id


def test_photos_are_paired_by_their_content() -> None:
    a = run_with({"1": ("rose", "rose"), "2": ("rose", "tulip"), "3": ("tulip", "tulip")})
    b = run_with({"3": ("tulip", "rose"), "1": ("rose", "rose"), "2": ("rose", "rose")})
    found = compare(a, b)
    assert (found.count, found.both_right, found.both_wrong) == (3, 1, 0)
    assert (found.only_a_right, found.only_b_right) == (1, 1)
    assert found.same_split
    assert set(found.differing) == {"rose/2.jpg", "tulip/3.jpg"}
    assert found.verdict.startswith("Neither is better")


def test_runs_on_different_photos_are_compared_with_a_warning() -> None:
    a = run_with({"1": ("rose", "rose"), "2": ("rose", "rose")})
    b = run_with({"2": ("rose", "tulip"), "3": ("rose", "rose")})
    found = compare(a, b)
    assert (found.count, found.only_a_right, found.only_b_right) == (1, 1, 0)
    assert not found.same_split
    assert "Warning" in found.verdict


def test_runs_without_a_common_test_photo_cannot_be_compared() -> None:
    a = run_with({"1": ("rose", "rose")})
    with pytest.raises(NotFoundError, match="share none"):
        compare(a, run_with({"2": ("rose", "rose")}))
    with pytest.raises(NotFoundError, match="share none"):
        compare(a, run_with({"1": ("rose", "rose")}, split="train"))


def test_the_verdict_says_whether_it_is_settled() -> None:
    words = verdict(2, 9, mcnemar_exact(2, 9), same_split=True)
    assert words == ("B is better: 9 photos it alone gets right against 2, p = 0.065: not settled.")
    assert "A is better" in verdict(12, 0, mcnemar_exact(12, 0), same_split=True)
    assert verdict(12, 0, mcnemar_exact(12, 0), same_split=True).endswith(": settled.")
