"""Outlines and arrangements that plants are made of, in units of the flower's radius."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))  # between neighbours in a seed spiral (Vogel 1979)


@lru_cache(maxsize=256)
def petal_outline(peak: float, bluntness: float, points: int = 8) -> np.ndarray:
    """Return the outline of a petal that lies along x from 0 to 1, with half width 1.

    Args:
        peak: Where it is widest: 0.5 in the middle, towards 1 near the tip.
        bluntness: 1 gives a pointed tip, values below 1 rounder ones, above 1 a spike.
        points: Points along one side.

    Returns:
        Complex points (2 * points,): one side from root to tip, then the other back. Shared
        between callers, so read-only.
    """
    along = np.linspace(0, 1, points)
    half = np.sin(np.pi * along ** (np.log(0.5) / np.log(peak))).clip(0) ** bluntness
    side = along + 1j * half
    outline = np.concatenate([side, side[::-1].conj()])
    outline.flags.writeable = False
    return outline


def lay_petals(
    outline: np.ndarray,
    angles: np.ndarray | float,
    lengths: np.ndarray | float,
    widths: np.ndarray | float,
    bends: np.ndarray | float = 0.0,
    root: float = 0.0,
) -> np.ndarray:
    """Turn one outline into petals around the origin.

    Args:
        outline: Outline (K,) as `petal_outline` returns it.
        angles: Direction of each petal (...).
        lengths: Distance of each tip from the origin (...).
        widths: Half width of each petal (...).
        bends: Sideways shift of each tip (...).
        root: Distance of the roots from the origin.

    Returns:
        Complex unit points (..., K), the other arguments broadcast against one another.
    """
    turn = np.exp(1j * np.asarray(angles))[..., None]
    long = np.asarray(lengths)[..., None] - root
    wide = np.asarray(widths)[..., None]
    bend = np.asarray(bends)[..., None]
    along = outline.real
    return turn * (root + along * long + 1j * (outline.imag * wide + along**2 * bend))


def seed_spiral(count: int, radius: float) -> np.ndarray:
    """Return evenly packed complex points (count,) in a disc, the middle first (Vogel 1979)."""
    number = np.arange(count)
    return radius * np.sqrt((number + 0.5) / count) * np.exp(1j * number * GOLDEN_ANGLE)


@lru_cache(maxsize=16)
def circle(points: int) -> np.ndarray:
    """Return the unit circle as an outline (points,), read-only."""
    outline = np.exp(2j * np.pi * np.arange(points) / points)
    outline.flags.writeable = False
    return outline


def around(rng: np.random.Generator, count: int, unrest: float) -> np.ndarray:
    """Return ``count`` angles around the circle; ``unrest`` is the deviation in parts of a step."""
    step = 2 * np.pi / count
    return (np.arange(count) + rng.normal(0, unrest, count) + rng.uniform()) * step


def curve(start: complex, bend: complex, end: complex) -> np.ndarray:
    """Return a quadratic Bézier curve as complex points (10,)."""
    t = np.linspace(0, 1, 10)
    return (1 - t) ** 2 * start + 2 * t * (1 - t) * bend + t**2 * end


def ribbon(path: np.ndarray, half_widths: np.ndarray | float) -> np.ndarray:
    """Return the outline (2K,) of a band around a path (K,) with half widths (K,)."""
    direction = np.gradient(path)
    normal = 1j * direction / (np.abs(direction) + 1e-9) * half_widths
    return np.concatenate([path + normal, (path - normal)[::-1]])
