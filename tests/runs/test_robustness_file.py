"""The file of what a run can bear: of this version or none, and damaged in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowercore.data import corruptions
from flowercore.errors import NotFoundError, StorageError
from flowercore.runs import robustness_file, store
from tests.evaluation.borne import borne


@pytest.fixture
def run_id(home: Path) -> str:
    return store.new_run({}, visitor="", held_by="nobody").id


def path(run_id: str) -> Path:
    return store.folder(run_id) / "robustness.json"


def test_what_was_written_is_read_and_says_its_version(run_id: str) -> None:
    assert robustness_file.read(run_id) == {}
    values = borne().to_dict()
    robustness_file.write(run_id, values)
    assert robustness_file.read(run_id) == {"version": corruptions.VERSION, **values}
    assert [one.name for one in store.folder(run_id).iterdir() if one.name[0] == "."] == []


def test_what_an_older_version_found_is_as_if_it_were_not_there(run_id: str) -> None:
    robustness_file.write(run_id, borne().to_dict())
    values = json.loads(path(run_id).read_bytes())
    # Whatever it held: another version may have had other kinds.
    path(run_id).write_text(json.dumps({"version": "0", "kinds": values["kinds"]}))
    assert robustness_file.read(run_id) == {}


def edited(change: Callable[[dict[str, Any]], object]) -> str:
    values = {"version": corruptions.VERSION, **borne().to_dict()}
    change(values)
    return json.dumps(values)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '"1"',
        "\x00",
        edited(lambda values: values["kinds"].pop("noise")),
        edited(lambda values: values["kinds"].update(snow=values["kinds"]["noise"])),
        edited(lambda values: values["kinds"]["noise"].pop()),
        edited(lambda values: values["kinds"].update(noise=None)),
        edited(lambda values: values["kinds"]["noise"][0].update(right=101)),
        edited(lambda values: values["kinds"]["noise"][0].update(right=True)),
        edited(lambda values: values["plain"].update(probability=float("nan"))),
        edited(lambda values: values["plain"].update(probability="high")),
        edited(lambda values: values.update(count=0)),
        edited(lambda values: values.update(missing=-1)),
        edited(lambda values: values.update(created=None)),
        edited(lambda values: values.pop("plain")),
    ],
)
def test_a_damaged_file_is_said(run_id: str, text: str) -> None:
    path(run_id).write_text(text)
    with pytest.raises(StorageError, match=r"robustness\.json was edited or cut off"):
        robustness_file.read(run_id)


def test_a_run_that_is_not_there_has_none(home: Path) -> None:
    with pytest.raises(NotFoundError):
        robustness_file.read("20260101-000000-abcdef")
    with pytest.raises(NotFoundError):
        robustness_file.write("../elsewhere", {})
