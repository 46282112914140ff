"""Photos that are collected one by one: kept on disk, shown per class, taken out again."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from flowercore.data import drafts
from flowercore.errors import DatasetError, NotFoundError, PhotoError, StorageError
from flowercore.settings import settings

Take = Callable[..., drafts.DraftPhoto]


@pytest.fixture
def snap(paint: Callable[..., Path], tmp_path: Path) -> Callable[[int], bytes]:
    """Return another picture for each number."""
    return lambda number: paint(tmp_path / "snap.jpg", seed=number).read_bytes()


@pytest.fixture
def take(snap: Callable[[int], bytes]) -> Take:
    """Take a picture: ``take("rose", 1)``."""

    def add(label: str, number: int, visitor: str = "ann", target: str = "") -> drafts.DraftPhoto:
        return drafts.add(visitor, target, label, snap(number), name="photo.jpg")

    return add


def test_photos_are_counted_by_class_in_the_order_in_which_they_came(take: Take) -> None:
    for number, label in enumerate(("rose", "daisy", "rose", "Rose ", "daisy")):
        take(label, number)
    draft = drafts.look("ann")
    assert draft.counts() == {"daisy": 2, "rose": 3}
    assert [one.label for one in draft.photos] == ["rose", "daisy", "rose", "rose", "daisy"]
    assert all(one.path.is_file() for one in draft.photos)


def test_each_visitor_and_each_target_has_its_own(take: Take) -> None:
    take("rose", 1)
    take("rose", 2, visitor="ben")
    take("rose", 3, target="mine")
    assert len(drafts.look("ann").photos) == 1
    assert len(drafts.look("ann", "mine").photos) == 1
    assert len(drafts.look("ben").photos) == 1
    drafts.discard("ann")
    drafts.discard("ann")
    assert drafts.look("ann").photos == ()
    assert len(drafts.look("ann", "mine").photos) == 1
    assert len(drafts.look("ben").photos) == 1


def test_the_same_photo_is_there_once_and_in_one_class(take: Take) -> None:
    first = take("rose", 1)
    assert take("rose", 1) == first
    with pytest.raises(PhotoError, match=r"belongs to one class.*among the photos of 'rose'"):
        take("tulip", 1)
    assert drafts.look("ann").counts() == {"rose": 1}


def test_a_photo_is_taken_out(take: Take) -> None:
    first, second = take("rose", 1), take("tulip", 2)
    drafts.remove("ann", "", first.key)
    assert drafts.look("ann").photos == (second,)
    assert not first.path.parent.exists()
    for wrong in (first.key, "../x", "", "tulip/../../x"):
        with pytest.raises(NotFoundError):
            drafts.remove("ann", "", wrong)
    assert take("rose", 3).path.name.startswith("0003-")


@pytest.mark.parametrize(
    "label",
    [
        *("", "  ", "..", ".", ".hidden", "a/b", "a\\b", "<script>", "CON", "nul.txt", "x" * 300),
        *("a\nb", "a\u202eb", "__MACOSX", "Thumbs.db", "dataset.json", "edits.json", "end."),
    ],
)
def test_class_names_that_are_no_folder_names_are_refused(take: Take, label: str) -> None:
    with pytest.raises(DatasetError, match="usable as the name of a folder"):
        take(label, 1)
    assert drafts.look("ann").photos == ()


@pytest.mark.parametrize(
    "label", ["rose", "Zinnie (rot)", "🌹", "ורד", "وردة حمراء", "花", "x" * 80]
)
def test_class_names_of_all_scripts_are_taken(take: Take, label: str) -> None:
    assert take(f" {label} ", 1).label == label


def test_what_is_no_photo_is_refused(snap: Callable[[int], bytes]) -> None:
    whole = snap(1)
    for data in (b"", b"text", whole[:100], whole[: len(whole) // 2]):
        with pytest.raises(PhotoError):
            drafts.add("ann", "", "rose", data, name="x.jpg")
    assert drafts.look("ann").photos == ()


def test_a_draft_has_its_limits(take: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "PHOTOS_MAX", 2)
    take("rose", 1)
    take("rose", 2)
    with pytest.raises(DatasetError, match="At most 2 photos"):
        take("rose", 3)
    monkeypatch.setattr(drafts, "PHOTOS_MAX", 100)
    monkeypatch.setenv("FLOWERCORE_ARCHIVE_BYTES", "100")
    settings.cache_clear()
    with pytest.raises(DatasetError, match="pack more into a zip"):
        take("rose", 3)
    monkeypatch.setenv("FLOWERCORE_DISK_FREE_BYTES", str(10**18))
    settings.cache_clear()
    with pytest.raises(StorageError, match="must stay free"):
        take("rose", 3)


def test_visitors_are_never_paths(take: Take, home: Path) -> None:
    for visitor in ("", "..", "../x", "a/b", "x" * 65):
        with pytest.raises(NotFoundError):
            take("rose", 1, visitor=visitor)
    assert not list(home.glob("drafts/*"))


def test_what_nobody_touched_for_weeks_is_thrown_away(take: Take) -> None:
    old, young = take("rose", 1), take("rose", 2, visitor="ben")
    for path in (old.path, old.path.parent, old.path.parents[1]):
        os.utime(path, (0, 0))
    drafts.sweep()
    assert drafts.look("ann").photos == ()
    assert young.path.is_file()
