"""A dataset is packed into a zip that can be brought in again."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from flowercore.data import catalog, edits, packing
from flowercore.errors import CancelledError, NotFoundError, StorageError
from flowercore.settings import settings


@pytest.fixture
def mine(tiny_dataset: Callable[..., Path]) -> catalog.Dataset:
    return catalog.import_source(tiny_dataset(classes=2), "mine").dataset


def test_the_zip_holds_the_photos_as_they_came_and_the_edits_as_a_table(
    mine: catalog.Dataset, tmp_path: Path
) -> None:
    edits.add(mine, ["daisy/daisy_000.jpg"], edits.RELABEL, label="dandelion")
    edits.add(mine, ["daisy/daisy_001.jpg"], edits.EXCLUDE, why="blurry")
    steps: list[tuple[int, int]] = []
    packed = packing.pack("mine", tmp_path, progress=lambda *step: steps.append(step))
    assert packed.name == "mine.zip"
    assert steps == [(n, 12) for n in range(1, 13)]
    with zipfile.ZipFile(packed) as opened:
        names = set(opened.namelist())
        assert names == {f"mine/{one.key}" for one in mine.photos} | {"mine/edits.csv"}
        table = opened.read("mine/edits.csv").decode().splitlines()
    assert [line.split(",")[:4] for line in table[1:]] == [
        ["daisy/daisy_000.jpg", "relabel", "daisy", "dandelion"],
        ["daisy/daisy_001.jpg", "exclude", "daisy", ""],
    ]
    again = catalog.import_source(packed, "again")
    assert again.dataset.identity == mine.identity
    assert [one.name for one in again.skipped] == ["mine/edits.csv"]


def test_without_edits_there_is_no_table(mine: catalog.Dataset, tmp_path: Path) -> None:
    with zipfile.ZipFile(packing.pack("mine", tmp_path)) as opened:
        assert len(opened.namelist()) == 12


def test_what_fails_or_is_stopped_leaves_nothing(
    mine: catalog.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    into = tmp_path / "packed"
    into.mkdir()

    def stop(done: int, total: int) -> None:
        if done == 5:
            raise CancelledError("enough")

    with pytest.raises(CancelledError):
        packing.pack("mine", into, progress=stop)
    with pytest.raises(NotFoundError):
        packing.pack("gone", into)
    monkeypatch.setenv("FLOWERCORE_DISK_FREE_BYTES", str(10**18))
    settings.cache_clear()
    with pytest.raises(StorageError, match="must stay free"):
        packing.pack("mine", into)
    assert list(into.iterdir()) == []
