"""The dandelion: a yellow pompon of thin florets, or the white clock of seeds after it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flowercore.data.painting.brush import SMALL, Brush, Color, Pose, choose, mix, shade
from flowercore.data.painting.rays import dome_lift, paint_disc, paint_rays
from flowercore.data.painting.shapes import GOLDEN_ANGLE, around, petal_outline, seed_spiral

YELLOWS: tuple[Color, ...] = ((250, 214, 20), (244, 200, 10), (252, 226, 50))
AMBER: Color = (226, 150, 0)
WHITES: tuple[Color, ...] = ((240, 240, 240), (226, 232, 238), (238, 230, 214))
CORES: tuple[Color, ...] = ((108, 86, 54), (86, 81, 45), (126, 108, 81))
STRAW: Color = (150, 130, 90)
CLOCK_SHARE = 0.5
CLOCK_RADIUS = 0.74  # of the sphere that the seeds sit on; their tufts reach to about 1
TUFT = 0.21  # length of a tuft's hairs


@dataclass(frozen=True)
class Dandelion:
    """The look of one stand of dandelions.

    Attributes:
        clock: Whether it has gone to seed.
        floret: Colour of the yellow head.
        seed: Colour of the clock's tufts.
        fullness: Number of florets or seeds, relative to the usual.
    """

    clock: bool
    floret: Color
    seed: Color
    fullness: float

    @classmethod
    def random(cls, rng: np.random.Generator) -> Dandelion:
        """Return a random look."""
        return cls(
            clock=bool(rng.uniform() < CLOCK_SHARE),
            floret=choose(rng, YELLOWS, 6),
            seed=choose(rng, WHITES, 5),
            fullness=rng.uniform(0.7, 1.2),
        )

    def paint(self, brush: Brush, rng: np.random.Generator, pose: Pose) -> None:
        """Paint one head, its centre at the pose; a clock is a sphere however it is seen."""
        if self.clock:
            self._paint_clock(brush, rng, pose.upright())
        else:
            self._paint_pompon(brush, rng, pose)

    def _paint_pompon(self, brush: Brush, rng: np.random.Generator, pose: Pose) -> None:
        outline = petal_outline(0.8, 0.35, points=5)
        near = pose.radius > SMALL
        rows = 7 if near else 3
        for share in np.arange(rows) / rows:
            tone = mix(self.floret, AMBER, 0.45 * share + rng.uniform(0, 0.1))
            count = int((64 - 30 * share) * self.fullness)
            paint_rays(
                brush,
                rng,
                pose.moved(dome_lift(pose, 0.2 * share)),
                angles=around(rng, count if near else count // 3, 0.5),
                length=1.0 - 0.82 * share,
                width=(0.028 + 0.01 * share) * (1 if near else 2),
                outline=outline,
                root=0.02,
                tones=(shade(tone, 0.68), shade(tone, 0.95), shade(tone, 1.08)),
            )
        if near:
            self._paint_styles(brush, rng, pose)

    def _paint_styles(self, brush: Brush, rng: np.random.Generator, pose: Pose) -> None:
        # The curled styles make the middle of an open head look woolly.
        start = seed_spiral(60, 0.6)
        end = start * 1.12 + rng.normal(0, 0.05, 60) + 1j * rng.normal(0, 0.05, 60)
        styles = np.stack([start, end], axis=1)
        brush.lines(pose.place(styles), shade(self.floret, 0.72), pose.radius / 60)
        brush.lines(pose.place(styles + 0.015j), shade(self.floret, 1.1), pose.radius / 70)

    def _paint_clock(self, brush: Brush, rng: np.random.Generator, pose: Pose) -> None:
        # Seeds sit on a sphere in a Fibonacci lattice; height is towards the viewer.
        count = int(min(130, 24 + pose.radius) * self.fullness)
        height = np.linspace(-1, 1, count)
        turn = np.arange(count) * GOLDEN_ANGLE + rng.normal(0, 0.12, count)
        seeds = np.sqrt(1 - height**2) * np.exp(1j * turn) * CLOCK_RADIUS
        seeds *= 1 + rng.normal(0, 0.04, count)
        width = pose.radius / 90
        stalks = pose.place(np.stack([seeds * 0.15, seeds], axis=1))
        brush.haze(stalks, mix(self.seed, STRAW, 0.5), 90, width)
        core = choose(rng, CORES)
        paint_disc(brush, rng, pose, radius=0.13, colors=(core, core, shade(core, 0.7)), seeds=27)
        hairs = 11 if pose.radius > 2 * SMALL else 7
        brush.haze(pose.place(_tufts(seeds[height <= 0], hairs)), self.seed, 110, width)
        brush.haze(pose.place(_tufts(seeds[height > 0], hairs)), self.seed, 190, width)


def _tufts(seeds: np.ndarray, hairs: int) -> np.ndarray:
    """Return the hairs of each seed's tuft, lines (seeds * hairs, 2).

    A tuft is a small umbrella that faces outwards: a full circle in the middle of the clock,
    seen from its side at the rim.
    """
    reach = np.abs(seeds)
    outwards = (seeds / (reach + 1e-6))[:, None]
    facing = np.sqrt(1 - (reach / 0.85).clip(0, 1) ** 2)[:, None]
    hair = np.exp(2j * np.pi * np.arange(hairs) / hairs)
    across = hair.real * (0.25 + 0.75 * facing) + 0.55 * (1 - facing)
    ends = seeds[:, None] + TUFT * outwards * (across + 1j * hair.imag)
    starts = np.broadcast_to(seeds[:, None], ends.shape)
    return np.stack([starts, ends], axis=-1).reshape(-1, 2)
