"""Rings of petals and discs of seeds: what daisy, sunflower and dandelion have in common."""

from __future__ import annotations

import numpy as np

from flowercore.data.painting.brush import SMALL, Brush, Color, Pose, mix, shade
from flowercore.data.painting.shapes import circle, lay_petals, seed_spiral

# A petal is painted as nested outlines: how wide each is, from rim to lit middle.
NESTED_WIDTHS = np.array([1.0, 0.8, 0.4])


def paint_rays(
    brush: Brush,
    rng: np.random.Generator,
    pose: Pose,
    *,
    angles: np.ndarray,
    length: float,
    width: float,
    outline: np.ndarray,
    root: float,
    tones: tuple[Color, Color, Color],
    unrest: float = 0.08,
) -> None:
    """Paint a ring of petals, each with a dark rim, a body and a lit middle.

    Args:
        brush: What is painted with.
        rng: Source of the petals' differences.
        pose: Where the flower is.
        angles: Direction of each petal (N,).
        length: Mean distance of the tips from the centre, units of the pose.
        width: Mean half width, units of the pose.
        outline: Outline of one petal.
        root: Distance of the roots from the centre, units of the pose.
        tones: Colours of rim, body and middle.
        unrest: Relative deviation of lengths and widths.
    """
    count = len(angles)
    lengths = length * (1 + rng.normal(0, unrest, count))
    widths = width * (1 + rng.normal(0, unrest * 1.5, count))
    bends = rng.normal(0, 0.05, count)
    bright = 1 + 0.13 * np.cos(angles + pose.angle - brush.light) + rng.normal(0, 0.05, count)
    shares = NESTED_WIDTHS if pose.radius > SMALL else NESTED_WIDTHS[:1]
    used = tones if pose.radius > SMALL else tones[1:2]
    petals = lay_petals(
        outline,
        angles[:, None],
        lengths[:, None] * (0.94 + 0.06 * shares),
        widths[:, None] * shares,
        bends[:, None],
        root,
    )
    colors = [shade(tone, factor) for factor in bright.tolist() for tone in used]
    brush.polygons(pose.place(petals).reshape(-1, len(outline)), colors)
    if pose.radius > 3 * SMALL:
        for side in (-0.35j, 0.3j):
            vein = np.array([0.1, 0.5, 0.9]) + side
            veins = lay_petals(vein, angles, lengths, widths, bends, root)
            brush.lines(pose.place(veins), mix(tones[0], tones[1], 0.4))


def paint_disc(
    brush: Brush,
    rng: np.random.Generator,
    pose: Pose,
    *,
    radius: float,
    colors: tuple[Color, Color, Color],
    seeds: int,
) -> None:
    """Paint a disc of seeds in spiral order.

    Args:
        brush: What is painted with.
        rng: Source of the seeds' differences.
        pose: Where the disc is.
        radius: Its radius, units of the pose.
        colors: Colours at the centre, half way and at the rim.
        seeds: Number of seeds; fewer where they would be smaller than pixels.
    """
    rim = pose.place(circle(28) * radius)
    brush.polygon(pose.place(circle(28) * (radius * 1.08)), shade(colors[2], 0.55))
    brush.polygon(rim, shade(mix(colors[1], colors[2], 0.5), 0.8))
    pixels = radius * pose.radius
    count = int(min(seeds, pixels**2 / 9))
    if count < 6:
        brush.polygon(pose.place(circle(28) * (radius * 0.6)), colors[0])
        return
    spots = seed_spiral(count, radius * 0.97)
    reach = np.abs(spots) / radius
    lit = (spots * np.exp(-1j * brush.light)).real / radius
    bright = (0.92 + 0.2 * lit) * (1 + rng.normal(0, 0.14, count))
    stops = np.array(colors)
    tints = [np.interp(reach, [0, 0.5, 1], stops[:, channel]) * bright for channel in range(3)]
    size = max(1.0, pixels / np.sqrt(count) * 0.72)
    brush.dots(pose.place(spots), size, list(zip(*(tint.tolist() for tint in tints), strict=True)))


def dome_lift(pose: Pose, height: float) -> complex:
    """Return the offset at which the top of a dome appears in a slanted pose.

    Args:
        pose: Pose of the flower.
        height: Height of the dome, units of the pose.
    """
    return -1j * height * (1 - pose.squash) / max(pose.squash, 0.3)
