"""Copies of photos that a run learned from are found in another dataset, and nothing else."""

from __future__ import annotations

import io
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from flowercore.data import catalog, keeping
from flowercore.data.dataset import Dataset, scan
from flowercore.errors import CancelledError
from flowercore.runs import results, store
from flowercore.runs.store import Run
from flowercore.training.learned_twins import learned_twins

PARTS = ("train", "train", "train", "validation", "test")


def learned_from(dataset: Dataset, data: str) -> Run:
    """Write down a run that used each fifth photo for its test."""
    run = store.new_run({"data": data}, visitor="", held_by="")
    table = pd.DataFrame(
        {
            "key": [photo.key for photo in dataset.photos],
            "sha256": [photo.sha256 for photo in dataset.photos],
            "split": [PARTS[place % 5] for place in range(len(dataset.photos))],
        }
    )
    results.write_predictions(run.id, table)
    return store.update(run, status="finished")


def halves(real_photos: Path, folder: Path, each: int) -> tuple[Path, Path]:
    """Copy photos of each class: as many to learn from as to judge."""
    for label in sorted(path for path in real_photos.iterdir() if path.is_dir()):
        photos = sorted(label.iterdir())
        for name, some in (("known", photos[:each]), ("new", photos[each : 2 * each])):
            (folder / name / label.name).mkdir(parents=True)
            for photo in some:
                shutil.copy(photo, folder / name / label.name)
    return folder / "known", folder / "new"


