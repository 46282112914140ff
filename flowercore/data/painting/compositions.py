"""Where the flowers stand in a picture: one, a few, a bunch, a field, or far away."""

from __future__ import annotations

import numpy as np

from flowercore.data.painting.brush import Brush
from flowercore.data.painting.habits import Stand


def paint_single(brush: Brush, rng: np.random.Generator, stand: Stand) -> None:
    """Paint one large head, whole or cropped by the frame."""
    wide, high = brush.image.size
    at = complex(wide * rng.normal(0.5, 0.1), high * rng.normal(0.47, 0.09))
    stand.paint(brush, rng, at, min(wide, high) * rng.uniform(0.2, 0.7))


def paint_few(brush: Brush, rng: np.random.Generator, stand: Stand) -> None:
    """Paint two to seven heads that stand loosely about the frame."""
    wide, high = brush.image.size
    count = int(rng.integers(2, 8))
    radius = min(wide, high) * rng.uniform(0.28, 0.6) / np.sqrt(count)
    for row in np.sort(rng.uniform(0.15, 0.85, count)).tolist():
        at = complex(wide * rng.uniform(0.08, 0.92), high * row)
        stand.paint(brush, rng, at, radius * rng.uniform(0.75, 1.25), strangers=0.3)


def paint_bunch(brush: Brush, rng: np.random.Generator, stand: Stand) -> None:
    """Paint heads side by side, as in a bouquet or a clump."""
    wide, high = brush.image.size
    across = int(rng.integers(2, 5))
    radius = min(wide, high) * rng.uniform(0.4, 0.75) / across
    step = radius * rng.uniform(1.3, 1.8)
    center = complex(wide * rng.normal(0.5, 0.06), high * rng.normal(0.45, 0.06))
    strangers = 0.6 if rng.uniform() < 0.4 else 0.0
    places = range(-across // 2, across // 2 + 1)
    for row in places:
        for column in places:
            if rng.uniform() < 0.15:
                continue  # a gap
            spot = complex(column + 0.5 * (row % 2), 0.85 * row)
            unrest = complex(*rng.normal(0, 0.15, 2))
            size = radius * rng.uniform(0.85, 1.15)
            stand.paint(brush, rng, center + (spot + unrest) * step, size, strangers)


def paint_field(brush: Brush, rng: np.random.Generator, stand: Stand) -> None:
    """Paint many heads up to a horizon, the nearer the larger."""
    wide, high = brush.image.size
    near = min(wide, high) * rng.uniform(0.08, 0.17)
    top = rng.uniform(0.0, 0.5)
    room = (1 - top) * wide * high / (8 * near**2)
    count = int(np.clip(stand.habit.crowd * room, 8, 60))
    strangers = rng.uniform(0.0, 0.7)
    # The power moves the heads together towards the horizon, as perspective does.
    for depth in (np.sort(rng.uniform(0, 1, count)) ** 1.4).tolist():
        at = complex(wide * rng.uniform(-0.03, 1.03), high * (top + (1.05 - top) * depth))
        stand.paint(brush, rng, at, near * (0.35 + 0.65 * depth), strangers)


def paint_distant(brush: Brush, rng: np.random.Generator, stand: Stand) -> None:
    """Paint small heads that the surroundings all but hide."""
    wide, high = brush.image.size
    radius = min(wide, high) * rng.uniform(0.025, 0.07)
    for row in np.sort(rng.uniform(0.2, 0.95, int(rng.integers(3, 14)))).tolist():
        at = complex(wide * rng.uniform(0.03, 0.97), high * row)
        stand.paint(brush, rng, at, radius * (0.6 + 0.6 * row), strangers=0.2)
