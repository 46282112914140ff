"""Filtering and sorting photos."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from flowercore.data import looks
from flowercore.data.dataset import Dataset, scan
from ui.photo_table import ANY_PROBLEM, SORTS, Wanted, matching, photo_table


@pytest.fixture
def data(tiny_dataset: Callable[..., Path]) -> Dataset:
    """2 classes with 4 photos each, the later ones wider."""
    return scan(tiny_dataset(classes=2, per_class=4), name="tiny", origin="painted")


def problem(data: Dataset, place: int, kind: str, rank: int) -> dict[str, object]:
    one = data.photos[place]
    return {"key": one.key, "sha256": one.sha256, "kind": kind, "rank": rank}


@pytest.fixture
def table(data: Dataset) -> pd.DataFrame:
    problems = [
        problem(data, 6, "suspect-label", 1),
        problem(data, 2, "suspect-label", 2),
        problem(data, 2, "dark", 1),
    ]
    seen = looks.known(data)
    seen["brightness"] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, np.nan, 0.05]
    return photo_table(data, seen, pd.DataFrame(problems))


def rows(table: pd.DataFrame, **wanted: object) -> list[int]:
    return matching(table, Wanted(**wanted))  # type: ignore[arg-type]


def test_all_photos_are_mixed_by_class(table: pd.DataFrame) -> None:
    assert rows(table) == [0, 4, 1, 5, 2, 6, 3, 7]


def test_filters_narrow_together(data: Dataset, table: pd.DataFrame) -> None:
    assert rows(table, label="dandelion", sort="Name") == [4, 5, 6, 7]
    assert rows(table, brightness=(0.2, 0.5), sort="Name") == [1, 2, 3, 4]
    assert rows(table, brightness=(0.2, 0.5), label="daisy", sort="Name") == [1, 2, 3]
    widths = sorted({one.width * one.height / 1e6 for one in data.photos})
    assert rows(table, megapixels=(widths[1], widths[2]), sort="Name") == [1, 2, 5, 6]
    assert rows(table, keys=frozenset({data.photos[3].key})) == [3]
    assert rows(table, label="rose") == []


def test_problems_are_a_filter(table: pd.DataFrame) -> None:
    assert rows(table, problem="dark") == [2]
    assert rows(table, problem=ANY_PROBLEM, sort="Name") == [2, 6]
    assert rows(table, problem="blurry") == []
    assert table["kinds"][2] == ("suspect-label", "dark")


def test_a_finding_about_another_photo_of_the_name_is_not_this_ones(data: Dataset) -> None:
    other = problem(data, 0, "dark", 1) | {"sha256": "0" * 64}
    assert rows(photo_table(data, looks.known(data), pd.DataFrame([other])), problem="dark") == []


def test_orders_put_what_is_not_known_last(table: pd.DataFrame) -> None:
    assert rows(table, sort="Brightest first") == [5, 4, 3, 2, 1, 0, 7, 6]
    assert rows(table, sort="Darkest first") == [7, 0, 1, 2, 3, 4, 5, 6]
    assert rows(table, sort="Most suspect first")[:2] == [6, 2]
    assert rows(table, sort="Largest first") == [3, 7, 2, 6, 1, 5, 0, 4]


@pytest.mark.parametrize("sort", SORTS)
def test_every_order_keeps_every_photo(table: pd.DataFrame, sort: str) -> None:
    assert sorted(rows(table, sort=sort)) == list(range(8))


def test_without_looks_and_check_sizes_are_known_all_the_same(data: Dataset) -> None:
    table = photo_table(data, looks.known(data))
    assert table["brightness"].isna().all()
    assert rows(table, brightness=(0.0, 1.0)) == []
    assert rows(table, sort="Smallest first")[0] == 0
