"""Twins, what is said of each, and what they leak."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from flowercore.audit.findings import TWINS
from flowercore.audit.seen import Seen
from flowercore.audit.twins import Leaks, leaks, twins

Make = Callable[..., Seen]


def found(seen: Seen) -> tuple[pd.DataFrame, dict[str, dict[str, Any]]]:
    table, problems = twins(seen)
    assert table["key"].tolist() == [one["key"] for one in problems]
    assert list(table.columns) == list(TWINS)
    return table, {one["key"]: one for one in problems}


def test_a_copy_and_a_near_one(seen: Make) -> None:
    # 0 and 2 are the same bytes, 3 was saved anew, 1 and 4 are others.
    vectors = [[1, 0, 0], [0, 1, 0], [1, 0, 0], [0.99, 0.1, 0], [0, 0, 1]]
    photos = seen(vectors, ["rose"] * 5, names=["a", "b", "a", "c", "d"])
    table, problems = found(photos)
    assert table["key"].tolist() == ["rose/0000.jpg", "rose/0002.jpg", "rose/0003.jpg"]
    assert table["group"].tolist() == [0, 0, 0]
    assert table["exact"].tolist() == [True, True, False]
    assert table["similarity"].tolist()[:2] == [1, 1]
    assert 0.98 < table["similarity"][2] < 1
    assert [one["kind"] for one in problems.values()] == ["exact-twin", "exact-twin", "near-twin"]
    assert problems["rose/0002.jpg"]["why"] == "The same bytes as rose/0000.jpg."
    assert problems["rose/0003.jpg"]["why"] == "Shows the same as rose/0000.jpg."


def test_twins_across_classes_name_the_other_label(seen: Make) -> None:
    vectors = [[1, 0], [1, 0], [1, 0.01], [0, 1]]
    photos = seen(vectors, ["rose", "rose", "tulip", "tulip"], names=["a", "a", "b", "c"])
    table, problems = found(photos)
    assert {one["kind"] for one in problems.values()} == {"twin-across-classes"}
    why = problems["rose/0000.jpg"]["why"]
    assert why == "Shows the same as tulip/0002.jpg, labelled tulip."
    assert table["exact"].tolist() == [True, True, False]


def test_no_twins_no_rows(seen: Make) -> None:
    table, problems = found(seen(np.eye(4), ["rose"] * 4))
    assert len(table) == 0
    assert not problems
    assert pd.api.types.is_bool_dtype(table["exact"])
    assert leaks(table, {"0" * 64: "test"}) == Leaks(1, (), 0)


def test_photos_that_show_nothing_are_twins_only_byte_for_byte(seen: Make) -> None:
    photos = seen([[1, 1]] * 3, ["rose"] * 3, names=["a", "b", "a"], contrast=[0.001] * 3)
    table, _ = found(photos)
    assert table["key"].tolist() == ["rose/0000.jpg", "rose/0002.jpg"]
    assert table["similarity"].tolist() == [1, 1]


def test_a_thousand_copies_of_one(seen: Make) -> None:
    rng = np.random.default_rng(0)
    vectors = 1 + rng.normal(0, 0.01, (1200, 8))
    table, _ = found(seen(vectors, ["rose"] * 1200))
    assert (len(table), table["group"].max()) == (1200, 0)
    assert table["similarity"].between(0.99, 1).all()


def test_leaks_by_hash_and_by_key(seen: Make) -> None:
    vectors = [[1, 0, 0], [1, 0.01, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1], [0, 0.01, 1]]
    names = ["a", "b", "c", "c", "d", "e"]
    table, _ = found(seen(vectors, ["rose"] * 4 + ["tulip", "rose"], names=names))
    full = {name: name.rjust(64, "0") for name in names}
    by_hash = {full["a"]: "train", full["b"]: "test", full["c"]: "test", full["d"]: "test"}
    by_hash |= {full["e"]: "test"}
    assert leaks(table, by_hash) == Leaks(4, (("rose/0001.jpg", full["b"]),), 1)

    who = list(zip(table["key"], table["sha256"], strict=True))
    by_key = dict(zip(who, ["train", "test", "validation", "test", "test", "test"], strict=True))
    assert [key for key, _ in leaks(table, by_key).leaked] == ["rose/0001.jpg", "rose/0003.jpg"]
    assert leaks(table, {}) == Leaks(0, (), 1)
