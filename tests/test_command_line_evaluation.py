"""A run evaluated on another dataset, from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowercore.__main__ import main
from flowercore.data import catalog
from flowercore.runs import assessments

Capture = pytest.CaptureFixture[str]
Call = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def call(capsys: Capture) -> Call:
    def run(*words: str) -> tuple[int, Any, str]:
        status = main([*words, "--json"])
        out = capsys.readouterr()
        return status, json.loads(out.out) if status == 0 else None, out.err

    return run


@pytest.fixture
def trained(prepared: Path, tiny_dataset: Callable[..., Path], call: Call) -> str:
    catalog.import_source(tiny_dataset(classes=3, per_class=10), "mine")
    status, done, error = call("train", "--data", "mine", "--epochs", "3")
    assert status == 0, error
    return done["run"]


@pytest.fixture
def other(tmp_path: Path, paint: Callable[..., Path]) -> str:
    """A dataset with two of the classes, called otherwise, and a third one."""
    for place in range(4):
        paint(tmp_path / "other" / "Roses" / f"{place}.jpg", color=(50, 70, 210), seed=40 + place)
        paint(tmp_path / "other" / "daisies" / f"{place}.jpg", seed=50 + place)
        paint(tmp_path / "other" / "wild weeds" / f"{place}.jpg", color=(9, 99, 99), seed=place)
    catalog.import_source(tmp_path / "other", "others")
    return "others"


def test_an_unknown_class_is_refused_with_what_to_add(trained: str, other: str, call: Call) -> None:
    status, _, error = call("evaluate", trained, "--data", other)
    assert status == 2
    said = error.splitlines()[-1]
    assert "the run knows ('daisy', 'dandelion', 'rose')" in said
    assert "Received: 'wild weeds'." in said
    assert "--map 'wild weeds=CLASS'" in said
    assert assessments.listed(trained) == []


def test_classes_are_mapped_and_what_was_guessed_is_said(
    trained: str, other: str, call: Call
) -> None:
    words = ("evaluate", trained, "--data", other, "--map", "wild weeds=dandelion")
    status, found, error = call(*words)
    assert status == 0, error
    assert (found["count"], found["data"]) == (12, "others")
    assert {name: one["support"] for name, one in found["per_class"].items()} == {
        "daisy": 4,
        "dandelion": 4,
        "rose": 4,
    }
    assert found["mapping"] == {"Roses": "rose", "daisies": "daisy", "wild weeds": "dandelion"}
    assert found["notes"] == ["'Roses' is taken for 'rose'.", "'daisies' is taken for 'daisy'."]
    assert all(note in error for note in found["notes"])
    assert set(found["twins"]) == {"exact", "near", "left_out"}
    assert found["unreadable"] == []
    (kept,) = assessments.listed(trained)
    assert (kept.data, kept.mapping) == ("others", found["mapping"])


def test_a_class_is_left_out_on_purpose(trained: str, other: str, call: Call) -> None:
    words = ("--map", "wild weeds=", "--map", "Roses=dandelion")
    status, found, error = call("evaluate", trained, "--data", other, *words)
    assert status == 0, error
    assert found["count"] == 8
    assert found["per_class"]["rose"]["support"] == 0
    assert found["notes"] == ["'daisies' is taken for 'daisy'."]


@pytest.mark.parametrize(
    ("mapping", "received"),
    [
        ("lily=rose", "Received: 'lily'."),
        ("wild weeds=lily", "Received: 'lily'."),
        ("rose", "Received: 'rose'."),
    ],
)
def test_a_mapping_that_cannot_be_used(
    trained: str, other: str, call: Call, mapping: str, received: str
) -> None:
    status, _, error = call("evaluate", trained, "--data", other, "--map", mapping)
    assert status == 2
    assert received in error


@pytest.mark.real_photos
def test_twins_are_counted_and_left_out(prepared: Path, real_photos: Path, call: Call) -> None:
    data = str(real_photos)
    status, run, error = call("train", "--data", data, "--epochs", "5")
    assert status == 0, error
    status, found, _ = call("evaluate", run["run"], "--data", data)
    assert found["count"] == 500
    assert found["twins"] == {"exact": 400, "near": 0, "left_out": 0}
    status, left, _ = call("evaluate", run["run"], "--data", data, "--leave-out-twins")
    assert left["count"] == 100
    assert left["twins"] == {"exact": 400, "near": 0, "left_out": 400}
    own = call("evaluate", run["run"])[1]
    assert left["confusion_matrix"] == own["confusion_matrix"]


def test_unreadable_photos_are_named(
    trained: str, tmp_path: Path, paint: Callable[..., Path], call: Call
) -> None:
    paint(tmp_path / "folder" / "rose" / "good.jpg")
    cut = paint(tmp_path / "folder" / "rose" / "cut.jpg", seed=2)
    cut.write_bytes(cut.read_bytes()[:-300])
    status, found, error = call("evaluate", trained, "--data", str(tmp_path / "folder"))
    assert status == 0
    assert found["count"] == 1
    assert [one["name"] for one in found["unreadable"]] == ["rose/cut.jpg"]
    assert "left out: rose/cut.jpg" in error
    assert found["data"] == "folder"
    assert assessments.listed(trained) == []


def test_without_a_dataset_there_is_nothing_to_map(trained: str, call: Call) -> None:
    for words in (("--map", "a=rose"), ("--leave-out-twins",)):
        status, _, error = call("evaluate", trained, *words)
        assert status == 2
        assert "Name the dataset with --data." in error
    assert "twins" not in call("evaluate", trained)[1]


def test_without_any_photo_left_it_says_so(trained: str, call: Call) -> None:
    status, _, error = call("evaluate", trained, "--data", "mine", "--leave-out-twins")
    assert status == 2
    assert "all of them twins" in error


def test_without_json_a_person_reads_the_same(trained: str, other: str, capsys: Capture) -> None:
    assert main(["evaluate", trained, "--data", other, "--map", "wild weeds="]) == 0
    out = capsys.readouterr().out
    assert "data: others" in out
    assert "Roses: rose" in out
