"""Which photos of many show the same, by their features and perceptual hashes.

No memory here grows with the square of the number of photos: pairs are looked at in blocks, and
only groups are kept. Most pairs are told by a bound (`flowercore.data.cosines`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from flowercore.data.cosines import New, UnitRows, fitting

NEAR_DUPLICATE = 0.9
"""Cosine of EfficientNet-Lite0's features above which two photos are most likely one (measured in
docs/decisions.md): no two of 500 different flower photos reach it, 96 % of crops of 95 % do."""

RULES = ((0.95, 64), (0.88, 14), (0.4, 4))
"""When two photos are one: a cosine of the features of at least so much, and at most so many of the
hash's 64 bits different. The surer the one, the less is asked of the other."""
_BITS = 64
# Asked one after the other: what needs no hash, then the rest where hashes are near enough for any.
_SURELY = min(least for least, most in RULES if most == _BITS)
_BY_HASH = tuple((least, most) for least, most in RULES if most < _BITS)
_MOST = max(most for _, most in _BY_HASH)

FLAT = 0.02
"""Contrast below which a picture shows nothing: its hash and its features mean nothing either."""

# Smaller than a matrix product likes best: what is done to each pair then stays in the cache.
_BLOCK = 512
_BLOCK_ROWS = 256
# Bits of the 8 x 8 hash that turn over in a mirror: those of the odd horizontal frequencies.
_MIRROR = np.uint64(0x5555555555555555)

Check = Callable[[], None]


def near_groups(
    vectors: np.ndarray, threshold: float = NEAR_DUPLICATE, *, check: Check | None = None
) -> np.ndarray:
    """Group photos by their features alone: who is near to one of a group belongs to it.

    Args:
        vectors: Shape (N, D); a row without a length is near to nobody.
        threshold: Least cosine of two that are near.
        check: Called now and then; raises to stop.

    Returns:
        int64, shape (N,): each row's group, numbered from 0 in the order of their first rows.
    """
    unit = UnitRows.of(unit_rows(vectors))

    def near(rows: slice, columns: slice, new: New) -> np.ndarray:
        return fitting(unit, rows, unit, columns, lambda cosine, at: cosine >= threshold, new)

    return _grouped(len(vectors), near, check)


def duplicate_groups(
    vectors: np.ndarray, hashes: Sequence[str | None], *, check: Check | None = None
) -> np.ndarray:
    """Group photos that show the same, by features and perceptual hashes; see `RULES`.

    Args:
        vectors: Features of EfficientNet-Lite0, shape (N, D); a row without a length is near to
            nobody.
        hashes: Of each photo 16 hexadecimal digits, or None where it says nothing.
        check: Called now and then; raises to stop.

    Returns:
        As `near_groups`. A mirrored photo counts as the same.
    """
    signs = _Signs.of(UnitRows.of(unit_rows(vectors)), hashes)

    def same(rows: slice, columns: slice, new: New) -> np.ndarray:
        return _same(signs, rows, signs, columns, new)

    return _grouped(len(vectors), same, check)


def duplicated_in(
    unit: np.ndarray,
    hashes: Sequence[str | None],
    other_unit: np.ndarray,
    other_hashes: Sequence[str | None],
    *,
    check: Check | None = None,
) -> np.ndarray:
    """Tell which photos show the same as one of others; see `duplicate_groups`.

    Args:
        unit: Features of the photos, shape (N, D), from `unit_rows`.
        hashes: Of each of them.
        other_unit: Features of the others, shape (M, D), likewise.
        other_hashes: Of each of those.
        check: Called now and then; raises to stop.

    Returns:
        bool, shape (N,).
    """
    units = UnitRows.of_two(unit, other_unit)
    ones, others = _Signs.of(units[0], hashes), _Signs.of(units[1], other_hashes)
    some = [_among(ones.part(rows), others, check) for rows in _slices(len(unit))]
    return np.concatenate([np.zeros(0, bool), *some])


def _among(ones: _Signs, others: _Signs, check: Check | None) -> np.ndarray:
    """Tell which of some photos show the same as one of others."""
    found = np.zeros(len(ones.bits), bool)
    left, known = np.arange(len(found)), found.copy()
    for columns in _slices(len(others.bits)):
        if check is not None:
            check()
        every = slice(0, len(left))
        known |= _same(ones, every, others, columns, partial(_unknown, known)).any(axis=1)
        if 2 * np.count_nonzero(known) > len(known):
            # Of those whose twin was found nothing more is asked.
            found[left[known]] = True
            left, ones = left[~known], ones.part(~known)
            known = np.zeros(len(left), bool)
            if not len(left):
                break
    found[left[known]] = True
    return found


