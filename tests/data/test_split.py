"""Dividing photos."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from flowercore.data.split import Split, deal_folds, stratified_split
from flowercore.errors import ConfigError


def labels_and_groups(*counts: int) -> tuple[list[int], list[str]]:
    labels = [label for label, count in enumerate(counts) for _ in range(count)]
    return labels, [f"sha{index}" for index in range(len(labels))]


def per_class(split: Split, labels: list[int]) -> list[dict[int, int]]:
    return [
        dict(Counter(labels[i] for i in part))
        for part in (split.train, split.validation, split.test)
    ]


def test_a_hundred_photos_a_class_make_72_8_20() -> None:
    labels, groups = labels_and_groups(100, 100, 100, 100, 100)

    split = stratified_split(labels, groups, test=0.2, validation=0.1, seed=42)

    assert per_class(split, labels) == [dict.fromkeys(range(5), n) for n in (72, 8, 20)]
    assert sorted([*split.train, *split.validation, *split.test]) == list(range(500))


@pytest.mark.parametrize(
    ("count", "test", "validation", "expected"),
    [
        (50, 0.29, 0, (35, 0, 15)),  # 14.5 is rounded up, though 0.29 * 50 < 14.5 in floats
        (10, 0.25, 0.5, (3, 4, 3)),  # 2.5 -> 3, then 3.5 -> 4
        (3, 0.2, 0.1, (1, 1, 1)),  # a wanted part gets at least one
        (7, 0, 0.1, (6, 1, 0)),
        (7, 0.1, 0, (6, 0, 1)),
        (7, 0, 0, (7, 0, 0)),
    ],
)
def test_counts_are_exact(
    count: int, test: float, validation: float, expected: tuple[int, int, int]
) -> None:
    labels, groups = labels_and_groups(count, count)

    split = stratified_split(labels, groups, test=test, validation=validation, seed=1)

    assert tuple(len(part) for part in (split.train, split.validation, split.test)) == tuple(
        2 * n for n in expected
    )
    assert all(part.dtype == np.int64 for part in (split.train, split.validation, split.test))


def test_the_seed_decides() -> None:
    labels, groups = labels_and_groups(30, 30)

    def of(seed: int) -> Split:
        return stratified_split(labels, groups, test=0.2, validation=0.1, seed=seed)

    assert np.array_equal(of(7).test, of(7).test)
    assert np.array_equal(of(7).validation, of(7).validation)
    assert not np.array_equal(of(7).test, of(8).test)


def test_copies_stay_on_one_side() -> None:
    labels = [0] * 40 + [1] * 40
    groups = [f"a{n // 2}" for n in range(40)] + [f"b{n // 4}" for n in range(40)]

    for seed in range(20):
        split = stratified_split(labels, groups, test=0.2, validation=0.1, seed=seed)

        sides = [{groups[i] for i in part} for part in (split.train, split.validation, split.test)]
        assert not sides[0] & sides[1]
        assert not sides[0] & sides[2]
        assert not sides[1] & sides[2]
        assert len(split.test) == 16
        assert all(len(counts) == 2 for counts in per_class(split, labels))


def test_copies_in_two_classes_stay_on_one_side_too() -> None:
    labels, groups = labels_and_groups(20, 20)
    groups[25] = groups[3]

    for seed in range(20):
        split = stratified_split(labels, groups, test=0.3, validation=0.3, seed=seed)

        assert any({3, 25} <= set(part) for part in (split.train, split.validation, split.test))


def test_large_groups_still_give_every_part_a_photo() -> None:
    labels = [0] * 9 + [1] * 9
    groups = [f"{label}-{n // 3}" for label in (0, 1) for n in range(9)]

    split = stratified_split(labels, groups, test=0.1, validation=0.1, seed=0)

    assert [len(part) for part in (split.train, split.validation, split.test)] == [6, 6, 6]


@pytest.mark.parametrize("fraction", [1.0, 1.5, -0.1, float("nan")])
def test_fractions_have_bounds(fraction: float) -> None:
    labels, groups = labels_and_groups(10, 10)

    with pytest.raises(ConfigError, match=r"validation split must be at least 0 and below 1"):
        stratified_split(labels, groups, test=0.2, validation=fraction, seed=1)
    with pytest.raises(ConfigError, match=rf"test split must be .* Received: {fraction}"):
        stratified_split(labels, groups, test=fraction, validation=0.1, seed=1)


@pytest.mark.parametrize(
    ("counts", "test", "validation"),
    [((10, 2), 0.2, 0.1), ((10, 3), 0.2, 0.9), ((10, 1), 0.2, 0), ((10, 1), 0, 0.1)],
)
def test_every_part_needs_a_photo_of_every_class(
    counts: tuple[int, ...], test: float, validation: float
) -> None:
    labels, groups = labels_and_groups(*counts)

    with pytest.raises(ConfigError, match=rf"each part.* a class of {counts[1]} photo"):
        stratified_split(labels, groups, test=test, validation=validation, seed=1)


def test_three_copies_of_one_photo_are_one_photo() -> None:
    with pytest.raises(ConfigError, match="3 photos that are copies of 1"):
        stratified_split(
            [0, 0, 0, 1, 1, 1], ["a", "a", "a", "b", "c", "d"], test=0.2, validation=0.1, seed=1
        )


def test_the_identity_names_the_parts_not_the_order() -> None:
    labels, groups = labels_and_groups(10, 10)
    split = stratified_split(labels, groups, test=0.2, validation=0.1, seed=1)
    other = stratified_split(labels, groups, test=0.2, validation=0.1, seed=2)
    backwards = Split(*(19 - part for part in (split.train, split.validation, split.test)))

    assert split.identity(groups) == backwards.identity(groups[::-1])
    assert split.identity(groups) != other.identity(groups)
    swapped = Split(split.train, split.test, split.validation)
    assert split.identity(groups) != swapped.identity(groups)


def test_folds_are_stratified_and_keep_groups_together() -> None:
    labels = np.repeat(np.arange(4), [40, 20, 10, 5])
    groups = np.arange(75)
    groups[40:44] = 40
    folds = deal_folds(labels, groups, 5, seed=1)
    assert len(set(folds[40:44])) == 1
    for label, least in ((0, 8), (2, 2), (3, 1)):
        counts = np.bincount(folds[labels == label], minlength=5)
        assert counts.min() == counts.max() == least
    assert not np.array_equal(folds, deal_folds(labels, groups, 5, seed=2))
