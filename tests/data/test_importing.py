"""Bringing a dataset in, whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from flowercore.data import catalog, photo
from flowercore.errors import (
    ArchiveError,
    CancelledError,
    DatasetError,
    StorageError,
)
from flowercore.settings import settings

Tiny = Callable[..., Path]


@pytest.fixture(autouse=True)
def little_reserve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWERCORE_DISK_FREE_BYTES", "1000000")
    settings.cache_clear()


def kept(home: Path) -> list[str]:
    """Everything in the datasets folder except lock files of the catalog itself."""
    return sorted(
        path.name
        for path in (home / "datasets").iterdir()
        if path.name not in {".staging.lock", ".garden.lock"}
    )


def zipped(folder: Path, path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder.parent))
    return path


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_an_import_brings_the_photos_in(
    kind: str, tiny_dataset: Tiny, tmp_path: Path, home: Path
) -> None:
    folder = tiny_dataset(classes=2, per_class=4)
    source = folder if kind == "folder" else zipped(folder, tmp_path / "tiny.zip")

    report = catalog.import_source(source, "My set")

    assert report.skipped == ()
    assert report.dataset.root == home / "datasets" / "My set"
    assert report.dataset.counts() == {"daisy": 4, "dandelion": 4}
    assert report.dataset.origin == f"imported from {source.name}"
    original = folder / "daisy" / "daisy_000.jpg"
    assert report.dataset.path("daisy/daisy_000.jpg").read_bytes() == original.read_bytes()
    assert catalog.load("My set") == report.dataset
    assert [(e.name, e.classes, e.origin) for e in catalog.entries()] == [
        ("My set", {"daisy": 4, "dandelion": 4}, f"imported from {source.name}")
    ]
    manifest = json.loads((report.dataset.root / "dataset.json").read_text())
    assert manifest["name"] == "My set"
    assert manifest["created"].endswith("+00:00")
    assert kept(home) == ["My set"]


def test_the_imported_set_needs_no_second_reading(
    tiny_dataset: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog.import_source(tiny_dataset(), "tiny")

    def refuse(path: Path) -> bytes:
        raise AssertionError(path)

    monkeypatch.setattr(photo, "read_photo_bytes", refuse)
    assert len(catalog.load("tiny").photos) == 18


def test_unreadable_photos_are_listed_and_the_rest_goes_on(
    tiny_dataset: Tiny, paint: Callable[..., Path], tmp_path: Path
) -> None:
    source = tiny_dataset(classes=2, per_class=4)
    whole = paint(source / "daisy" / "cut.jpg", size=(400, 300)).read_bytes()
    (source / "daisy" / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (source / "daisy" / "text.jpg").write_text("no photo")
    (source / "daisy" / "zero.jpg").write_bytes(b"")
    (source / "README.txt").write_text("hello")
    (source / "daisy" / "link.jpg").symlink_to(paint(tmp_path / "elsewhere.jpg"))
    (source / "links").symlink_to(tmp_path)
    spoilt = paint(source / "spoilt" / "a.png", format="PNG").read_bytes()
    (source / "spoilt" / "a.png").write_bytes(spoilt[:60] + b"\x00" * 50 + spoilt[110:])

    report = catalog.import_source(source, "tiny")

    reasons = {one.name: one.reason for one in report.skipped}
    assert "is cut off" in reasons["daisy/cut.jpg"]
    assert "a text file" in reasons["daisy/text.jpg"]
    assert "is empty" in reasons["daisy/zero.jpg"]
    assert reasons["README.txt"] == "It lies in no class folder."
    assert reasons["daisy/link.jpg"] == reasons["links"] == "It is a link or special file."
    assert "is damaged" in reasons["spoilt/a.png"]
    assert len(reasons) == 7
    assert report.dataset.counts() == {"daisy": 4, "dandelion": 4}
    assert catalog.load("tiny").skipped == ()


def test_what_cannot_be_trained_on_is_not_kept(tiny_dataset: Tiny, home: Path) -> None:
    few = tiny_dataset(classes=2, per_class=3)
    (few / "daisy" / "daisy_000.jpg").write_text("spoilt")

    with pytest.raises(DatasetError, match=r"'daisy' with 2.*Left out: 1, first 'daisy/daisy_000"):
        catalog.import_source(few, "few")
    with pytest.raises(DatasetError, match="one class, 'daisy'"):
        catalog.import_source(tiny_dataset(classes=1, name="one"), "one")
    assert kept(home) == []


def test_an_empty_source_is_not_kept(tmp_path: Path, home: Path) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(DatasetError, match="no photo in a class folder"):
        catalog.import_source(tmp_path / "empty", "empty")
    with pytest.raises(DatasetError, match=r"folder or an archive.*'gone\.zip', which does not"):
        catalog.import_source(tmp_path / "gone.zip", "gone")
    with pytest.raises(DatasetError, match="which does not exist"):
        catalog.import_source(tmp_path / ("x" * 300), "gone")
    assert kept(home) == []


def test_a_bad_archive_leaves_nothing(tiny_dataset: Tiny, tmp_path: Path, home: Path) -> None:
    path = zipped(tiny_dataset(), tmp_path / "set.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../evil.jpg", b"x")

    with pytest.raises(ArchiveError, match="upward path"):
        catalog.import_source(path, "evil")
    assert kept(home) == []
    assert not list(home.rglob("evil*"))


def test_a_name_is_given_once(tiny_dataset: Tiny, home: Path) -> None:
    source = tiny_dataset()
    before = catalog.import_source(source, "Roses").dataset

    for name in ("Roses", "roses", " ROSES "):
        with pytest.raises(DatasetError, match=r"name of its own.*taken\. Choose another"):
            catalog.import_source(source, name)
    assert catalog.load("Roses") == before
    assert kept(home) == ["Roses"]


def test_stopping_an_import_leaves_nothing(tiny_dataset: Tiny, home: Path) -> None:
    for at in (0, 50, 90):

        def stop(done: int, total: int, at: int = at) -> None:
            if done >= at:
                raise CancelledError("stopped")

        with pytest.raises(CancelledError):
            catalog.import_source(tiny_dataset(), "tiny", progress=stop)
        assert kept(home) == []


def test_progress_goes_up_to_a_hundred(tiny_dataset: Tiny) -> None:
    told: list[tuple[int, int]] = []

    catalog.import_source(tiny_dataset(), "tiny", progress=lambda *now: told.append(now))

    assert told == sorted(told)
    assert told[-1] == (100, 100)
    assert len(told) > 30


def test_a_full_disk_leaves_nothing(
    tiny_dataset: Tiny, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tiny_dataset()
    real = Path.write_bytes
    written: list[Path] = []

    def full(self: Path, data: bytes) -> int:
        written.append(self)
        if len(written) == 5:
            real(self, data[:100])
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(self, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StorageError, match="disk is full"):
        catalog.import_source(source, "tiny")
    assert len(written) == 5
    assert kept(home) == []


def test_space_that_must_stay_free_is_kept(
    tiny_dataset: Tiny, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tiny_dataset()
    free = shutil.disk_usage(tmp_path).free
    monkeypatch.setenv("FLOWERCORE_DISK_FREE_BYTES", str(10 * free))
    settings.cache_clear()

    for source in (folder, zipped(folder, tmp_path / "a.zip")):
        with pytest.raises(StorageError, match="must stay free"):
            catalog.import_source(source, "tiny")
    assert kept(home) == []


def test_a_killed_import_is_never_listed_and_cleared_away_later(
    tiny_dataset: Tiny, home: Path
) -> None:
    source = tiny_dataset()
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from flowercore.data import catalog\n"
        "def wait(done, total):\n"
        "    if done >= 60:\n"
        "        print('half', flush=True)\n"
        "        time.sleep(60)\n"
        "catalog.import_source(Path(sys.argv[1]), 'tiny', progress=wait)\n"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", program, str(source)], stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "half\n"
    # While it runs, another import leaves its folder alone.
    catalog.import_source(source, "other")
    assert any(name.startswith(".import-") for name in kept(home))
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    running.stdout.close()

    assert [entry.name for entry in catalog.entries()] == ["other"]
    assert any(name.startswith(".import-") for name in kept(home))
    catalog.import_source(source, "tiny")
    assert kept(home) == ["other", "tiny"]


def test_of_two_imports_with_one_name_one_wins(tiny_dataset: Tiny, home: Path) -> None:
    source = tiny_dataset()
    outcomes: list[object] = []
    together = threading.Barrier(2)

    def bring() -> None:
        together.wait()
        try:
            outcomes.append(catalog.import_source(source, "same"))
        except DatasetError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=bring) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(type(one).__name__ for one in outcomes) == ["DatasetError", "ImportReport"]
    assert kept(home) == ["same"]
    assert len(catalog.load("same").photos) == 18
