"""Which run is better: the exact test's numbers, and the words for them."""

from __future__ import annotations

import pandas as pd
import pytest
from scipy.stats import binomtest

from flowercore.errors import NotFoundError
from flowercore.evaluation.compare import answers, compare, mcnemar_exact, verdict
from flowercore.runs import holder, results, store


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


def test_both_answers_to_every_common_photo_are_told() -> None:
    a = run_with({"1": ("rose", "rose"), "2": ("rose", "tulip"), "9": ("rose", "rose")})
    b = run_with({"2": ("rose", "rose"), "1": ("rose", "daisy")})
    table = answers(a, b).sort_values("sha256").set_index("sha256")
    assert table.index.tolist() == ["1", "2"]
    assert table["said_a"].tolist() == ["rose", "tulip"]
    assert table["said_b"].tolist() == ["daisy", "rose"]
    assert table["right_a"].tolist() == [True, False]
    assert table["right_b"].tolist() == [False, True]
    assert table["key_a"].tolist() == table["key_b"].tolist() == ["rose/1.jpg", "rose/2.jpg"]


def test_runs_on_different_photos_are_compared_with_a_warning() -> None:
    a = run_with({"1": ("rose", "rose"), "2": ("rose", "rose")})
    b = run_with({"2": ("rose", "tulip"), "3": ("rose", "rose")})
    found = compare(a, b)
    assert (found.count, found.only_a_right, found.only_b_right) == (1, 1, 0)
    assert not found.same_split
    assert "Warning" in found.verdict


def test_a_changed_label_counts_for_both() -> None:
    before = run_with({"1": ("rose", "tulip"), "2": ("rose", "rose"), "3": ("rose", "rose")})
    after = run_with({"1": ("tulip", "tulip"), "2": ("rose", "tulip")})
    store.update(store.get(before), created="2026-01-01T00:00:00+00:00")
    for found in (compare(before, after), compare(after, before)):
        assert (found.count, found.relabelled, found.both_right) == (2, 1, 1)
        assert {found.only_a_tested, found.only_b_tested} == {1, 0}
        assert not found.same_split
    assert compare(before, after).only_a_right == 1
    table = answers(before, after).set_index("sha256")
    assert table["label"].to_dict() == {"1": "tulip", "2": "rose"}
    assert table["right_a"].to_dict() == {"1": True, "2": True}


def test_runs_without_a_common_test_photo_cannot_be_compared() -> None:
    a = run_with({"1": ("rose", "rose")})
    with pytest.raises(NotFoundError, match="share none"):
        compare(a, run_with({"2": ("rose", "rose")}))


def test_a_run_that_cannot_be_compared_is_named_in_the_reason() -> None:
    a = run_with({"1": ("rose", "rose")})
    untested = run_with({"1": ("rose", "rose")}, split="train")
    with pytest.raises(NotFoundError, match=r"test photos. Received: “b”, which kept none aside"):
        compare(a, untested, ("“a”", "“b”"))
    failed = store.new_run({}, visitor="", held_by="")
    store.update(failed, status="failed")
    with pytest.raises(NotFoundError, match="Received: A, which said nothing: it did not finish"):
        compare(failed.id, a)
    name = holder.new_name()
    with holder.held(name):
        active = store.new_run({}, visitor="", held_by=name)
        with pytest.raises(
            NotFoundError, match=r"when they have ended. Received: B, which goes on"
        ):
            compare(a, active.id)


def test_the_verdict_says_whether_it_is_settled() -> None:
    words = verdict(2, 9, mcnemar_exact(2, 9), same_split=True)
    assert words == ("B is better: 9 photos it alone gets right against 2, p = 0.065: not settled.")
    assert "A is better" in verdict(12, 0, mcnemar_exact(12, 0), same_split=True)
    assert verdict(12, 0, mcnemar_exact(12, 0), same_split=True).endswith(": settled.")
    assert verdict(12, 0, mcnemar_exact(12, 0), same_split=True).endswith("p < 0.001: settled.")


def test_the_verdict_calls_the_runs_by_name() -> None:
    names = ("“head”", "“fine-tuned”")
    assert verdict(2, 9, mcnemar_exact(2, 9), same_split=True, names=names).startswith(
        "“fine-tuned” is better: 9 photos it alone gets right against 2"
    )
    a = run_with({"1": ("rose", "rose"), "2": ("rose", "rose")})
    b = run_with({"1": ("rose", "tulip"), "2": ("rose", "rose")})
    found = compare(a, b, names)
    assert (
        found.verdict
        == "“head” is better: 1 photo it alone gets right against 0, p = 1: not settled."
    )
    assert not found.settled


def test_runs_that_are_equally_good_are_not_ranked() -> None:
    assert verdict(0, 0, 1.0, same_split=True) == (
        "Neither is better: both get the same photos right."
    )
    assert verdict(1, 1, 1.0, same_split=True) == (
        "Neither is better: each gets 1 photo right that the other does not."
    )


def test_what_is_settled_begins_below_the_usual_bar() -> None:
    right = {str(n): ("rose", "rose") for n in range(6)}
    wrong = {str(n): ("rose", "tulip") for n in range(6)}
    assert mcnemar_exact(6, 0) == 0.03125
    assert compare(run_with(right), run_with(wrong)).settled
    assert mcnemar_exact(5, 0) == 0.0625
    assert not compare(run_with(right), run_with({**wrong, "0": ("rose", "rose")})).settled
