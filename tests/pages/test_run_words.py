from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flowercore.evaluation.compare import Comparison
from flowercore.runs.store import Run
from flowercore.training.config import TrainConfig
from flowercore.training.recipes import recipe
from ui.run_words import settings_of, summary, verdict, weights


def run_of(config: TrainConfig) -> Run:
    return Run("20251124-080000-000000", "finished", config=config.to_dict())


def said(config: TrainConfig) -> str:
    return summary(run_of(config), config)


def test_the_usual_settings_are_told_in_short() -> None:
    config = TrainConfig(data="garden")
    assert said(config) == "garden · 25 epochs · batch 16 · rate 0.001 · seed 42"


def test_what_differs_from_the_usual_is_told_as_well() -> None:
    config = TrainConfig(
        data="garden", epochs=1, dropout=0.3, schedule="cosine", flip_average=True, augment=8
    )
    line = said(config)
    assert line.startswith("garden · 1 epoch · batch 16")
    for words in ("8 augmented views", "dropout 0.3", "cosine rate", "mirror image"):
        assert words in line
    assert "flip and crop" not in line


def test_fine_tuning_says_from_which_block() -> None:
    (config,) = recipe("fine-tune", "garden")
    assert f"trained from {config.fine_tune_from} on" in said(config)


def test_a_network_from_scratch_has_no_epochs_of_a_head() -> None:
    scratch = recipe("control", "garden")[-1]
    line = said(scratch)
    assert line.startswith("garden · Small ConvNet from scratch · batch")
    assert "trained everything" in line


@pytest.mark.parametrize(
    "change",
    [
        {"epochs": "x"},
        {"backbone": "none such"},
        {"augmentations": 3},
        {"name": 7},
        {"learning_rate": None},
    ],
    ids=lambda change: next(iter(change)),
)
def test_settings_that_were_edited_by_hand_cannot_be_read(change: dict[str, Any]) -> None:
    run = run_of(TrainConfig(data="garden"))
    run.config.update(change)
    assert settings_of(run) is None
    assert summary(run, None) == "Its settings cannot be read."


def test_settings_are_read_back() -> None:
    (config,) = recipe("fine-tune", "garden")
    assert settings_of(run_of(config)) == config


def test_large_numbers_of_weights_are_shortened() -> None:
    assert weights(6_405) == "6,405"
    assert weights(3_083_200) == "3.08 M"


NAMES = {"a": "Plain", "b": "Tuned"}


@pytest.fixture
def comparison() -> Comparison:
    return Comparison("a", "b", True, 100, 80, 9, 7, 4, 0.8, "Plain is better: not settled.", ())


def test_a_difference_that_chance_may_give_is_not_called_better(comparison: Comparison) -> None:
    assert verdict([comparison], NAMES) == (
        "Plain is ahead of Tuned, and that is not settled: 9 photos it alone gets right against 7 "
        "(p = 0.8), which may be chance."
    )
    turned = replace(comparison, only_a_right=0, only_b_right=1, same_split=False)
    text = verdict([turned], NAMES)
    assert text.startswith("Tuned is ahead of Plain, and that is not settled: 1 photo it alone")
    assert text.endswith("They were tested on different photos.")


def test_a_settled_difference_and_a_tie_stand_as_they_are(comparison: Comparison) -> None:
    settled = replace(comparison, p_value=0.001, verdict="One is better: settled.")
    tie = replace(comparison, only_b_right=9, p_value=1.0, verdict="Neither is better.")
    assert verdict([settled, tie], NAMES) == "One is better: settled. Neither is better."