def nearest_rows(
    unit: np.ndarray, groups: np.ndarray, count: int, *, check: Check | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Find the nearest others of each row.

    Args:
        unit: Rows of length 1, shape (N, D); a row of zeros is nobody's neighbour.
        groups: Group of each row, shape (N,). Others of its own group do not count, and of each
            other group one row stands for all.
        count: How many, at most one less than there are groups of rows that are not zero.
        check: Called now and then; raises to stop.

    Returns:
        Rows of shape (N, count), the nearest first (of equals the first row), and their cosines.
    """
    speaks = np.flatnonzero(np.any(unit != 0, axis=1))
    speaks = speaks[np.sort(np.unique(groups[speaks], return_index=True)[1])]
    others, of = np.ascontiguousarray(unit[speaks].T), groups[speaks]
    found, cosines = [np.empty((0, count), np.int64)], [np.empty((0, count), np.float32)]
    for top in range(0, len(unit), _BLOCK_ROWS):
        if check is not None:
            check()
        rows = slice(top, top + _BLOCK_ROWS)
        cosine = unit[rows] @ others
        cosine[groups[rows, None] == of] = -np.inf
        best = np.argsort(-cosine, axis=1, kind="stable")[:, :count]
        found.append(speaks[best])
        cosines.append(np.take_along_axis(cosine, best, axis=1))
    return np.concatenate(found), np.concatenate(cosines)


def unit_rows(vectors: np.ndarray, *, in_place: bool = False) -> np.ndarray:
    """Return rows scaled to length 1, float32; one without a finite length becomes all 0.

    Args:
        vectors: Shape (N, D); float32 where they are scaled in place.
        in_place: Whether to scale them where they are: hundreds of megabytes are not held twice.
    """
    unit = vectors if in_place else np.empty(vectors.shape, np.float32)
    # Block by block: what lies between the steps then stays in the processor's cache.
    for first in range(0, len(unit), _BLOCK):
        rows = unit[first : first + _BLOCK]
        if not in_place:
            rows[...] = vectors[first : first + _BLOCK]
        rows[~np.isfinite(rows).all(axis=1)] = 0
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        np.divide(rows, lengths, out=rows, where=lengths > 0)
    return unit


@dataclass(frozen=True)
class _Signs:
    """What photos are known by: features of length 1, and the bits of hashes where there are."""

    unit: UnitRows
    bits: np.ndarray
    missing: np.ndarray

    @classmethod
    def of(cls, unit: UnitRows, hashes: Sequence[str | None]) -> _Signs:
        return cls(
            unit,
            np.array([int(one, 16) if one else 0 for one in hashes], np.uint64),
            np.array([not one for one in hashes], bool),
        )

    def part(self, rows: slice | np.ndarray) -> _Signs:
        return _Signs(self.unit.part(rows), self.bits[rows], self.missing[rows])


def _same(ones: _Signs, rows: slice, others: _Signs, columns: slice, new: New) -> np.ndarray:
    """Tell for each pair of a block whether it fits one of `RULES`."""
    differing = ones.bits[rows, None] ^ others.bits[None, columns]
    apart = np.bitwise_count(differing)
    differing ^= _MIRROR
    np.minimum(apart, np.bitwise_count(differing), out=apart)
    apart[ones.missing[rows]] = _BITS
    apart[:, others.missing[columns]] = _BITS

    def fits(cosine: np.ndarray, at: Any) -> np.ndarray:
        bits = apart[at]
        found = cosine >= _SURELY
        few = np.flatnonzero(bits <= _MOST)  # of pairs of different photos one in thousands
        cosines, differ = cosine.reshape(-1)[few], bits.reshape(-1)[few]
        fit = np.zeros(len(few), bool)
        for least, most in _BY_HASH:
            fit |= (cosines >= least) & (differ <= most)
        found.reshape(-1)[few[fit]] = True
        return found

    return fitting(ones.unit, rows, others.unit, columns, fits, new)


def _unknown(known: np.ndarray, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    return ~known[row]


def _in_two_groups(
    ones: np.ndarray, others: np.ndarray, row: np.ndarray, column: np.ndarray
) -> np.ndarray:
    return ones[row] != others[column]


def _grouped(
    count: int, near: Callable[[slice, slice, New], np.ndarray], check: Check | None
) -> np.ndarray:
    """Join rows that are near, in blocks; a row's label is the smallest row of its group."""
    labels = np.arange(count)
    for rows, columns in _blocks(count):
        if check is not None and columns.start == 0:
            check()
        found = near(rows, columns, partial(_in_two_groups, labels[rows], labels[columns]))
        if rows == columns:
            np.fill_diagonal(found, False)
        while found.any():
            # Pairs within a group say nothing new; of the others one a row, so that photos that
            # are all the same do not make millions of pairs.
            found &= labels[rows, None] != labels[None, columns]
            hit = np.flatnonzero(found.any(axis=1))
            partner = columns.start + found[hit].argmax(axis=1)
            _join(labels, labels[rows.start + hit], labels[partner])
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def _blocks(count: int) -> Iterator[tuple[slice, slice]]:
    for rows in _slices(count):
        for columns in _slices(rows.stop):
            yield rows, columns


def _slices(count: int) -> Iterator[slice]:
    for start in range(0, count, _BLOCK):
        yield slice(start, min(start + _BLOCK, count))


def _join(labels: np.ndarray, ones: np.ndarray, others: np.ndarray) -> None:
    """Give the groups of each pair of labels one label, in place."""
    parent: dict[int, int] = {}

    def root(label: int) -> int:
        while (above := parent.get(label, label)) != label:
            parent[label] = label = parent.get(above, above)
        return label

    for one, other in zip(ones.tolist(), others.tolist(), strict=True):
        low, high = sorted((root(one), root(other)))
        parent[high] = low
    lookup = np.arange(len(labels))
    for label in list(parent):
        lookup[label] = root(label)
    labels[:] = lookup[labels]
