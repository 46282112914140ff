"""A finding is open until somebody decides; a decision that is taken back opens it again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from flowercore.audit.findings import ACROSS, EXACT, NEAR
from flowercore.audit.open_problems import open_problems, open_twins
from flowercore.data import catalog, edits
from flowercore.data.dataset import Dataset, Photo


@pytest.fixture
def mine(home: Path, tiny_dataset: Callable[..., Path]) -> Dataset:
    return catalog.import_source(tiny_dataset(classes=2, per_class=5), "mine").dataset


def findings(*photos: Photo, kind: str = "dark") -> pd.DataFrame:
    rows = [
        {"key": one.key, "sha256": one.sha256, "kind": kind, "rank": rank, "why": "x"}
        for rank, one in enumerate(photos)
    ]
    return pd.DataFrame(rows, columns=["key", "sha256", "kind", "rank", "why"])


def groups(*members: tuple[Photo, ...]) -> pd.DataFrame:
    rows = [
        {"group": number, "key": one.key, "sha256": one.sha256, "label": one.label}
        for number, photos in enumerate(members)
        for one in photos
    ]
    return pd.DataFrame(rows, columns=["group", "key", "sha256", "label"])


def still_open(table: pd.DataFrame) -> list[str]:
    data = catalog.load("mine")
    return open_problems(table, data, edits.read(data.root))["key"].tolist()


@pytest.mark.parametrize("action", edits.ACTIONS)
def test_a_decision_closes_a_finding_and_undo_opens_it(mine: Dataset, action: str) -> None:
    first, second = mine.photos[:2]
    table = findings(first, second)
    edits.add(mine, [first.key], action, label="dandelion")
    assert still_open(table) == [second.key]
    edits.undo(mine.root)
    assert still_open(table) == [first.key, second.key]


def test_a_finding_about_another_photo_of_that_name_is_gone(
    mine: Dataset, paint: Callable[..., Path]
) -> None:
    first = mine.photos[0]
    paint(mine.root / first.key, seed=123)
    assert still_open(findings(first)) == []


def test_twins_are_no_single_findings_and_nothing_found_is_no_error(mine: Dataset) -> None:
    assert still_open(findings(mine.photos[0], kind=NEAR)) == []
    assert still_open(findings()) == []
    assert open_twins(groups(), mine, ()) == []


def test_groups_come_by_weight_and_keep_the_largest(
    home: Path, tiny_dataset: Callable[..., Path]
) -> None:
    source = tiny_dataset(classes=2, per_class=5)
    original = (source / "daisy" / "daisy_000.jpg").read_bytes()
    (source / "daisy" / "copy.jpg").write_bytes(original)
    data = catalog.import_source(source, "mine").dataset
    photos = {one.key: one for one in data.photos}
    same = photos["daisy/copy.jpg"], photos["daisy/daisy_000.jpg"]
    near = photos["daisy/daisy_001.jpg"], photos["daisy/daisy_004.jpg"]  # 84 and 96 pixels wide
    across = photos["daisy/daisy_002.jpg"], photos["dandelion/dandelion_002.jpg"]
    found = open_twins(groups(near, same, across), data, ())
    assert [one.kind for one in found] == [ACROSS, EXACT, NEAR]
    assert found[0].labels == ("daisy", "dandelion")
    assert found[2].keep == near[1]
    assert found[2].others == (near[0],)


def test_a_merged_group_is_closed_and_so_is_one_that_is_kept(mine: Dataset) -> None:
    one, two, three, four = mine.photos[:4]
    table = groups((one, two), (three, four))
    edits.add(mine, [two.key], edits.EXCLUDE)
    edits.add(mine, [three.key, four.key], edits.KEEP)
    data = catalog.load("mine")
    assert open_twins(table, data, edits.read(data.root)) == []
    edits.undo(mine.root)
    data = catalog.load("mine")
    assert [g.number for g in open_twins(table, data, edits.read(data.root))] == [1]


def test_a_relabelled_twin_is_no_longer_across_classes(mine: Dataset) -> None:
    daisy, dandelion = mine.photos[0], mine.photos[-1]
    edits.add(mine, [daisy.key], edits.RELABEL, label="dandelion")
    data = catalog.load("mine")
    (group,) = open_twins(groups((daisy, dandelion)), data, edits.read(data.root))
    assert group.kind == NEAR
