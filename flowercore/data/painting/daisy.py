"""The daisy: white, cream or pinkish rays around a yellow dome."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flowercore.data.painting.brush import Brush, Color, Pose, choose, mix, shade
from flowercore.data.painting.rays import dome_lift, paint_disc, paint_rays
from flowercore.data.painting.shapes import around, petal_outline

WHITES: tuple[Color, ...] = (
    (244, 244, 248),
    (236, 238, 250),
    (248, 244, 232),
    (225, 228, 240),
)
PINKS: tuple[Color, ...] = ((240, 205, 228), (214, 178, 226), (228, 150, 200))
YELLOWS: tuple[Color, ...] = ((240, 196, 30), (226, 168, 20), (232, 206, 70))
BROWN: Color = (170, 90, 10)
PINK_SHARE = 0.18


@dataclass(frozen=True)
class Daisy:
    """The look of one stand of daisies.

    Attributes:
        petal: Colour of the rays.
        heart: Colour of the disc.
        count: Rays in one layer.
        width: Half width of a ray, parts of the head's radius.
        heart_radius: Radius of the disc, parts of the head's radius.
        layers: Layers of rays, 1 or 2.
    """

    petal: Color
    heart: Color
    count: int
    width: float
    heart_radius: float
    layers: int

    @classmethod
    def random(cls, rng: np.random.Generator) -> Daisy:
        """Return a random look."""
        count = int(rng.integers(14, 40))
        return cls(
            petal=choose(rng, PINKS if rng.uniform() < PINK_SHARE else WHITES, 5),
            heart=choose(rng, YELLOWS, 8),
            count=count,
            width=min(0.2, rng.uniform(2.0, 3.3) / count),
            heart_radius=rng.uniform(0.2, 0.36),
            layers=int(rng.integers(1, 3)),
        )

    def paint(self, brush: Brush, rng: np.random.Generator, pose: Pose) -> None:
        """Paint one head, its centre at the pose."""
        outline = petal_outline(rng.uniform(0.55, 0.7), rng.uniform(0.4, 0.65))
        for layer in range(self.layers):
            body = shade(self.petal, 1.0 if layer == self.layers - 1 else 0.86)
            paint_rays(
                brush,
                rng,
                pose,
                angles=around(rng, self.count, 0.28),
                length=1.0 - 0.05 * layer,
                width=self.width,
                outline=outline,
                root=self.heart_radius * 0.6,
                tones=(shade(body, 0.72), shade(body, 0.93), body),
            )
        rim = shade(mix(self.heart, BROWN, 0.5), 0.9)
        paint_disc(
            brush,
            rng,
            pose.moved(dome_lift(pose, 0.12)),
            radius=self.heart_radius,
            colors=(shade(self.heart, 1.08), self.heart, rim),
            seeds=150,
        )
