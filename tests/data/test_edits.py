"""Edits change what a dataset says, never its photos, and can be taken back."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from flowercore.data import catalog, edits
from flowercore.data.class_folders import EDITS
from flowercore.data.dataset import Dataset, Photo
from flowercore.errors import DatasetError, NotFoundError, StorageError


@pytest.fixture
def mine(home: Path, tiny_dataset: Callable[..., Path]) -> Dataset:
    source = tiny_dataset(classes=2, per_class=4)
    return catalog.import_source(source, "mine").dataset


def files(dataset: Dataset) -> dict[str, bytes]:
    return {one.key: (dataset.root / one.key).read_bytes() for one in dataset.photos}


def labels(dataset: Dataset) -> dict[str, str]:
    return {one.key: one.label for one in dataset.photos}


def test_a_relabelled_photo_is_of_another_class_and_stays_where_it_lies(mine: Dataset) -> None:
    before, first = files(mine), mine.photos[0]
    edits.add(mine, [first.key], edits.RELABEL, label="dandelion", why="looks like one")
    after = catalog.load("mine")
    assert labels(after) == labels(mine) | {first.key: "dandelion"}
    assert (after.photos[0].given, after.photos[0].label) == ("daisy", "dandelion")
    assert after.counts() == {"daisy": 3, "dandelion": 5}
    assert files(after) == before
    assert catalog.load("mine", mended=False) == mine


def test_an_excluded_photo_is_out_and_can_still_be_looked_at(mine: Dataset) -> None:
    gone = [one.key for one in mine.photos[:2]]
    edits.add(mine, gone, edits.EXCLUDE)
    after = catalog.load("mine")
    assert [one.key for one in after.excluded] == gone
    assert after.counts() == {"daisy": 2, "dandelion": 4}
    assert after.path(gone[0]).is_file()


def test_each_version_has_an_identity_of_its_own(mine: Dataset) -> None:
    key = mine.photos[0].key
    seen = {mine.identity}
    for action, label in ((edits.RELABEL, "dandelion"), (edits.EXCLUDE, "")):
        edits.add(mine, [key], action, label=label)
        seen.add(catalog.load("mine").identity)
    assert len(seen) == 3
    edits.add(mine, [key], edits.KEEP)  # looked at and found right: the data are as they came
    assert catalog.load("mine").identity == mine.identity


def test_what_was_made_together_is_undone_together(mine: Dataset) -> None:
    keys = [one.key for one in mine.photos]
    edits.add(mine, keys[:1], edits.EXCLUDE)
    edits.add(mine, keys[1:3], edits.RELABEL, label="dandelion", why=["one", "two"])
    assert [one.why for one in edits.undo(mine.root)] == ["one", "two"]
    assert [one.key for one in catalog.load("mine").excluded] == keys[:1]
    assert len(edits.undo(mine.root)) == 1
    assert edits.undo(mine.root) == ()
    assert catalog.load("mine").identity == mine.identity


def test_an_earlier_edit_can_be_undone_alone(mine: Dataset) -> None:
    first, second = (one.key for one in mine.photos[:2])
    (old,) = edits.add(mine, [first], edits.EXCLUDE)
    edits.add(mine, [second], edits.EXCLUDE)
    edits.undo(mine.root, old.batch)
    assert [one.key for one in catalog.load("mine").excluded] == [second]


def test_a_photo_that_was_replaced_is_not_the_one_that_was_meant(
    mine: Dataset, paint: Callable[..., Path]
) -> None:
    first = mine.photos[0]
    edits.add(mine, [first.key], edits.EXCLUDE)
    paint(mine.root / first.key, color=(1, 2, 3), seed=99)
    assert not catalog.load("mine").excluded


def test_edits_belong_to_no_class_and_are_no_photo(mine: Dataset) -> None:
    edits.add(mine, [mine.photos[0].key], edits.KEEP)
    after = catalog.load("mine")
    assert (mine.root / EDITS).is_file()
    assert after.skipped == ()


def test_the_catalog_tells_that_something_changed(mine: Dataset) -> None:
    (before,) = catalog.entries()
    edits.add(mine, [mine.photos[0].key], edits.EXCLUDE)
    (after,) = catalog.entries()
    assert before.edited == 0 < after.edited


def test_many_edit_at_once_and_none_is_lost(mine: Dataset) -> None:
    def edit(one: Photo) -> None:
        edits.add(mine, [one.key], edits.KEEP)

    threads = [threading.Thread(target=edit, args=(one,)) for one in mine.photos]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {one.key for one in edits.read(mine.root)} == {one.key for one in mine.photos}


def test_the_table_for_a_spreadsheet_runs_nothing(mine: Dataset) -> None:
    key = mine.photos[0].key
    edits.add(mine, [key], edits.RELABEL, label="dandelion", why='=HYPERLINK("http://a.b")')
    (row,) = csv.DictReader(io.StringIO(edits.to_csv(edits.read(mine.root))))
    assert (row["photo"], row["given"], row["label"]) == (key, "daisy", "dandelion")
    assert row["why"].startswith("'=")


@pytest.mark.parametrize(
    ("keys", "action", "label", "error", "words"),
    [
        (["daisy/none.jpg"], edits.EXCLUDE, "", NotFoundError, "must belong to the dataset"),
        (["../secret"], edits.EXCLUDE, "", NotFoundError, "must belong to the dataset"),
        ([], edits.EXCLUDE, "", DatasetError, "at least one photo"),
        (None, edits.RELABEL, "orchid", DatasetError, "There is: daisy, dandelion"),
    ],
)
def test_what_cannot_be_edited_is_refused(
    mine: Dataset,
    keys: list[str] | None,
    action: str,
    label: str,
    error: type[Exception],
    words: str,
) -> None:
    chosen = [mine.photos[0].key] if keys is None else keys
    with pytest.raises(error, match=words):
        edits.add(mine, chosen, action, label=label)
    assert edits.read(mine.root) == ()


@pytest.mark.parametrize(
    "text", ["{", "[1]", "3", '[{"key": "a", "sha256": "b", "action": "burn"}]']
)
def test_a_list_changed_by_hand_is_named_and_nothing_is_lost(mine: Dataset, text: str) -> None:
    (mine.root / EDITS).write_text(text)
    with pytest.raises(StorageError, match=EDITS):
        catalog.load("mine")
    assert catalog.load("mine", mended=False) == mine
