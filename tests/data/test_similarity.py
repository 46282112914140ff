"""Groups of near vectors: right, the same whatever the blocks, and small in memory."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from flowercore.data import cosines, similarity
from flowercore.data.look import look
from flowercore.data.similarity import (
    NEAR_DUPLICATE,
    duplicate_groups,
    duplicated_in,
    near_groups,
    unit_rows,
)
from flowercore.errors import CancelledError


def by_hand(vectors: np.ndarray, threshold: float) -> list[int]:
    """Colour connected components one by one."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    near = unit @ unit.T >= threshold
    group = [-1] * len(unit)
    for start in range(len(unit)):
        waiting, number = [start], max(group) + 1
        if group[start] >= 0:
            continue
        while waiting:
            row = waiting.pop()
            if group[row] < 0:
                group[row] = number
                waiting.extend(np.flatnonzero(near[row]).tolist())
    return group


@pytest.mark.parametrize("threshold", [0.8, 0.95, 0.99, 1.1])
@pytest.mark.parametrize("block", [7, 50, 1000])
def test_groups_are_connected_components(
    threshold: float, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similarity, "_BLOCK", block)
    vectors = np.random.default_rng(1).normal(size=(180, 4)).astype(np.float32)
    assert near_groups(vectors, threshold).tolist() == by_hand(vectors, threshold)


def test_all_the_same_are_one_group_and_soon_found() -> None:
    assert near_groups(np.ones((3000, 8)), 0.999).max() == 0


def test_a_chain_is_one_group() -> None:
    angles = np.arange(40) * 0.1
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert near_groups(vectors, np.cos(0.11)).max() == 0
    assert near_groups(vectors, np.cos(0.09)).tolist() == list(range(40))


def test_rows_that_say_nothing_are_alone() -> None:
    vectors = np.array([[0, 0], [0, 0], [np.nan, 1], [np.inf, 1], [1, 1], [2, 2]], np.float32)
    groups = near_groups(vectors, NEAR_DUPLICATE)
    assert groups.tolist() == [0, 1, 2, 3, 4, 4]
    assert near_groups(np.empty((0, 5))).tolist() == []
    assert duplicate_groups(np.empty((0, 5)), []).tolist() == []


def test_the_hash_must_agree_the_more_the_less_features_do() -> None:
    def groups(cosine: float, first: str | None, second: str | None) -> int:
        vectors = np.array([[1, 0], [cosine, np.sqrt(1 - cosine**2)]])
        return int(duplicate_groups(vectors, [first, second]).max()) + 1

    zero, four, fourteen, all_of_them = "0" * 16, "f" + "0" * 15, "0003fff" + "0" * 9, "f" * 16
    assert groups(0.96, zero, "f0" * 8) == 1
    assert groups(0.94, zero, "f0" * 8) == 2
    assert groups(0.9, zero, fourteen) == 1
    assert groups(0.87, zero, fourteen) == 2
    assert groups(0.9, zero, "f" + fourteen[1:]) == 2
    assert groups(0.5, zero, four) == 1
    assert groups(0.3, zero, four) == 2
    assert groups(0.5, zero, all_of_them) == 2
    assert groups(0.96, zero, None) == 1
    assert groups(0.9, None, None) == 2


def test_a_mirrored_photo_has_the_hash_that_is_expected(real_photos: Path) -> None:
    with Image.open(sorted((real_photos / "tulip").iterdir())[0]) as picture:
        original = picture.convert("RGB")
    hashes = []
    for one in (original, ImageOps.mirror(original), ImageOps.flip(original)):
        out = io.BytesIO()
        one.save(out, "JPEG", quality=90)
        hashes.append(look(out.getvalue(), name="x.jpg")[0].phash)
    alike = np.array([[1, 0], [0.5, np.sqrt(0.75)]])
    assert duplicate_groups(alike, hashes[:2]).tolist() == [0, 0]
    assert duplicate_groups(alike, hashes[::2]).tolist() == [0, 1]


def test_it_can_be_stopped() -> None:
    def stop() -> None:
        raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        near_groups(np.ones((10, 2)), check=stop)
    unit = unit_rows(np.ones((10, 2), np.float32))
    with pytest.raises(CancelledError):
        duplicated_in(unit, 10 * [None], unit, 10 * [None], check=stop)


@pytest.mark.parametrize("block", [3, 7, 1000])
def test_across_two_sets_the_same_pairs_are_found_as_within_one(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similarity, "_BLOCK", block)
    rng = np.random.default_rng(5)
    vectors = rng.normal(size=(40, 3)).astype(np.float32)
    vectors[7] = vectors[31] = 0
    hashes = [None if row % 9 == 0 else f"{row % 5:016x}" for row in range(40)]
    expected = [
        any(
            duplicate_groups(vectors[[one, other]], [hashes[one], hashes[other]]).max() == 0
            for other in range(25, 40)
        )
        for one in range(25)
    ]
    assert 0 < sum(expected) < 25
    unit = unit_rows(vectors)
    found = duplicated_in(unit[:25], hashes[:25], unit[25:], hashes[25:])
    assert found.tolist() == expected


