"""Archives as people really have them, and as they should not be, from upload to dataset."""

from __future__ import annotations

import errno
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from flowercore.data import catalog, packing
from flowercore.errors import ArchiveError, DatasetError, StorageError

PER_CLASS = 3
# What a class folder is called in the archive, and what the class is called here.
ODD_NAMES = {
    "<script>alert(1)</script>": "script_",  # its slash makes a folder in a folder
    "<script>": "_script_",
    "CON": "CON_",
    "nul.": "nul_",
    "x" * 300: "x" * 80,
    "x" * 299 + "y": f"{'x' * 80}_2",
    "🌹": "🌹",
    "ורד": "ורד",
    "וردة\u202eesor": "וردةesor",
    "rose": "rose",
    "ROSE": "ROSE_2",
    "dataset.json": "dataset.json_",
    "EDITS.json": "EDITS.json_",
    " lily ": "lily",
    "tulip*": "tulip_",
    "%2e%2e": "%2e%2e",
    "=cmd()": "=cmd()",
}


@pytest.fixture
def photo(paint: Callable[..., Path], tmp_path: Path) -> Callable[[int], bytes]:
    return lambda number: paint(tmp_path / "one.jpg", seed=number).read_bytes()


def zipped(path: Path, names: list[str], photo: Callable[[int], bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as packed:
        for place, name in enumerate(names):
            for number in range(PER_CLASS):
                packed.writestr(f"{name}/{number}.jpg", photo(PER_CLASS * place + number))
    return path


def kept(home: Path) -> list[str]:
    return sorted(p.name for p in (home / "datasets").iterdir() if not p.name.endswith(".lock"))


def test_every_class_comes_in_whatever_it_is_called(
    photo: Callable[[int], bytes], tmp_path: Path, home: Path
) -> None:
    report = catalog.import_source(zipped(tmp_path / "odd.zip", list(ODD_NAMES), photo), "odd")
    assert report.skipped == ()
    assert report.dataset.counts() == dict.fromkeys(sorted(ODD_NAMES.values()), PER_CLASS)
    assert catalog.load("odd").counts() == report.dataset.counts()
    assert catalog.entries()[0].classes == report.dataset.counts()
    # Taken home and brought in again it is the same.
    again = catalog.import_source(packing.pack("odd", tmp_path), "again")
    assert again.dataset.counts() == report.dataset.counts()
    assert kept(home) == ["again", "odd"]


@pytest.mark.parametrize("name", ["..", "rose/..", "../rose", "/rose", "C:", "C:rose", "a\\..\\b"])
def test_a_class_that_leads_out_refuses_the_archive(
    name: str, photo: Callable[[int], bytes], tmp_path: Path, home: Path
) -> None:
    path = zipped(tmp_path / "a.zip", ["daisy", name], photo)
    with pytest.raises(ArchiveError, match="names that stay inside it"):
        catalog.import_source(path, "evil")
    assert kept(home) == []


def test_a_name_that_is_no_text_is_made_one(photo: Callable[[int], bytes], tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", ["daisy", "gXnse"], photo)
    path.write_bytes(path.read_bytes().replace(b"gXnse", b"g\xe4nse"))  # Latin-1, not said so
    counts = catalog.import_source(path, "latin").dataset.counts()
    assert len(counts) == 2
    assert set(counts.values()) == {PER_CLASS}
    assert "daisy" in counts


def test_the_same_archive_twice_needs_another_name(
    photo: Callable[[int], bytes], tmp_path: Path, home: Path
) -> None:
    path = zipped(tmp_path / "set.zip", ["daisy", "rose"], photo)
    first = catalog.import_source(path, "set").dataset
    with pytest.raises(DatasetError, match="taken"):
        catalog.import_source(path, "set")
    assert catalog.free_name("set") == "set 2"
    second = catalog.import_source(path, "set 2").dataset
    assert second.identity == first.identity
    assert catalog.free_name("SET") == "SET 3"
    assert kept(home) == ["set", "set 2"]


def test_a_photo_under_one_name_twice_is_two_photos(
    photo: Callable[[int], bytes], tmp_path: Path
) -> None:
    path = zipped(tmp_path / "a.zip", ["daisy", "rose"], photo)
    with zipfile.ZipFile(path, "a") as packed, pytest.warns(UserWarning, match="Duplicate name"):
        packed.writestr("rose/0.jpg", photo(99))
    keys = [one.key for one in catalog.import_source(path, "twice").dataset.photos]
    assert keys[PER_CLASS:] == ["rose/0.jpg", "rose/0_2.jpg", "rose/1.jpg", "rose/2.jpg"]


def test_a_zip_in_a_zip_is_no_photo(photo: Callable[[int], bytes], tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", ["daisy", "rose"], photo)
    inner = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(path, "a") as packed:
        packed.writestr("rose/more.zip", inner.getvalue())
    (left,) = catalog.import_source(path, "nested").skipped
    assert left.name == "rose/more.zip"
    assert "zip" in left.reason


@pytest.mark.parametrize("at", [1, 4, 6])
def test_a_disk_that_is_full_midway_leaves_nothing(
    at: int,
    photo: Callable[[int], bytes],
    tmp_path: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = zipped(tmp_path / "a.zip", ["daisy", "rose"], photo)
    real, written = Path.write_bytes, []

    def full(self: Path, data: bytes) -> int:
        written.append(self)
        if len(written) == at:
            real(self, data[:100])
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(self, data)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(StorageError, match="disk is full"):
            catalog.import_source(path, "mine")
    assert len(written) == at
    assert kept(home) == []
    assert catalog.import_source(path, "mine").dataset.counts() == {"daisy": 3, "rose": 3}
