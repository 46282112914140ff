"""Evaluations on other datasets: kept whole in the run's folder, passed over where damaged."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from flowercore.errors import NotFoundError, StorageError
from flowercore.runs import assessments, store
from flowercore.runs.assessments import Facts

NAMES = ("roses", "R\u00f6sen / ..\\ *?", "x" * 300, "")


@pytest.fixture
def run_id() -> str:
    return store.new_run({}, visitor="", held_by="").id


def table(label: str = "rose") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "key": ["a/1.jpg", "b/2.jpg"],
            "sha256": ["1" * 64, "2" * 64],
            "given": ["a", "b"],
            "label": [label, "tulip"],
            "predicted": [label, label],
            f"p_{label}": [0.75, 1 / 3],
            "p_tulip": [0.25, 2 / 3],
            "twin": ["exact", ""],
        }
    )


def facts(data: str = "roses", **values: object) -> Facts:
    mapping = {"a": "rose", "b": "tulip", "c": ""}
    return Facts(data, "a test", "i" * 64, **{"mapping": mapping, "judged": 2, **values})


def files(run_id: str, ending: str) -> list[Path]:
    return sorted((store.folder(run_id) / "evaluations").glob(f"*.{ending}"))


@pytest.mark.parametrize("name", NAMES)
def test_what_was_written_is_read_again(run_id: str, name: str) -> None:
    kept = assessments.write(run_id, facts(name, exact=1, near=2, left_out={"c": 3}), table())
    assert kept.created
    assert kept.twins == 3
    assert assessments.get(run_id, name) == kept
    assert assessments.listed(run_id) == [kept]
    pd.testing.assert_frame_equal(assessments.table(run_id, name), table())


def test_the_newest_come_first_and_one_dataset_has_one(run_id: str) -> None:
    for place, name in enumerate(NAMES):
        assessments.write(run_id, facts(name), table())
        path = assessments._path(run_id, name).with_suffix(".json")
        values = json.loads(path.read_bytes()) | {"created": f"2026-01-0{place + 1}T00:00:00+00:00"}
        path.write_text(json.dumps(values))
    assert [one.data for one in assessments.listed(run_id)] == list(reversed(NAMES))
    assessments.write(run_id, facts("roses", judged=5), table("lily"))
    assert assessments.listed(run_id)[0].data == "roses"
    assert len(assessments.listed(run_id)) == len(NAMES)
    assert assessments.table(run_id, "roses")["label"].tolist() == ["lily", "tulip"]


def test_one_is_deleted_and_the_others_stay(run_id: str) -> None:
    assessments.write(run_id, facts("roses"), table())
    assessments.write(run_id, facts("tulips"), table())
    assessments.delete(run_id, "roses")
    assessments.delete(run_id, "roses")
    assert [one.data for one in assessments.listed(run_id)] == ["tulips"]
    assert len(files(run_id, "*")) == 2
    with pytest.raises(NotFoundError, match="was not evaluated"):
        assessments.table(run_id, "roses")


def test_a_run_without_any_and_no_run(run_id: str) -> None:
    assert assessments.listed(run_id) == []
    assessments.delete(run_id, "roses")
    for name in ("20260101-000000-abcdef", "../../etc"):
        with pytest.raises(NotFoundError, match="There is no run"):
            assessments.listed(name)
        with pytest.raises(NotFoundError, match="There is no run"):
            assessments.write(name, facts(), table())


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"data": 3}', b'{"data": "roses", "mapping": []}', b"\xff"]
)
def test_damaged_facts_are_passed_over(run_id: str, content: bytes) -> None:
    assessments.write(run_id, facts("roses"), table())
    files(run_id, "json")[0].write_bytes(content)
    assessments.write(run_id, facts("tulips"), table())
    assert [one.data for one in assessments.listed(run_id)] == ["tulips"]
    with pytest.raises(NotFoundError):
        assessments.get(run_id, "roses")
    assert assessments.write(run_id, facts("roses"), table()) in assessments.listed(run_id)


@pytest.mark.parametrize("content", [None, b"", b"PAR1", b"no table"])
def test_a_damaged_table_is_told_in_words(run_id: str, content: bytes | None) -> None:
    assessments.write(run_id, facts(), table())
    (path,) = files(run_id, "parquet")
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(StorageError, match="cannot be read") as refused:
        assessments.table(run_id, "roses")
    assert str(path.parent) not in str(refused.value)
    assert [one.data for one in assessments.listed(run_id)] == ["roses"]


def test_the_table_of_an_evaluation_that_broke_off_is_not_taken_for_the_earlier_one(
    run_id: str,
) -> None:
    assessments.write(run_id, facts(), table())
    (path,) = files(run_id, "parquet")
    table("lily").to_parquet(path)
    with pytest.raises(StorageError, match="cannot be read"):
        assessments.table(run_id, "roses")


def test_a_table_without_its_columns_is_told_in_words(run_id: str) -> None:
    assessments.write(run_id, facts(), table().drop(columns="twin"))
    with pytest.raises(StorageError, match="cannot be read"):
        assessments.table(run_id, "roses")
