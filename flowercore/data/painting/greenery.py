"""Grass, leaves and stems."""

from __future__ import annotations

import numpy as np

from flowercore.data.painting.brush import UP, Brush, Color, Pose, mix, shade, vary
from flowercore.data.painting.shapes import curve, lay_petals, petal_outline, ribbon

GREENS: tuple[Color, ...] = (
    (60, 104, 36),
    (88, 132, 48),
    (44, 84, 44),
    (112, 140, 60),
    (70, 110, 70),
)
RIB: Color = (200, 210, 150)


def paint_blades(
    brush: Brush, rng: np.random.Generator, green: Color, count: int, highest: float
) -> None:
    """Paint blades of grass rooted between ``highest`` (0 is the top, 1 the bottom) and below."""
    wide, high = brush.image.size
    roots = rng.uniform(-0.05, 1.05, count) * wide
    roots = roots + 1j * np.sort(rng.uniform(highest, 1.25, count)) * high
    lengths = rng.uniform(0.1, 0.35, count) * high
    blades = lay_petals(
        petal_outline(0.25, 0.8, points=4),
        UP + rng.normal(0, 0.3, count),
        lengths,
        rng.uniform(0.002, 0.009, count) * max(wide, high),
        rng.normal(0, 0.25, count) * lengths,
    )
    tones = [shade(vary(rng, green), factor) for factor in rng.uniform(0.55, 1.5, count).tolist()]
    brush.polygons(blades + roots[:, None], tones)


def paint_leaf(
    brush: Brush,
    pose: Pose,
    outline: np.ndarray,
    *,
    angle: float,
    length: float,
    width: float,
    bend: float,
    color: Color,
) -> None:
    """Paint a leaf that starts at the pose: two halves that take the light differently, a rib.

    Args:
        brush: What is painted with.
        pose: Where the leaf begins.
        outline: Outline as `petal_outline` returns it.
        angle: Direction of the leaf.
        length: From root to tip, units of the pose.
        width: Half width, units of the pose.
        bend: Sideways shift of the tip, units of the pose.
        color: Its green.
    """
    whole = pose.place(lay_petals(outline, angle, length, width, bend))
    half = len(outline) // 2
    rib = (whole[:half] + whole[half:][::-1]) / 2
    lit = 1 + 0.2 * float(np.cos(angle + np.pi / 2 - brush.light))
    brush.polygon(whole, shade(color, 2 - lit))
    brush.polygon(np.concatenate([whole[:half], rib[::-1]]), shade(color, lit))
    if length * pose.radius > 40:
        brush.lines(rib[None], mix(color, RIB, 0.35), pose.radius / 90)


def paint_stem(
    brush: Brush, flower: complex, root: complex, sway: float, width: float, color: Color
) -> np.ndarray:
    """Paint a stem from the flower down to its root.

    Args:
        brush: What is painted with.
        flower: Where the flower sits, pixels.
        root: Where the root is, pixels.
        sway: Sideways bulge, pixels.
        width: Width, pixels.
        color: Its green.

    Returns:
        Points of its middle line (10,), where leaves can be set.
    """
    path = curve(flower, (flower + root) / 2 + sway, root)
    brush.polygon(ribbon(path, np.linspace(0.8, 1.1, 10) * width / 2), shade(color, 0.72))
    brush.polygon(ribbon(path - width * 0.12, width * 0.25), shade(color, 1.1))
    return path
