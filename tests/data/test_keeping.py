"""Datasets are renamed and deleted at one stroke, with all that belongs to them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from flowercore.data import catalog, edits, keeping, photo, photo_index
from flowercore.errors import DatasetError, NotFoundError, StorageError

Tiny = Callable[..., Path]


@pytest.fixture
def roses(tiny_dataset: Tiny) -> Path:
    """A kept dataset of 12 photos with an edit."""
    dataset = catalog.import_source(tiny_dataset(classes=2), "roses", owner="ann").dataset
    edits.add(dataset, ["daisy/daisy_000.jpg"], edits.RELABEL, label="dandelion")
    return dataset.root


def kept(home: Path) -> list[str]:
    return sorted(p.name for p in (home / "datasets").iterdir() if not p.name.endswith(".lock"))


def test_a_renamed_dataset_keeps_photos_edits_owner_and_index(
    roses: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = catalog.load("roses")
    assert keeping.rename("roses", " My roses ") == "My roses"
    (entry,) = catalog.entries()
    assert (entry.name, entry.owner) == ("My roses", "ann")
    assert json.loads((home / "datasets" / "My roses" / "dataset.json").read_text())["name"] == (
        "My roses"
    )

    def refuse(path: Path) -> bytes:
        raise AssertionError(path)

    monkeypatch.setattr(photo, "read_photo_bytes", refuse)  # no photo is read again
    after = catalog.load("My roses")
    assert after.identity == before.identity
    assert after.counts() == {"daisy": 5, "dandelion": 7}
    with pytest.raises(NotFoundError):
        catalog.load("roses")
    assert kept(home) == ["My roses"]


def test_a_name_may_change_its_case_and_nothing_that_is_taken(
    roses: Path, tiny_dataset: Tiny, home: Path
) -> None:
    catalog.import_source(tiny_dataset(), "tulips")
    assert keeping.rename("roses", "roses") == "roses"
    assert keeping.rename("roses", "Roses") == "Roses"
    for wrong, words in (
        ("tulips", "taken"),
        ("TULIPS", "taken"),
        ("garden", "kept for the painted sample"),
        ("..", "1 to 60 letters"),
        ("<script>", "1 to 60 letters"),
        ("CON", "1 to 60 letters"),
        ("", "1 to 60 letters"),
    ):
        with pytest.raises(DatasetError, match=words):
            keeping.rename("Roses", wrong)
    assert kept(home) == ["Roses", "tulips"]


def test_a_deleted_dataset_is_gone_and_its_name_is_free(
    roses: Path, tiny_dataset: Tiny, home: Path
) -> None:
    keeping.delete("roses")
    assert catalog.entries() == []
    assert kept(home) == []
    assert photo_index.load(roses) == {}
    again = catalog.import_source(tiny_dataset(classes=3), "roses").dataset
    assert len(again.photos) == 18
    assert catalog.load("roses").counts() == {"daisy": 6, "dandelion": 6, "rose": 6}


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../datasets/roses", ".import-1", "gone", "x" * 9999]
)
def test_only_datasets_can_be_renamed_and_deleted(roses: Path, home: Path, name: str) -> None:
    (home / "datasets" / ".import-1").mkdir()
    with pytest.raises(NotFoundError, match="no dataset of that name"):
        keeping.delete(name)
    with pytest.raises(NotFoundError, match="no dataset of that name"):
        keeping.rename(name, "other")
    assert roses.is_dir()


def test_the_garden_stays(tiny_dataset: Tiny, home: Path) -> None:
    catalog.import_source(tiny_dataset(), "roses")
    (home / "datasets" / "roses").rename(home / "datasets" / "garden")
    with pytest.raises(DatasetError, match="cannot be deleted"):
        keeping.delete("garden")
    with pytest.raises(DatasetError, match="cannot be renamed"):
        keeping.rename("garden", "other")


def test_a_lost_description_is_no_reason_to_keep_a_dataset(roses: Path, home: Path) -> None:
    (roses / "dataset.json").write_text("{")
    assert keeping.rename("roses", "other") == "other"
    keeping.delete("other")
    assert kept(home) == []


def test_what_a_killed_deletion_left_is_cleared_away(
    roses: Path, tiny_dataset: Tiny, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(path: Path) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(keeping.shutil, "rmtree", killed)
        with pytest.raises(StorageError):
            keeping.delete("roses")
    assert catalog.entries() == []
    assert kept(home)[0].startswith(".deleted-")
    catalog.import_source(tiny_dataset(), "next")
    assert kept(home) == ["next"]
