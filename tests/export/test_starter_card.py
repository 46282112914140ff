"""The starter's card says what its files say."""

from __future__ import annotations

import json

from flowercore.export.starter_card import starter_card
from flowercore.runs import starter


def facts() -> list[dict]:
    names = ("run", "metrics", "calibration", "novelty")
    return [json.loads((starter.PACKAGED / f"{name}.json").read_bytes()) for name in names]


def test_the_packaged_card_is_that_of_the_packaged_files() -> None:
    card = starter.card()
    assert card == starter_card(*facts())
    assert "5-fold cross-validation on 500 photos" in card
    assert "**92.4 %**" in card
    assert "0.9961" in card


def test_without_other_photos_nothing_is_claimed_of_them() -> None:
    run, metrics, calibration, _ = facts()
    card = starter_card(run, metrics, calibration, {})
    assert "was not measured" in card
    assert "ROC" not in card


def test_a_temperature_that_helps_is_told() -> None:
    run, metrics, calibration, novelty = facts()
    scaled = {**calibration, "temperature": 1.2, "loss_before": 0.5, "loss_after": 0.4}
    assert "divided by 1.20, which lowers the log loss from 0.500 to 0.400" in starter_card(
        run, metrics, scaled, novelty
    )
