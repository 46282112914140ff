"""Datasets by name, and the painted sample."""

from __future__ import annotations

import shutil
import sys
import threading
import time
import types
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from flowercore.data import catalog
from flowercore.errors import (
    CancelledError,
    DatasetError,
    NotFoundError,
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


@pytest.fixture
def painter(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """A garden that is painted in no time."""
    module = types.ModuleType("flowercore.data.garden")
    module.times = 0  # type: ignore[attr-defined]

    def paint_garden(root: Path, *, progress: Callable[[int, int], None] | None = None) -> None:
        module.times += 1  # type: ignore[attr-defined]
        for index, label in enumerate(("daisy", "rose")):
            (root / label).mkdir()
            for number in range(3):
                picture = Image.new("RGB", (32, 32), (80 * index, 10 * number, 0))
                picture.save(root / label / f"{label}_{number:03d}.jpg")
                time.sleep(0.02)
                if progress is not None:
                    progress(3 * index + number + 1, 6)

    module.paint_garden = paint_garden  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "flowercore.data.garden", module)
    return module


def test_an_empty_catalog_is_empty() -> None:
    assert catalog.entries() == []
    with pytest.raises(NotFoundError, match=r"Received: 'garden'\. There is: none yet"):
        catalog.load("garden")


def test_what_is_still_being_imported_is_not_listed(tiny_dataset: Tiny, home: Path) -> None:
    dataset = catalog.import_source(tiny_dataset(), "tiny").dataset
    shutil.copytree(dataset.root, home / "datasets" / ".import-0123")

    assert [entry.name for entry in catalog.entries()] == ["tiny"]


def test_a_folder_is_loaded_where_no_name_fits(tiny_dataset: Tiny, tmp_path: Path) -> None:
    folder = tiny_dataset(classes=2)

    dataset = catalog.load(str(folder))

    assert (dataset.name, dataset.origin, dataset.root) == ("tiny", "the folder tiny", folder)
    for wrong in ("", "  ", "nothing", str(tmp_path / "gone"), "x" * 5000, "a\x00b"):
        with pytest.raises(NotFoundError, match="must be named as in the catalog"):
            catalog.load(wrong)


def test_a_lost_description_does_not_hide_the_photos(tiny_dataset: Tiny, home: Path) -> None:
    catalog.import_source(tiny_dataset(classes=2, per_class=3), "tiny")
    for text in ("{", "[]", '{"classes": 3}', '{"classes": {"a": "x"}}'):
        (home / "datasets" / "tiny" / "dataset.json").write_text(text)

        (entry,) = catalog.entries()

        assert entry.classes == {"daisy": 3, "dandelion": 3}
        assert "damaged" in entry.origin
    assert len(catalog.load("tiny").photos) == 6


def test_the_garden_is_painted_once(painter: types.ModuleType, home: Path) -> None:
    told: list[tuple[int, int]] = []

    dataset = catalog.ensure_garden(lambda *now: told.append(now))

    assert dataset.root == home / "datasets" / "garden"
    assert dataset.counts() == {"daisy": 3, "rose": 3}
    assert "painted" in dataset.origin
    assert told == [(n, 6) for n in range(1, 7)]
    assert catalog.ensure_garden() == dataset == catalog.load("garden")
    assert painter.times == 1  # type: ignore[attr-defined]
    assert kept(home) == ["garden"]


def test_the_garden_comes_first(painter: types.ModuleType, tiny_dataset: Tiny) -> None:
    for name in ("alpha", "Beta", "zoo"):
        catalog.import_source(tiny_dataset(), name)
    catalog.ensure_garden()

    assert [entry.name for entry in catalog.entries()] == ["garden", "alpha", "Beta", "zoo"]


def test_two_may_want_the_garden_at_once(painter: types.ModuleType, home: Path) -> None:
    outcomes: list[object] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(catalog.ensure_garden())) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(outcomes) == 4
    assert all(outcome == outcomes[0] for outcome in outcomes)
    assert painter.times == 1  # type: ignore[attr-defined]


def test_a_garden_that_failed_halfway_is_not_there(painter: types.ModuleType, home: Path) -> None:
    def stop(done: int, total: int) -> None:
        if done == 4:
            raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        catalog.ensure_garden(stop)
    assert kept(home) == []
    assert catalog.ensure_garden().counts() == {"daisy": 3, "rose": 3}


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        ".hidden",
        "..",
        "../up",
        "a/b",
        "a\\b",
        "x" * 61,
        "CON",
        "nul.txt",
        "<script>",
        "a\nb",
        "dot.",
        "a\u202eb",
        "-rf",
    ],
)
def test_names_are_never_paths(name: str, tiny_dataset: Tiny) -> None:
    with pytest.raises(DatasetError, match="1 to 60 letters"):
        catalog.import_source(tiny_dataset(), name)


def test_the_sample_keeps_its_name(tiny_dataset: Tiny) -> None:
    with pytest.raises(DatasetError, match="kept for the painted sample"):
        catalog.import_source(tiny_dataset(), "Garden")


@pytest.mark.parametrize("name", ["a", "Rosen für Oma 2", "tiny_FR", "set-1.2", "x" * 60, "花"])
def test_usual_names_are_taken(name: str) -> None:
    assert catalog.check_name(f" {name} ") == name


def test_what_a_visitor_brings_in_is_theirs_and_what_is_shared_is_for_looking(
    tiny_dataset: Tiny, painter: types.ModuleType
) -> None:
    catalog.ensure_garden()
    for name, owner in (("anns", "ann"), ("bens", "ben"), ("ours", ""), ("set up", catalog.LOCAL)):
        catalog.import_source(tiny_dataset(), name, owner=owner)
    found = catalog.entries()
    assert {entry.name: entry.owner for entry in found} == {
        "garden": "",
        "anns": "ann",
        "bens": "ben",
        "ours": "",
        "set up": "",
    }

    def names(rule: Callable[[catalog.Entry, str], bool], visitor: str) -> list[str]:
        return [entry.name for entry in found if rule(entry, visitor)]

    assert names(catalog.visible, "ann") == ["garden", "anns", "ours", "set up"]
    assert names(catalog.may_change, "ann") == ["anns"]
    assert (
        names(catalog.visible, "")
        == names(catalog.visible, "cleo")
        == [
            "garden",
            "ours",
            "set up",
        ]
    )
    assert names(catalog.may_change, "") == names(catalog.may_change, "cleo") == []
    assert names(catalog.visible, catalog.LOCAL) == [entry.name for entry in found]
    assert names(catalog.may_change, catalog.LOCAL) == [entry.name for entry in found]
