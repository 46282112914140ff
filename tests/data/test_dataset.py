"""Scanning a folder of class folders."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from flowercore.data import photo
from flowercore.data.dataset import Dataset, check_trainable, contradictions, scan
from flowercore.errors import CancelledError, DatasetError, NotFoundError
from flowercore.settings import settings

Tiny = Callable[..., Path]


def scanned(root: Path) -> Dataset:
    return scan(root, name=root.name, origin="made by a test")


def test_a_scan_finds_classes_and_photos(tiny_dataset: Tiny) -> None:
    dataset = scanned(tiny_dataset(classes=3, per_class=4))

    assert dataset.classes == ("daisy", "dandelion", "rose")
    assert dataset.counts() == {"daisy": 4, "dandelion": 4, "rose": 4}
    assert [one.key for one in dataset.photos[:2]] == ["daisy/daisy_000.jpg", "daisy/daisy_001.jpg"]
    assert [(one.label, one.width, one.height) for one in dataset.photos[:2]] == [
        ("daisy", 80, 64),
        ("daisy", 84, 64),
    ]
    assert dataset.skipped == ()
    assert (dataset.name, dataset.origin) == ("tiny", "made by a test")


def test_what_is_no_photo_of_a_class_is_listed_with_its_reason(
    tiny_dataset: Tiny, paint: Callable[..., Path]
) -> None:
    root = tiny_dataset(classes=2, per_class=3)
    (root / "README.txt").write_text("hello")
    paint(root / "loose.jpg")
    (root / "daisy" / "note.jpg").write_text("this is no photo")
    (root / "daisy" / "zero.jpg").write_bytes(b"")
    cut = (root / "daisy" / "daisy_000.jpg").read_bytes()[:300]
    (root / "daisy" / "cut.jpg").write_bytes(cut)
    paint(root / "daisy" / "more" / "x.jpg")
    (root / "empty").mkdir()

    dataset = scanned(root)

    reasons = {one.name: one.reason for one in dataset.skipped}
    assert list(reasons) == sorted(reasons)
    assert reasons["README.txt"] == reasons["loose.jpg"] == "It lies beside the class folders."
    assert "Received: 'note.jpg', a text file" in reasons["daisy/note.jpg"]
    assert "is empty" in reasons["daisy/zero.jpg"]
    assert "is cut off" in reasons["daisy/cut.jpg"]
    assert "folder inside a class folder" in reasons["daisy/more"]
    assert reasons["empty"] == "The folder is empty."
    assert len(reasons) == 7
    assert dataset.counts() == {"daisy": 3, "dandelion": 3}


def test_hidden_files_and_leftovers_of_systems_are_passed_over(
    tiny_dataset: Tiny, paint: Callable[..., Path]
) -> None:
    root = tiny_dataset(classes=2, per_class=3)
    before = scanned(root)
    paint(root / "__MACOSX" / "a.jpg")
    paint(root / ".git" / "a.jpg")
    for name in (".DS_Store", "Thumbs.db", "desktop.ini", "._daisy_000.jpg"):
        (root / "daisy" / name).write_text("x")
        (root / name).write_text("x")
    (root / "dataset.json").write_text("{}")

    assert scanned(root) == before


def test_links_are_followed_only_inside_the_folder(
    tiny_dataset: Tiny, paint: Callable[..., Path], tmp_path: Path
) -> None:
    root = tiny_dataset(classes=2, per_class=3)
    outside = paint(tmp_path / "secret" / "a.jpg")
    (root / "daisy" / "out.jpg").symlink_to(outside)
    (root / "stolen").symlink_to(outside.parent)
    (root / "daisy" / "nothing.jpg").symlink_to(root / "gone.jpg")
    (root / "daisy" / "in.jpg").symlink_to(root / "dandelion" / "dandelion_000.jpg")

    dataset = scanned(root)

    assert {one.name: one.reason for one in dataset.skipped} == {
        "daisy/out.jpg": "It is a link that leads out of the dataset.",
        "stolen": "It is a link that leads out of the dataset.",
        "daisy/nothing.jpg": "It is a link to nothing.",
    }
    assert dataset.counts() == {"daisy": 4, "dandelion": 3}


def test_a_pipe_named_like_a_photo_does_not_block(tiny_dataset: Tiny) -> None:
    root = tiny_dataset(classes=2, per_class=3)
    os.mkfifo(root / "daisy" / "pipe.jpg")

    assert "a folder or device" in scanned(root).skipped[0].reason


def test_a_name_that_is_no_text_is_skipped(tiny_dataset: Tiny) -> None:
    root = tiny_dataset(classes=2, per_class=3)
    broken = os.fsencode(root / "daisy") + b"/\xff.jpg"
    shutil.copyfile(os.fsencode(root / "daisy" / "daisy_000.jpg"), broken)

    assert "not readable text" in scanned(root).skipped[0].reason


@pytest.mark.parametrize("kind", ["missing", "file"])
def test_a_dataset_must_be_a_folder(kind: str, tmp_path: Path) -> None:
    root = tmp_path / "nowhere"
    if kind == "file":
        root.write_text("x")

    with pytest.raises(
        DatasetError, match=r"must be a folder .* Received: 'nowhere', a f"
    ) as refused:
        scanned(root)
    assert str(tmp_path) not in str(refused.value)


def test_an_empty_folder_cannot_be_trained_on(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"2 to 200 classes.* no photo in a class folder"):
        check_trainable(scanned(tmp_path))


def test_one_class_is_too_few(tiny_dataset: Tiny) -> None:
    with pytest.raises(DatasetError, match=r"2 to 200 classes.*'tiny' with one class, 'daisy'"):
        check_trainable(scanned(tiny_dataset(classes=1)))


def test_two_photos_in_a_class_are_too_few(tiny_dataset: Tiny) -> None:
    root = tiny_dataset(classes=3, per_class=3)
    (root / "rose" / "rose_000.jpg").write_text("spoilt")

    with pytest.raises(
        DatasetError, match=r"at least 3 photos\. Received: 'rose' with 2\..*first 'rose/rose_000"
    ):
        check_trainable(scanned(root))
    (root / "rose" / "rose_000.jpg").unlink()
    shutil.copy(root / "rose" / "rose_001.jpg", root / "rose" / "copy.jpg")
    check_trainable(scanned(root))


def test_too_many_classes_are_refused(tiny_dataset: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = scanned(tiny_dataset(classes=3))
    monkeypatch.setenv("FLOWERCORE_CLASSES_MAX", "2")
    settings.cache_clear()

    with pytest.raises(DatasetError, match=r"2 to 2 classes.*with 3 classes"):
        check_trainable(dataset)


def test_the_identity_follows_content_and_class(tiny_dataset: Tiny) -> None:
    root = tiny_dataset(classes=2, per_class=3)
    first = scanned(root).identity
    shutil.copytree(root, root.parent / "copy")

    assert scanned(root.parent / "copy").identity == first
    (root / "daisy" / "daisy_000.jpg").rename(root / "dandelion" / "moved.jpg")
    moved = scanned(root).identity
    assert moved != first
    with (root / "daisy" / "daisy_001.jpg").open("ab") as file:
        file.write(b"\x00")
    assert scanned(root).identity not in {first, moved}


def test_a_photo_leads_to_its_file_and_nothing_else_does(tiny_dataset: Tiny) -> None:
    root = tiny_dataset(classes=2, per_class=3)
    dataset = scanned(root)

    assert dataset.path(dataset.photos[0]) == root / "daisy" / "daisy_000.jpg"
    assert dataset.path("daisy/daisy_001.jpg").is_file()
    for key in ("../tiny/daisy/daisy_000.jpg", "daisy/../daisy/daisy_000.jpg", "/etc/passwd", ""):
        with pytest.raises(NotFoundError, match="must belong to the dataset 'tiny'"):
            dataset.path(key)


def test_the_same_photo_in_two_classes_is_a_contradiction(tiny_dataset: Tiny) -> None:
    root = tiny_dataset(classes=3, per_class=3)
    shutil.copy(root / "daisy" / "daisy_000.jpg", root / "rose" / "again.jpg")
    shutil.copy(root / "daisy" / "daisy_001.jpg", root / "daisy" / "twin.jpg")

    found = contradictions(scanned(root))

    assert [[one.key for one in group] for group in found] == [
        ["daisy/daisy_000.jpg", "rose/again.jpg"]
    ]


def test_a_second_scan_reads_no_photo(tiny_dataset: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tiny_dataset()
    first = scanned(root)
    read: list[str] = []
    real = photo.read_photo_bytes

    def noting(path: Path) -> bytes:
        read.append(path.name)
        return real(path)

    monkeypatch.setattr(photo, "read_photo_bytes", noting)
    assert scanned(root) == first
    assert read == []
    with (root / "rose" / "rose_002.jpg").open("ab") as file:
        file.write(b"\x00")
    assert scanned(root) != first
    assert read == ["rose_002.jpg"]


def test_a_changed_photo_of_the_same_size_is_seen(tiny_dataset: Tiny) -> None:
    root = tiny_dataset()
    file = root / "rose" / "rose_002.jpg"
    first = scanned(root)
    changed = bytearray(file.read_bytes())
    changed[-5] ^= 1
    file.write_bytes(changed)

    assert scanned(root).identity != first.identity


def test_progress_is_told_and_can_stop_the_scan(tiny_dataset: Tiny) -> None:
    root = tiny_dataset(classes=2, per_class=3)

    def stop(done: int, total: int) -> None:
        raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        scan(root, name="tiny", origin="", progress=stop)
    told: list[tuple[int, int]] = []
    scan(root, name="tiny", origin="", progress=lambda done, total: told.append((done, total)))
    assert told == [(n, 6) for n in range(1, 7)]


def test_scanning_the_real_photos_twice_finds_the_same(real_photos: Path) -> None:
    dataset = scanned(real_photos)

    assert sum(dataset.counts().values()) == 500
    assert scanned(real_photos) == dataset
