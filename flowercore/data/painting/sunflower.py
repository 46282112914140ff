"""The sunflower: pointed yellow rays in two rows around a large disc of seeds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flowercore.data.painting.brush import SMALL, Brush, Color, Pose, choose, mix, shade, vary
from flowercore.data.painting.rays import paint_disc, paint_rays
from flowercore.data.painting.shapes import around, petal_outline

BROWN: Color = (78, 46, 20)
DARK: Color = (46, 28, 18)
RUST: Color = (150, 88, 24)
GREEN: Color = (130, 130, 40)
GOLD: Color = (196, 150, 40)
DISCS: tuple[tuple[Color, Color, Color], ...] = (
    (DARK, BROWN, RUST),
    (BROWN, DARK, BROWN),
    (GREEN, BROWN, GOLD),
    (GREEN, GOLD, GOLD),
    (BROWN, RUST, GOLD),
    (DARK, DARK, BROWN),
)
YELLOWS: tuple[Color, ...] = ((250, 200, 20), (246, 184, 10), (252, 214, 40), (240, 160, 16))
REDS: tuple[Color, ...] = ((150, 50, 20), (120, 30, 24))
RED_SHARE = 0.05
ORANGE: Color = (230, 130, 0)
SEPAL: Color = (90, 130, 40)
FLORETS = 90  # open florets in the ring of pollen


@dataclass(frozen=True)
class Sunflower:
    """The look of one stand of sunflowers.

    Attributes:
        petal: Colour of the rays.
        disc: Colours of the disc at its centre, half way and at its rim.
        disc_radius: Radius of the disc, parts of the head's radius.
        count: Rays in one of the two rows.
    """

    petal: Color
    disc: tuple[Color, Color, Color]
    disc_radius: float
    count: int

    @classmethod
    def random(cls, rng: np.random.Generator) -> Sunflower:
        """Return a random look."""
        return cls(
            petal=choose(rng, REDS if rng.uniform() < RED_SHARE else YELLOWS, 7),
            disc=DISCS[int(rng.integers(len(DISCS)))],
            disc_radius=rng.uniform(0.36, 0.62),
            count=int(rng.integers(16, 28)),
        )

    def paint(self, brush: Brush, rng: np.random.Generator, pose: Pose) -> None:
        """Paint one head, its centre at the pose."""
        self._paint_sepals(brush, rng, pose)
        outline = petal_outline(rng.uniform(0.42, 0.52), rng.uniform(0.85, 1.2))
        for layer in range(2):
            body = shade(mix(self.petal, ORANGE, 0.3 * (1 - layer)), 0.86 + 0.14 * layer)
            paint_rays(
                brush,
                rng,
                pose,
                angles=around(rng, self.count, 0.3),
                length=1.0 - 0.06 * layer,
                width=rng.uniform(2.0, 3.0) / self.count,
                outline=outline,
                root=self.disc_radius * 0.75,
                tones=(shade(mix(body, ORANGE, 0.35), 0.78), body, shade(body, 1.08)),
                unrest=0.12,
            )
        paint_disc(brush, rng, pose, radius=self.disc_radius, colors=self.disc, seeds=440)
        if pose.radius > 2 * SMALL:
            self._paint_pollen(brush, rng, pose)

    def _paint_sepals(self, brush: Brush, rng: np.random.Generator, pose: Pose) -> None:
        green = vary(rng, SEPAL, 8)
        paint_rays(
            brush,
            rng,
            pose,
            angles=around(rng, 14, 0.3),
            length=self.disc_radius + 0.3,
            width=0.12,
            outline=petal_outline(0.4, 1.2),
            root=self.disc_radius * 0.8,
            tones=(shade(green, 0.6), green, green),
        )

    def _paint_pollen(self, brush: Brush, rng: np.random.Generator, pose: Pose) -> None:
        # Florets open in a ring between the seeds and the rays.
        reach = self.disc_radius * rng.normal(0.84, 0.09, FLORETS).clip(0.6, 1.05)
        spots = reach * np.exp(1j * rng.uniform(0, 2 * np.pi, FLORETS))
        colors = [shade(self.petal, f) for f in rng.uniform(0.55, 0.95, FLORETS).tolist()]
        brush.dots(pose.place(spots), max(1.0, pose.radius * 0.014), colors)
