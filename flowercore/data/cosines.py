"""Which cosines of many rows are high enough, most of them told without computing them.

A bound takes a tenth of a cosine's work. For unit rows u = a + r and v = b + s, where a and b are
their parts in the span of some orthonormal axes and r and s the rest of them,

    u . v = a . b + r . s <= a . b + |r| |s|    (Cauchy and Schwarz)

so that each row needs its coordinates on the axes and the length of its rest. The axes are those
along which the rows vary most (subspace iteration on a sample: Golub and Van Loan, Matrix
Computations, 4th edition, 8.2.4): what is not in their span is short, and the bound is low.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

# Measured in docs/decisions.md: of pairs of different flowers 3 of 1,000 are left to look at.
_AXES, _SAMPLE, _ROUNDS = 127, 1024, 3
# Of fewer rows all cosines are as quick.
_FEWEST = 2048
# What single precision may take off a bound.
_SLACK = np.float32(1e-4)
# Where more than this share of a block is left, its cosines are computed all at once.
_MANY = 0.02
# Pairs that are looked at together: their rows are copied.
_PAIRS = 2048

Fits = Callable[[np.ndarray, Any], np.ndarray]
"""Tells whether pairs fit. Called with numbers, and with where in the block they belong (an index
that takes the same from an array of the block's shape). A pair that fits must also fit with any
higher number in place of its cosine."""

New = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Tells which pairs of a block matter, by their rows and columns within it."""


@dataclass(frozen=True, eq=False)
class UnitRows:
    """Rows of length 1 or 0.

    Attributes:
        values: float32, shape (N, D).
        short: float32, shape (N, K + 1): coordinates on K axes and the length of the rest; None
            where there are so few rows that no bound is needed.
    """

    values: np.ndarray
    short: np.ndarray | None

    @classmethod
    def of(cls, values: np.ndarray) -> UnitRows:
        """Take rows that are compared with each other, float32 of shape (N, D)."""
        return cls.of_two(values, values[:0])[0]

    @classmethod
    def of_two(cls, values: np.ndarray, others: np.ndarray) -> tuple[UnitRows, UnitRows]:
        """Take rows that are compared with others, float32 of shapes (N, D) and (M, D)."""
        many = max(len(values), len(others)) >= _FEWEST and values.shape[1] > 2 * _AXES
        if not many:
            return cls(values, None), cls(others, None)
        axes = _axes(values if len(values) > len(others) else others)
        return cls(values, _short(values, axes)), cls(others, _short(others, axes))

    def part(self, rows: slice | np.ndarray) -> UnitRows:
        """Return some of the rows, by a slice or a bool or int array."""
        return UnitRows(self.values[rows], None if self.short is None else self.short[rows])


def fitting(
    ones: UnitRows, rows: slice, others: UnitRows, columns: slice, fits: Fits, new: New
) -> np.ndarray:
    """Tell for a block of pairs which of them fit.

    Args:
        ones: The rows.
        rows: Which of them; R.
        others: What they are compared with, from the same `UnitRows.of_two`, or ``ones`` again.
        columns: Which of those; C.
        fits: What is asked of a pair.
        new: Which pairs matter. Others may come out either way.

    Returns:
        bool, shape (R, C).
    """
    if ones.short is None or others.short is None:
        return fits(ones.values[rows] @ others.values[columns].T, ...)
    found = fits(ones.short[rows] @ others.short[columns].T + _SLACK, ...)
    left = np.flatnonzero(found)
    if not len(left):
        return found
    row, column = np.divmod(left, found.shape[1])
    matters = new(row, column)
    row, column = row[matters], column[matters]
    if len(row) > _MANY * found.size:
        return fits(ones.values[rows] @ others.values[columns].T, ...)
    found[...] = False
    for first in range(0, len(row), _PAIRS):
        at = row[first : first + _PAIRS], column[first : first + _PAIRS]
        cosines = np.einsum(
            "nd,nd->n", ones.values[rows.start + at[0]], others.values[columns.start + at[1]]
        )
        found[at] = fits(cosines, at)
    return found


def _axes(values: np.ndarray) -> np.ndarray:
    """Return orthonormal axes, float32 (D, K), along which the rows vary most."""
    sample = values[:: -(-len(values) // _SAMPLE)]
    rng = np.random.default_rng(0)
    axes = rng.normal(size=(values.shape[1], _AXES)).astype(np.float32)
    for _ in range(_ROUNDS):
        axes = np.linalg.qr(sample.T @ (sample @ axes))[0]
    return axes


def _short(values: np.ndarray, axes: np.ndarray) -> np.ndarray:
    along = values @ axes
    squares = np.einsum("nd,nd->n", values, values) - np.einsum("nk,nk->n", along, along)
    return np.hstack([along, np.sqrt(np.maximum(squares, 0))[:, None]])
