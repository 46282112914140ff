"""Collected photos become a dataset, or more of one, all of them or none."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from flowercore.data import catalog, collecting, drafts, edits
from flowercore.errors import DatasetError, NotFoundError, PhotoError, StorageError

Collect = Callable[..., None]


@pytest.fixture
def collect(paint: Callable[..., Path], tmp_path: Path) -> Collect:
    """Collect photos: ``collect(rose=3, tulip=4)``."""

    def add(target: str = "", first: int = 0, **classes: int) -> None:
        seed = first
        for label, count in classes.items():
            for _ in range(count):
                seed += 1
                data = paint(tmp_path / "snap.jpg", seed=seed).read_bytes()
                drafts.add("ann", target, label, data, name="photo.jpg")

    return add


@pytest.fixture
def mine(tiny_dataset: Callable[..., Path]) -> Path:
    """Ann's dataset: 2 classes of 6 photos."""
    return catalog.import_source(tiny_dataset(classes=2), "mine", owner="ann").dataset.root


def files(root: Path) -> list[str]:
    return sorted(p.relative_to(root).as_posix() for p in root.rglob("*.jpg"))


def test_collected_photos_become_a_dataset_of_whoever_took_them(collect: Collect) -> None:
    collect(rose=3, tulip=4)
    dataset = collecting.make_dataset("ann", "our table")
    assert dataset.counts() == {"rose": 3, "tulip": 4}
    (entry,) = catalog.entries()
    assert (entry.name, entry.owner, entry.origin) == (
        "our table",
        "ann",
        "collected photo by photo",
    )
    assert catalog.load("our table").identity == dataset.identity
    assert drafts.look("ann").photos == ()


def test_too_few_photos_or_a_taken_name_leave_the_draft_as_it_is(
    collect: Collect, mine: Path
) -> None:
    collect(rose=2, tulip=4)
    for name, words in (("ours", "'rose' with 2"), ("MINE", "taken"), ("..", "1 to 60 letters")):
        with pytest.raises(DatasetError, match=words):
            collecting.make_dataset("ann", name)
    assert drafts.look("ann").counts() == {"rose": 2, "tulip": 4}
    assert [entry.name for entry in catalog.entries()] == ["mine"]
    with pytest.raises(DatasetError, match="no photo in a class folder"):
        collecting.make_dataset("ben", "ours")


def test_photos_are_added_to_a_class_and_as_a_new_one(collect: Collect, mine: Path) -> None:
    before = catalog.entries()[0]
    dataset = catalog.load("mine")
    edits.add(dataset, ["daisy/daisy_000.jpg"], edits.EXCLUDE)
    collect("mine", Daisy=2, tulip=3)
    added = collecting.add_to_dataset("ann", "mine")
    assert (added.added, added.known) == ({"daisy": 2, "tulip": 3}, 0)
    (entry,) = catalog.entries()
    assert entry.classes == {"daisy": 8, "dandelion": 6, "tulip": 3}
    assert (entry.owner, entry.origin) == (before.owner, before.origin)
    assert entry.changed > before.changed
    now = catalog.load("mine")
    assert now.counts() == {"daisy": 7, "dandelion": 6, "tulip": 3}
    assert now.identity != dataset.identity
    assert drafts.look("ann", "mine").photos == ()


def test_what_a_class_has_already_is_not_there_twice(mine: Path) -> None:
    data = (mine / "daisy" / "daisy_000.jpg").read_bytes()
    drafts.add("ann", "mine", "daisy", data, name="x.jpg")
    added = collecting.add_to_dataset("ann", "mine")
    assert (added.added, added.known) == ({}, 1)
    assert len(files(mine)) == 12
    with pytest.raises(DatasetError, match="At least one photo"):
        collecting.add_to_dataset("ann", "mine")


def test_a_new_class_that_is_too_small_changes_nothing(collect: Collect, mine: Path) -> None:
    before = files(mine)
    collect("mine", tulip=2, daisy=1)
    with pytest.raises(DatasetError, match="'tulip' with 2"):
        collecting.add_to_dataset("ann", "mine")
    assert files(mine) == before
    assert catalog.entries()[0].classes == {"daisy": 6, "dandelion": 6}
    assert drafts.look("ann", "mine").counts() == {"daisy": 1, "tulip": 2}


@pytest.mark.parametrize("at", [1, 4])
def test_a_disk_that_is_full_midway_changes_nothing(
    collect: Collect, mine: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    before = files(mine)
    collect("mine", daisy=2, tulip=4)
    real, calls = os.link, []

    def full(*arguments: Path) -> None:
        calls.append(arguments)
        if len(calls) == at:
            raise OSError(errno.EXDEV, "another disk")
        real(*arguments)

    def no_room(*arguments: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "link", full)
        patch.setattr(collecting.shutil, "copy2", no_room)
        with pytest.raises(StorageError, match="disk is full"):
            collecting.add_to_dataset("ann", "mine")
    assert len(calls) == at
    assert files(mine) == before
    assert not (mine / "tulip").exists()
    assert catalog.load("mine").skipped == ()
    collecting.add_to_dataset("ann", "mine")
    assert catalog.load("mine").counts()["tulip"] == 4


def test_a_dataset_that_is_gone_gets_no_photos(collect: Collect) -> None:
    collect("gone", rose=3)
    with pytest.raises(NotFoundError):
        collecting.add_to_dataset("ann", "gone")
    assert drafts.look("ann", "gone").counts() == {"rose": 3}


def test_one_photo_is_added_and_what_was_collected_stays(
    collect: Collect, mine: Path, paint: Callable[..., Path], tmp_path: Path
) -> None:
    collect("mine", daisy=2)
    data = paint(tmp_path / "new.jpg", seed=99).read_bytes()
    before = catalog.load("mine").identity
    added = collecting.add_photo("ann", "mine", "daisy", data, photo="new.jpg")
    assert (added.added, added.known) == ({"daisy": 1}, 0)
    now = catalog.load("mine")
    assert now.identity != before
    assert now.counts() == {"daisy": 7, "dandelion": 6}
    assert next(one for one in catalog.entries() if one.name == "mine").classes["daisy"] == 7
    assert len(drafts.look("ann", "mine").photos) == 2
    again = collecting.add_photo("ann", "mine", "daisy", data, photo="new.jpg")
    assert (again.added, again.known) == ({}, 1)
    assert not [path for path in mine.parent.iterdir() if path.name.startswith(".import-")]


@pytest.mark.parametrize(("label", "data"), [("../up", None), ("daisy", b"no photo")])
def test_what_is_no_photo_or_no_class_is_not_added(
    mine: Path, paint: Callable[..., Path], tmp_path: Path, label: str, data: bytes | None
) -> None:
    before = files(mine)
    given = paint(tmp_path / "new.jpg").read_bytes() if data is None else data
    with pytest.raises((DatasetError, PhotoError)):
        collecting.add_photo("ann", "mine", label, given, photo="new.jpg")
    assert files(mine) == before
