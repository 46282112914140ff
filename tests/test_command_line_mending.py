"""Mending and training again, from the command line."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowercore.__main__ import main
from flowercore.data import catalog, copying, edits
from flowercore.runs import results, store

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def call(capsys: Capture) -> Callable[..., tuple[int, Any, str]]:
    def run(*words: str) -> tuple[int, Any, str]:
        status = main([*words, "--json"])
        out = capsys.readouterr()
        return status, json.loads(out.out) if status == 0 else None, out.err

    return run


@pytest.fixture
def trained(
    prepared: Path, tiny_dataset: Callable[..., Path], call: Callable[..., tuple[int, Any, str]]
) -> str:
    catalog.import_source(tiny_dataset(classes=2, per_class=10), "mine")
    status, done, error = call("train", "--data", "mine", "--epochs", "2")
    assert status == 0, error
    return done["run"]


def test_what_did_not_change_is_not_trained_again(
    trained: str, call: Callable[..., tuple[int, Any, str]]
) -> None:
    status, _, error = call("retrain", trained)
    assert status == 1
    assert "as the run saw it" in error


def test_mended_photos_are_judged_on_the_same_test(
    trained: str, call: Callable[..., tuple[int, Any, str]]
) -> None:
    data = catalog.load("mine")
    table = results.predictions(trained)
    learned = table[(table["split"] == "train") & (table["label"] == "daisy")]["key"].iloc[0]
    tested = table[(table["split"] == "test") & (table["label"] == "daisy")]["key"].iloc[0]
    edits.add(data, [learned], edits.EXCLUDE)
    edits.add(data, [tested], edits.RELABEL, label="dandelion")
    status, done, error = call("retrain", trained)
    assert status == 0, error
    after = results.predictions(done["run"])
    now, before = (set(one[one["split"] == "test"]["sha256"]) for one in (after, table))
    assert now == before
    assert learned not in set(after["key"])
    assert done["counts"] == {"train": 13, "validation": 2, "test": 4}
    assert "4 of 4" in done["notes"][0]
    assert "1 photo carries another label now" in done["notes"][0]
    assert done["comparison"]["same_split"]
    assert done["comparison"]["relabelled"] == 1
    assert done["name"].endswith("mended")


def test_a_mended_copy_is_compared_with_what_it_was_copied_of(
    trained: str, call: Callable[..., tuple[int, Any, str]]
) -> None:
    copy = copying.copy_dataset("mine", "copy")
    edits.add(copy, [copy.photos[0].key], edits.EXCLUDE)
    status, done, error = call("retrain", trained, "--data", "copy")
    assert status == 0, error
    assert store.get(done["run"]).dataset["name"] == "copy"
    assert done["comparison"]["count"] >= 3


def test_the_edits_are_listed_and_written_as_a_table(
    trained: str, call: Callable[..., tuple[int, Any, str]], tmp_path: Path
) -> None:
    data = catalog.load("mine")
    edits.add(data, [data.photos[0].key], edits.EXCLUDE, why="a hand before the lens")
    status, listed, _ = call("edits", "mine", "--output", str(tmp_path / "edits.csv"))
    assert status == 0
    assert [one["action"] for one in listed] == ["exclude"]
    with (tmp_path / "edits.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["photo"], row["why"]) == (data.photos[0].key, "a hand before the lens")
    status, _, error = call("edits", "mine", "--output", str(tmp_path))
    assert status == 2
    assert "can be written" in error
