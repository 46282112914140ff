"""What a run is said to bear, made up for tests."""

from __future__ import annotations

from flowercore.data.corruptions import KINDS
from flowercore.evaluation.robustness import Level, Robustness


def borne(**right: list[int]) -> Robustness:
    """Return 87 of 100 right whatever happens, but for ``borne(noise=[80, 70, 52, 40, 20])``."""
    unharmed = [87] * 5
    return Robustness(
        plain=Level(87, 100, 0.8),
        kinds={
            kind: tuple(Level(one, 100, one / 100) for one in right.get(kind, unharmed))
            for kind in KINDS
        },
        missing=3,
        unreadable=1,
        created="2026-11-24T12:00:00+00:00",
    )
