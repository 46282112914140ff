"""The rose: many broad petals rolled into a spiral, open or as a bud."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flowercore.data.painting.brush import SMALL, UP, Brush, Color, Pose, choose, mix, shade
from flowercore.data.painting.rays import dome_lift
from flowercore.data.painting.shapes import GOLDEN_ANGLE, circle, lay_petals, petal_outline

RED: Color = (200, 22, 36)
PINK: Color = (236, 120, 160)
YELLOW: Color = (246, 206, 50)
COLORS: tuple[Color, ...] = (
    RED,
    RED,
    PINK,
    PINK,
    YELLOW,
    (140, 10, 36),
    (244, 190, 196),
    (212, 40, 120),
    (244, 240, 232),
    (244, 140, 60),
    (246, 180, 130),
)
PALE: Color = (255, 245, 240)
SEPALS: tuple[Color, ...] = ((70, 110, 50), (96, 130, 60))

# A petal is painted as nested outlines from its shadow inwards: size, and how far its colour
# has gone from the lit rim to the depth under the next petal.
WRAP_SIZES = np.array([1.025, 1.0, 0.95, 0.89, 0.82, 0.74, 0.64])
WRAP_DEPTHS = (0.0, 0.0, 0.14, 0.3, 0.5, 0.7, 0.9)
WRAP = np.linspace(-1, 1, 13)  # along the rim of a petal, from one end to the other
BUD_WRAPS = 9


@dataclass(frozen=True)
class Rose:
    """The look of one rose bush.

    Attributes:
        rim: Colour of the petals in the light.
        depth: Colour between them.
        petals: Petals of an open bloom.
        ruffle: Waviness of the rims.
        bud: Share of the blooms that are buds.
    """

    rim: Color
    depth: Color
    petals: int
    ruffle: float
    bud: float

    @classmethod
    def random(cls, rng: np.random.Generator) -> Rose:
        """Return a random look."""
        base = choose(rng, COLORS, 10)
        depths = (shade(base, 0.45), mix(shade(base, 0.6), YELLOW, 0.3), shade(base, 0.6))
        return cls(
            rim=mix(base, PALE, rng.uniform(0.0, 0.3)),
            depth=depths[int(rng.integers(len(depths)))],
            petals=int(rng.integers(12, 34)),
            ruffle=rng.uniform(0.03, 0.14),
            bud=rng.uniform(0.0, 0.35),
        )

    def paint(self, brush: Brush, rng: np.random.Generator, pose: Pose) -> None:
        """Paint one bloom or bud, its centre at the pose."""
        if rng.uniform() < self.bud:
            self._paint_bud(brush, rng, Pose(pose.center, pose.radius, 1.0, pose.angle * 0.3))
        else:
            self._paint_bloom(brush, rng, pose)

    def _paint_bloom(self, brush: Brush, rng: np.random.Generator, pose: Pose) -> None:
        count = self.petals if pose.radius > SMALL else 8
        start = rng.uniform(0, 2 * np.pi)
        for number in range(count):
            reach = (1 - number / count) ** 0.85
            at = pose.moved(dome_lift(pose, 0.35 * (1 - reach)))
            angle = start + number * GOLDEN_ANGLE + rng.normal(0, 0.3)
            loose = 1 + rng.normal(0, self.ruffle)
            self._paint_wrap(brush, rng, at, angle, max(reach, 0.1) * loose)

    def _paint_wrap(
        self, brush: Brush, rng: np.random.Generator, pose: Pose, angle: float, reach: float
    ) -> None:
        # One petal: lit at its rolled rim, darker towards the depth where the next one covers it.
        half, phase, waves, tip = rng.uniform((0.75, 0, 3, -0.3), (1.15, 6, 7, 1.2)).tolist()
        half += 0.5 * (1 - reach)
        wave = np.sin(WRAP * waves + phase) + np.exp(-12 * WRAP**2) * tip
        rim = reach * (1 - 0.35 * np.abs(WRAP) ** 3) * (1 + self.ruffle * wave)
        outline = np.append(rim * np.exp(1j * half * WRAP), -0.25 * reach)
        near = pose.radius > SMALL
        sizes = (WRAP_SIZES if near else WRAP_SIZES[:2])[:, None]
        center = 0.2 * reach
        nested = (center + (outline - center) * sizes) * np.exp(1j * angle)

        facing = float(np.cos(angle + pose.angle - brush.light))
        bright = 1 + 0.14 * facing + rng.normal(0, 0.05)
        deep = mix(self.depth, self.rim, 0.55 * reach)
        tones = [shade(mix(self.rim, deep, depth), bright) for depth in WRAP_DEPTHS[: len(sizes)]]
        tones[0] = mix(shade(self.depth, 0.7), self.rim, 0.25)
        brush.polygons(pose.place(nested), tones)

    def _paint_bud(self, brush: Brush, rng: np.random.Generator, pose: Pose) -> None:
        # A cup seen from the side: rolled petals look out at its mouth, three big ones wrap it.
        mouth = Pose(pose.moved(-0.25j).center, pose.radius * 0.62, 0.55, pose.angle)
        for number in range(BUD_WRAPS):
            reach = 1 - number / (BUD_WRAPS + 1)
            at = mouth.moved(-0.5j * (1 - reach))
            self._paint_wrap(brush, rng, at, number * GOLDEN_ANGLE, max(reach, 0.15))
        cup = pose.moved(0.75j)
        angles = UP + np.array([-0.42, 0.42, rng.normal(0, 0.12)])
        lengths = np.array([1.3, 1.3, 1.12]) + rng.normal(0, 0.06, 3)
        widths = np.array([0.44, 0.44, 0.5]) + rng.normal(0, 0.03, 3)
        outline = petal_outline(0.62, 0.55, points=10)
        wraps = lay_petals(
            outline,
            angles[:, None],
            lengths[:, None] * [1.02, 1.0, 0.95, 0.86],
            widths[:, None] * [1.03, 1.0, 0.92, 0.7],
        )
        tones = [mix(shade(self.depth, 0.8), self.rim, 0.2)]
        tones += [mix(self.rim, self.depth, depth) for depth in (0.0, 0.12, 0.35)]
        bright = 1 + 0.18 * np.cos(angles - brush.light)
        colors = [shade(tone, factor) for factor in bright.tolist() for tone in tones]
        brush.polygons(cup.place(wraps).reshape(-1, len(outline)), colors)
        self._paint_sepals(brush, rng, cup)

    def _paint_sepals(self, brush: Brush, rng: np.random.Generator, cup: Pose) -> None:
        green = choose(rng, SEPALS)
        angles = UP + np.array([-1.5, -0.8, 0.0, 0.8, 1.5]) + rng.normal(0, 0.2, 5)
        sepals = lay_petals(petal_outline(0.35, 1.1), angles, rng.uniform(0.4, 0.75, 5), 0.09)
        tones = [shade(green, factor) for factor in rng.uniform(0.7, 1.1, 5).tolist()]
        brush.polygons(cup.place(sepals), tones)
        hip = circle(12)
        brush.polygon(cup.place(0.2 * hip.real + 0.14j * hip.imag), shade(green, 0.9))
