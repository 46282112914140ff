"""Which runs are looked at side by side, and the sign that each keeps."""

from __future__ import annotations

from flowercore.runs.store import Run
from ui import compare_choice


def test_runs_take_the_first_signs_that_are_free() -> None:
    assert compare_choice.assigned(["a", "b", "c"], {}) == {"a": 0, "b": 1, "c": 2}


def test_a_run_keeps_its_sign_when_others_come_and_go() -> None:
    before = {"a": 0, "b": 1, "c": 2}
    assert compare_choice.assigned(["c", "d"], before) == {"c": 2, "d": 0}
    assert compare_choice.assigned(["d", "b", "e"], before) == {"b": 1, "d": 0, "e": 2}


def test_no_sign_is_given_twice() -> None:
    # Both had the first sign, at different times.
    given = compare_choice.assigned(["a", "x"], {"a": 0, "x": 0})
    assert given == {"a": 0, "x": 1}
    ids = [str(number) for number in range(compare_choice.MOST)]
    full = compare_choice.assigned(ids, dict.fromkeys(ids, 3))
    assert sorted(full.values()) == list(range(compare_choice.MOST))


def test_runs_of_an_experiment_come_in_the_order_in_which_they_were_asked_for() -> None:
    runs = [
        Run("3", "finished", config={"experiment": "e"}),
        Run("2", "finished", config={}),
        Run("1", "finished", config={"experiment": "e"}),
    ]
    assert compare_choice.of_experiment(runs, "e") == ["1", "3"]
    assert compare_choice.of_experiment(runs, "") == []
