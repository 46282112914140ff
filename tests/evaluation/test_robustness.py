"""What a run can bear: counted right, kept whole, and told in a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from flowercore.data.corruptions import KINDS, NOISE
from flowercore.evaluation.intervals import wilson_interval
from flowercore.evaluation.robustness import Level, kept
from flowercore.runs import robustness_file, store
from tests.evaluation.borne import borne


def test_a_level_counts_what_was_named_right() -> None:
    true = np.array([0, 1, 1, 0])
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.5, 0.5]])
    level = Level.of(true, probabilities)
    assert (level.right, level.count) == (3, 4)
    assert level.probability == pytest.approx((0.9 + 0.8 + 0.4 + 0.5) / 4)
    assert level.accuracy == 0.75
    assert level.interval == wilson_interval(3, 4)


def test_the_most_harmful_kind_is_named_with_what_it_costs() -> None:
    found = borne(noise=[85, 70, 52, 40, 20], blur=[87, 86, 70, 60, 50])
    assert found.worst == "noise"
    assert found.sentence == (
        "It loses most to noise: 87 % to 52 % at strength 3, and to 20 % at strength 5."
    )
    assert "It loses most to too little light" in borne(darker=[80, 60, 40, 30, 20]).sentence


def test_what_chance_may_do_is_no_harm() -> None:
    found = borne(jpeg=[87, 86, 85, 83, 84])
    assert found.sentence == (
        "Nothing harms it more than chance may: 87 % on the photos as they are, and at least 83 % "
        "under JPEG compression, which costs most."
    )


def test_it_is_kept_whole(home: Path) -> None:
    run = store.new_run({}, visitor="", held_by="nobody")
    assert kept(run.id) is None
    found = borne(noise=[85, 70, 52, 40, 20])
    robustness_file.write(run.id, found.to_dict())
    assert kept(run.id) == found
    assert list(found.kinds) == list(KINDS)


def test_its_numbers_are_ready_for_programs() -> None:
    found = json.loads(json.dumps(borne(noise=[85, 70, 52, 40, 20]).numbers(), allow_nan=False))
    assert (found["photos"], found["missing"], found["unreadable"]) == (100, 3, 1)
    assert found["worst"] == "noise"
    assert found["kinds"]["noise"][2] == {
        "strength": 3,
        "amount": NOISE[2],
        "accuracy": 0.52,
        "accuracy_interval": list(wilson_interval(52, 100)),
        "probability": 0.52,
    }
    assert found["plain"]["accuracy"] == 0.87
