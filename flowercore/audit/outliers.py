"""Photos unlike all others: often something else than what the classes are about.

By the mean distance to the nearest photos in feature space (Kuan and Mueller 2022, 'Back to the
Basics: Revisiting Out-of-Distribution Detection Baselines', arXiv 2207.03061). Nearest of whatever
class: a photo that is near to another class is no stranger, its label may be wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from flowercore.audit.findings import OUTLIER
from flowercore.audit.seen import Seen
from flowercore.data.similarity import nearest_rows

NEAREST = 10
"""Photos whose distance is averaged."""

LEAST = 20
"""Different photos below which there is no saying what is usual."""

FAR = 2.0
"""Robust standard deviations (1.4826 times the median deviation) above the median distance."""


def outliers(seen: Seen, check: Callable[[], None] | None = None) -> list[dict[str, Any]]:
    """Find the photos that are far from all others.

    Args:
        seen: The photos.
        check: Called now and then; raises to stop.

    Returns:
        A problem for each, without rank; none where there are fewer than `LEAST` different photos.
    """
    shows = seen.shows
    if len(np.unique(seen.groups[shows])) < LEAST:
        return []
    _, cosines = nearest_rows(seen.unit, seen.groups, NEAREST, check=check)
    distance = np.clip(1 - cosines.mean(axis=1, dtype=np.float64), 0, 1)
    middle = np.median(distance[shows])
    spread = 1.4826 * np.median(np.abs(distance[shows] - middle))
    # Where nearly all distances are equal, a difference of rounding is none.
    far = shows & (distance > middle + FAR * spread + 1e-6)
    return [
        {
            "key": seen.photos[row].key,
            "sha256": seen.photos[row].sha256,
            "kind": OUTLIER,
            "score": float(distance[row]),
            "why": (
                f"Even its {NEAREST} nearest photos are {1 - distance[row]:.0%} alike on average; "
                f"half of the photos have {1 - middle:.0%} or more."
            ),
        }
        for row in np.flatnonzero(far)
    ]