def saved_anew(photo: Path, target: Path, *, half: bool = False) -> None:
    with Image.open(photo) as picture:
        size = (picture.width // 2, picture.height // 2) if half else picture.size
        picture.convert("RGB").resize(size).save(target, "JPEG", quality=70)


def plant(known: Path, new: Path) -> dict[str, str]:
    """Put copies of known photos among the new ones; return what each should be called."""
    planted = {}
    for place, photo in enumerate(scan(known, name="known", origin="").photos):
        if place % 7:
            continue
        copied = PARTS[place % 5] != "test"
        how = ("exact", "anew", "half")[place // 7 % 3]
        key = f"{photo.label}/{how}_{place:03d}.jpg"
        if how == "exact":
            shutil.copy(known / photo.key, new / key)
        else:
            saved_anew(known / photo.key, new / key, half=how == "half")
        planted[key] = ("exact" if how == "exact" else "near") if copied else ""
    return planted


@pytest.mark.usefixtures("prepared")
def test_planted_copies_are_found_among_the_real_photos_and_no_others(
    real_photos: Path, tmp_path: Path
) -> None:
    known, new = halves(real_photos, tmp_path, 50)
    run = learned_from(scan(known, name="known", origin=""), str(known))
    planted = plant(known, new)
    assert Counter(planted.values()) == {"exact": 10, "near": 19, "": 7}
    judged = scan(new, name="new", origin="")
    assert len(judged.photos) == 250 + 36
    found = learned_twins(run, judged)
    kinds = dict(zip((photo.key for photo in judged.photos), found.kinds, strict=True))
    assert {key: kind for key, kind in kinds.items() if key in planted} == planted
    assert {kinds[key] for key in kinds.keys() - planted.keys()} == {""}
    assert found.notes == ()


@pytest.fixture
def kept(prepared: Path, real_photos: Path, tmp_path: Path) -> tuple[Run, Dataset]:
    """A run on a dataset of the catalog, and photos among which is a copy saved anew."""
    known, new = halves(real_photos, tmp_path, 4)
    dataset = catalog.import_source(known, "known").dataset
    planted = plant(known, new)
    assert list(planted.values()) == ["exact", "near", ""]
    return learned_from(dataset, "known"), scan(new, name="new", origin="")


def kinds(run: Run, judged: Dataset) -> tuple[Counter[str], tuple[str, ...]]:
    found = learned_twins(run, judged)
    return Counter(filter(None, found.kinds)), found.notes


def test_what_was_computed_once_is_enough_when_the_dataset_is_gone(
    kept: tuple[Run, Dataset],
) -> None:
    run, judged = kept
    assert kinds(run, judged) == ({"exact": 1, "near": 1}, ())
    keeping.rename("known", "another name")
    assert kinds(run, judged) == ({"exact": 1, "near": 1}, ())
    keeping.delete("another name")
    assert kinds(run, judged) == ({"exact": 1, "near": 1}, ())


def test_without_dataset_and_features_only_the_same_bytes_are_found(
    kept: tuple[Run, Dataset],
) -> None:
    run, judged = kept
    keeping.delete("known")
    found, (note,) = kinds(run, judged)
    assert found == {"exact": 1}
    # The copy byte for byte has told what the photo looks like.
    assert "Of 15 of the 16 photos that this run learned from only copies byte for byte" in note


def test_without_any_trace_it_says_that_only_the_same_bytes_would_be_found(
    kept: tuple[Run, Dataset],
) -> None:
    run, judged = kept
    keeping.delete("known")
    others = tuple(photo for photo in judged.photos if "exact" not in photo.key)
    found, (note,) = kinds(run, replace(judged, photos=others))
    assert found == {}
    assert "Only copies byte for byte were found" in note


def test_what_is_gone_in_part_is_counted(kept: tuple[Run, Dataset], home: Path) -> None:
    run, judged = kept
    for photo in sorted((home / "datasets" / "known" / "daisy").iterdir()):
        photo.unlink()
    found, (note,) = kinds(run, judged)
    assert found["exact"] == 1
    assert "Of 3 of the 16 photos that this run learned from only copies byte for byte" in note


def test_features_without_hashes_are_said_to_be_less(kept: tuple[Run, Dataset], home: Path) -> None:
    run, judged = kept
    assert kinds(run, judged)[1] == ()
    keeping.delete("known")
    for file in (home / "cache").glob("looks.sqlite*"):
        file.unlink()
    _, (note,) = kinds(run, judged)
    assert "Of 15 of the 16 photos" in note
    assert "only their features are kept" in note


def test_another_dataset_under_the_old_name_is_not_taken_for_it(
    kept: tuple[Run, Dataset], tmp_path: Path
) -> None:
    run, judged = kept
    keeping.delete("known")
    catalog.import_source(tmp_path / "new", "known")
    found, (note,) = kinds(run, judged)
    assert found == {"exact": 1}
    # The planted copy byte for byte is there again under that name.
    assert "Of 15 of the 16 photos" in note


def test_pictures_that_show_nothing_are_no_twins(
    prepared: Path, tmp_path: Path, real_photos: Path
) -> None:
    for name, level in (("known", 0), ("new", 3)):
        for label in ("rose", "tulip"):
            (tmp_path / name / label).mkdir(parents=True)
            out = io.BytesIO()
            Image.new("RGB", (80, 60), (level,) * 3).save(out, "JPEG")
            (tmp_path / name / label / "black.jpg").write_bytes(out.getvalue() + label.encode())
    run = learned_from(scan(tmp_path / "known", name="", origin=""), str(tmp_path / "known"))
    assert kinds(run, scan(tmp_path / "new", name="", origin="")) == ({}, ())


def test_a_run_whose_photos_nobody_knows_says_so(kept: tuple[Run, Dataset]) -> None:
    run, judged = kept
    (store.folder(run.id) / "predictions.parquet").write_bytes(b"no table")
    found, (note,) = kinds(run, judged)
    assert found == {}
    assert "Twins were not looked for" in note


def test_it_can_be_stopped_and_tells_how_far_it_is(kept: tuple[Run, Dataset]) -> None:
    run, judged = kept
    steps: list[str] = []

    def stop() -> None:
        if "Looking at the photos it learned from" in steps:
            raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        learned_twins(run, judged, progress=lambda step, *_: steps.append(step), check=stop)
    assert steps[0] == "Looking for twins"


def test_no_photo_at_all(kept: tuple[Run, Dataset]) -> None:
    run, judged = kept
    assert learned_twins(run, replace(judged, photos=())).kinds == ()