def test_of_a_photo_whose_twin_was_found_nothing_more_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(similarity, "_BLOCK", 50)
    asked: list[int] = []
    fitting = similarity.fitting

    def counted(ones: cosines.UnitRows, rows: slice, *rest: Any) -> np.ndarray:
        asked.append(rows.stop - rows.start)
        return fitting(ones, rows, *rest)

    monkeypatch.setattr(similarity, "fitting", counted)
    unit = unit_rows(np.eye(100, 101, dtype=np.float32))
    # Of the first fifty each second one has a twin among the first others; of the rest nobody has.
    others = np.concatenate([unit[:50:2], np.tile(np.eye(1, 101, 100, np.float32), (375, 1))])
    found = duplicated_in(unit, 100 * [None], others, 400 * [None])
    assert np.flatnonzero(found).tolist() == list(range(0, 50, 2))
    assert asked == 16 * [50]
    asked.clear()
    everybody = duplicated_in(unit[:60], 60 * [None], np.tile(unit[:60], (5, 1)), 300 * [None])
    assert everybody.all()
    assert asked == [50, 10, 10]


def photos_like(count: int, dimension: int = 300) -> tuple[np.ndarray, list[str | None]]:
    """Draw vectors as a network gives them: positive, a few alike, many a little."""
    rng = np.random.default_rng(count)
    kinds = rng.gamma(0.5, size=(count // 4, dimension)) + 0.5 * rng.gamma(1, size=dimension)
    noise = rng.gamma(0.5, size=(count, dimension)) * rng.uniform(0.05, 1, (count, 1))
    vectors = (kinds[rng.integers(len(kinds), size=count)] + noise).astype(np.float32)
    vectors[3] = 0
    bits = rng.integers(0, 2**20, count)
    return vectors, [None if row % 11 == 0 else f"{one:016x}" for row, one in enumerate(bits)]


@pytest.mark.parametrize("block", [64, 100, 512])
def test_a_bound_changes_nothing(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, hashes = photos_like(700)
    ones, others = slice(0, 300), slice(300, 700)

    unit = unit_rows(vectors)

    def found() -> list[list]:
        across = duplicated_in(unit[ones], hashes[ones], unit[others], hashes[others])
        near = [near_groups(vectors, least).tolist() for least in (0.8, 0.9, 0.99)]
        return [*near, duplicate_groups(vectors, hashes).tolist(), across.tolist()]

    expected = found()
    assert all(1 < len(set(groups)) < 700 for groups in expected)
    monkeypatch.setattr(similarity, "_BLOCK", block)
    monkeypatch.setattr(cosines, "_FEWEST", 300)
    assert cosines.UnitRows.of(vectors).short is not None
    assert found() == expected
    monkeypatch.setattr(cosines, "_MANY", 0)
    assert found() == expected


def test_of_many_rows_few_cosines_are_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = unit_rows(photos_like(600, 1280)[0])
    monkeypatch.setattr(cosines, "_FEWEST", 600)
    rows, whole = cosines.UnitRows.of(vectors), slice(0, 600)
    asked = []

    def fits(cosine: np.ndarray, at: object) -> np.ndarray:
        asked.append(cosine.copy())
        return cosine >= 0.9

    found = cosines.fitting(rows, whole, rows, whole, fits, lambda row, column: row != column)
    bound, *exact = asked
    assert (bound >= vectors @ vectors.T).all()
    assert len(exact) > 0
    assert sum(one.size for one in exact) < 600**2 / 10
    np.fill_diagonal(found, True)
    assert (found == (vectors @ vectors.T >= 0.9) | np.eye(600, dtype=bool)).all()


def test_rows_are_scaled_in_place_as_they_are_elsewhere() -> None:
    vectors, _ = photos_like(1_100)
    vectors[5, 7], vectors[600, 0], vectors[1_099] = np.inf, np.nan, -2
    wanted = unit_rows(vectors)
    assert not np.shares_memory(wanted, vectors)
    lengths = np.linalg.norm(wanted, axis=1)
    zero = [3, 5, 600]
    np.testing.assert_array_equal(lengths[zero], 0)
    np.testing.assert_allclose(np.delete(lengths, zero), 1, rtol=1e-5)
    found = unit_rows(vectors, in_place=True)
    assert found is vectors
    np.testing.assert_array_equal(found, wanted)


def test_of_nobody_nobody_is_a_copy() -> None:
    one, nobody = unit_rows(np.ones((1, 4))), np.empty((0, 4), np.float32)
    assert duplicated_in(one, [None], nobody, []).tolist() == [False]
    assert duplicated_in(nobody, [], one, [None]).tolist() == []
    assert duplicated_in(one, [None], one, [None]).tolist() == [True]
