"""After mending, the same photos are the test, and what changed in it is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from flowercore.data import catalog, edits
from flowercore.data.dataset import Dataset
from flowercore.errors import ConfigError, NotFoundError
from flowercore.runs import results, store
from flowercore.training.config import TrainConfig
from flowercore.training.plan import Plan, make_plan

PARTS = ("train", "validation", "test")


@pytest.fixture
def mine(home: Path, tiny_dataset: Callable[..., Path]) -> Dataset:
    return catalog.import_source(tiny_dataset(classes=2, per_class=8), "mine").dataset


@pytest.fixture
def before(mine: Dataset) -> tuple[str, Plan]:
    """A run that has ended, as far as its split goes."""
    plan = make_plan(mine, mine.photos, TrainConfig(data="mine", seed=7))
    run = store.new_run({"data": "mine"}, visitor="", held_by="")
    rows = [
        {
            "key": plan.photos[row].key,
            "sha256": plan.photos[row].sha256,
            "split": part,
            "label": plan.photos[row].label,
            "predicted": plan.photos[row].label,
        }
        for part in PARTS
        for row in getattr(plan.split, part)
    ]
    results.write_predictions(run.id, pd.DataFrame(rows))
    return run.id, plan


def keys(plan: Plan, part: str) -> set[str]:
    return {plan.photos[row].key for row in getattr(plan.split, part)}


def again(run_id: str) -> Plan:
    data = catalog.load("mine")
    return make_plan(data, data.photos, TrainConfig(data="mine", seed=1, split_from=run_id))


def test_every_photo_serves_for_the_same_whatever_the_seed(before: tuple[str, Plan]) -> None:
    run_id, plan = before
    after = again(run_id)
    assert {part: keys(after, part) for part in PARTS} == {p: keys(plan, p) for p in PARTS}
    assert after.identity() == plan.identity()
    assert after.notes == ("Tested on the same photos as the run before: 4 of 4.",)


def test_what_changed_in_the_test_is_said(mine: Dataset, before: tuple[str, Plan]) -> None:
    run_id, plan = before
    tested = sorted(keys(plan, "test"))
    first, last = tested[0], tested[-1]
    edits.add(mine, [first], edits.EXCLUDE)
    edits.add(mine, [last], edits.RELABEL, label="daisy")
    after = again(run_id)
    assert keys(after, "test") == set(tested) - {first}
    labels = {after.photos[row].key: after.labels[row] for row in after.split.test}
    assert labels[last] == 0
    (note,) = after.notes
    assert "3 of 4" in note
    assert "1 photo was taken out since" in note
    assert "1 photo carries another label" in note


def test_new_photos_are_learned_from(
    mine: Dataset, before: tuple[str, Plan], paint: Callable[..., Path]
) -> None:
    run_id, plan = before
    paint(mine.root / "daisy" / "new.jpg", seed=77)
    after = again(run_id)
    assert keys(after, "train") == keys(plan, "train") | {"daisy/new.jpg"}
    assert after.notes[-1] == "1 photo is new and learned from."


def test_a_class_that_would_not_be_learned_is_refused(
    mine: Dataset, before: tuple[str, Plan]
) -> None:
    run_id, plan = before
    learned = [key for key in keys(plan, "train") if key.startswith("daisy")]
    edits.add(mine, learned, edits.RELABEL, label="dandelion")
    with pytest.raises(ConfigError, match="none of daisy"):
        again(run_id)


def test_a_run_that_is_gone_is_named(mine: Dataset) -> None:
    config = replace(TrainConfig(data="mine"), split_from="20260101-000000-abcdef")
    with pytest.raises(NotFoundError):
        make_plan(mine, mine.photos, config)


def test_twins_stay_on_one_side(mine: Dataset) -> None:
    twins = {one.sha256: one.key[-7:-4] for one in mine.photos if one.label == "daisy"}
    twins |= {one.sha256: "same" for one in mine.photos[:4]}
    for seed in range(5):
        plan = make_plan(mine, mine.photos, TrainConfig(data="mine", seed=seed), twins)
        together = {
            part
            for part in PARTS
            for key in keys(plan, part)
            if key in {one.key for one in mine.photos[:4]}
        }
        assert len(together) == 1


def test_a_class_of_photos_that_are_all_alike_is_trained_on_and_that_is_said(
    mine: Dataset,
) -> None:
    config = TrainConfig(data="mine")
    alike = {one.sha256: one.label for one in mine.photos}
    plan = make_plan(mine, mine.photos, config, alike)
    assert keys(plan, "test") == keys(make_plan(mine, mine.photos, config), "test")
    assert "near-duplicates could not be kept" in plan.notes[0]
