"""What is said of a suspect follows from the numbers, whichever way they come out."""

from __future__ import annotations

import pandas as pd
import pytest

from flowercore.evaluation.compare import Comparison, mcnemar_exact
from flowercore.teaching import suspects
from flowercore.teaching.validation_noise import ValidationNoise


def pair(only_right: int, only_suspect: int, count: int = 100) -> Comparison:
    return Comparison(
        run_a="a",
        run_b="b",
        same_split=True,
        count=count,
        both_right=count - only_right - only_suspect,
        only_a_right=only_right,
        only_b_right=only_suspect,
        both_wrong=0,
        p_value=mcnemar_exact(only_right, only_suspect),
        verdict="",
        differing=(),
    )


@pytest.mark.parametrize(
    ("only_right", "only_suspect", "word"),
    [
        (16, 0, "guilty"),
        (12, 2, "guilty"),
        (0, 0, "innocent"),
        (1, 1, "innocent"),
        (0, 12, "innocent"),
        (3, 2, "not settled"),
        (7, 3, "not settled"),
        (5, 5, "not settled"),
    ],
)
def test_a_pair_of_runs(only_right: int, only_suspect: int, word: str) -> None:
    found = suspects.of_pair(pair(only_right, only_suspect))
    assert found.word == word
    assert str(only_suspect) in found.sentence


def test_the_sentence_tells_what_it_costs() -> None:
    said = suspects.of_pair(pair(16, 0)).sentence
    assert said.startswith("It costs 16.0 points (8 to 23 points): 16 photos only the right way")
    assert "p < 0.001" in said
    assert "wins 12.0 points" in suspects.of_pair(pair(0, 12)).sentence
    assert "costs nothing here" in suspects.of_pair(pair(5, 5)).sentence
    assert "a gain of 2 to a loss of 10 points" in suspects.of_pair(pair(7, 3)).sentence
    assert "It costs 1.9 points at most" in suspects.of_pair(pair(0, 0)).sentence


def noise(right: int, tested: int = 100) -> ValidationNoise:
    return ValidationNoise(40, tested, 360, (34, 36, 38), (right, right, right))


@pytest.mark.parametrize(
    ("right", "word"), [(76, "guilty"), (86, "not settled"), (94, "innocent"), (100, "innocent")]
)
def test_chance(right: int, word: str) -> None:
    found = suspects.of_noise(noise(right))
    assert found.word == word
    assert "or less come out with a probability of" in found.sentence


def test_chance_is_told_for_few_photos_and_for_the_test() -> None:
    said = suspects.of_noise(noise(86)).sentence.replace("\u202f", " ")
    assert "right on 86 % names 30 to 38 of 40 photos rightly" in said
    assert "72 % or less come out with a probability of" in said
    few, many = noise(86).chance_of(0.72), noise(86).chance_of(0.72, tested=True)
    assert many < few
    assert f"{100 * few:.2g} % on 40 photos, and of {100 * many:.2g} % on the 100 test" in said


def test_the_worst_word_is_the_card_s() -> None:
    verdicts = [suspects.of_pair(pair(3, 2)), suspects.of_pair(pair(16, 0))]
    assert suspects.worst(verdicts) == "guilty"
    assert suspects.worst(verdicts[:1]) == "not settled"


def test_which_run_stands_for_what() -> None:
    configs = [
        {},
        {"preprocessing": "notebook"},
        {"batch_norm": "moving", "preprocessing": "notebook"},
        {"batch_norm": "batch"},
    ]
    assert [suspects.role(one) for one in configs] == list(suspects.ROLES)


def test_how_it_ended_beside_the_notebook() -> None:
    table = pd.DataFrame(
        {"accuracy": [0.5, 0.89], "val_accuracy": [0.4, 0.675], "val_loss": [2.0, 0.954]}
    )
    said = suspects.sign(table)
    assert "89 % of the training photos" in said
    assert "68 % of the validation photos, with a validation loss of 0.95" in said
    assert "97 % beside a validation loss of 7 to 10" in said
    assert suspects.sign(table.assign(val_loss=None)) == ""
    assert suspects.sign(table.iloc[:0]) == ""


def test_which_run_comes_nearest() -> None:
    said = suspects.nearest({"one": (0.9, (0.82, 0.94)), "other": (0.75, (0.65, 0.82))})
    assert said == (
        "Nearest to 72 % comes “other” with 75 %, and its interval, 65 % to 82 %, holds it."
    )
    assert "does not hold it" in suspects.nearest({"one": (0.9, (0.82, 0.94))})
