"""The tulip: six petals that form an upright cup, or a star when seen from above."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flowercore.data.painting.brush import SMALL, UP, Brush, Color, Pose, choose, mix, shade
from flowercore.data.painting.shapes import around, circle, lay_petals, petal_outline, seed_spiral

RED: Color = (204, 24, 34)
YELLOW: Color = (246, 206, 50)
WHITE: Color = (244, 240, 232)
BLUSH: Color = (244, 190, 196)
COLORS: tuple[Color, ...] = (
    RED,
    RED,
    YELLOW,
    YELLOW,
    (236, 120, 160),
    (212, 40, 120),
    (120, 40, 130),
    WHITE,
    (244, 130, 40),
    BLUSH,
)
BASES: tuple[Color, ...] = (YELLOW, WHITE, (200, 210, 120))
EDGES: tuple[Color, ...] = (WHITE, YELLOW, BLUSH)
HEARTS: tuple[Color, ...] = ((40, 30, 30), (230, 200, 60), (60, 50, 20))
POLLEN: Color = (200, 210, 120)
EDGED_SHARE = 0.3

# Side view, petals from the far to the near ones: lean, its growth as the cup opens, length
# and half width. The last three are in front.
CUP = np.array(
    [
        (-0.30, -0.6, 1.80, 0.75),
        (0.30, 0.6, 1.80, 0.75),
        (0.00, 0.0, 1.90, 0.90),
        (-0.17, -0.5, 1.85, 0.95),
        (0.17, 0.5, 1.85, 0.95),
        (0.00, 0.0, 1.70, 1.05),
    ]
)
CUP_DIM = np.array([0.72, 0.72, 0.72, 1.0, 1.0, 1.0])
HALF_WIDTH = 0.42

# A petal is painted as nested outlines from its shadow to its lit middle: how wide each is.
NESTED_WIDTHS = np.array([1.03, 1.0, 0.85, 0.66, 0.45, 0.22])
NESTED_FEW = np.array([1.03, 0.9])
VEINS = 9


@dataclass(frozen=True)
class Tulip:
    """The look of one bed of tulips.

    Attributes:
        tip: Main colour.
        base: Colour towards the stem.
        edge: Colour of the petals' edges.
        opening: How far the cup opens, 0 closed.
        slim: Width relative to the usual.
    """

    tip: Color
    base: Color
    edge: Color
    opening: float
    slim: float

    @classmethod
    def random(cls, rng: np.random.Generator) -> Tulip:
        """Return a random look."""
        tip = choose(rng, COLORS, 10)
        edged = rng.uniform() < EDGED_SHARE
        return cls(
            tip=tip,
            base=mix(tip, choose(rng, BASES, 8), rng.uniform(0.0, 0.75)),
            edge=choose(rng, EDGES, 8) if edged else shade(tip, 0.8),
            opening=rng.uniform(0.0, 0.5),
            slim=rng.uniform(0.75, 1.15),
        )

    def paint(self, brush: Brush, rng: np.random.Generator, pose: Pose) -> None:
        """Paint one flower, its centre at the pose; a pose hardly squashed is seen from above."""
        if pose.squash > 0.9:
            self._paint_star(brush, rng, pose)
        else:
            self._paint_cup(brush, rng, pose.upright().moved(1j))

    def _paint_cup(self, brush: Brush, rng: np.random.Generator, foot: Pose) -> None:
        order = [0, 1, 2, *rng.permutation([3, 4]).tolist()]
        if rng.uniform() < 0.75:
            order.append(5)
        leans, growths, lengths, widths = CUP[order].T
        leans = leans + growths * self.opening * rng.uniform(0.6, 1.3)
        petals = _Petals(
            angles=UP + leans + rng.normal(0, 0.04, len(order)),
            lengths=lengths * (1 + rng.normal(0, 0.04, len(order))),
            widths=widths * HALF_WIDTH * self.slim,
            bends=-0.5 * leans + rng.normal(0, 0.05, len(order)),
            dim=CUP_DIM[order],
        )
        self._paint_petals(brush, rng, foot, petals)

    def _paint_star(self, brush: Brush, rng: np.random.Generator, pose: Pose) -> None:
        turns = np.array([0, 2, 4, 1, 3, 5]) * np.pi / 3 + rng.normal(0, 0.08, 6)
        petals = _Petals(
            angles=turns + rng.uniform(0, 2 * np.pi),
            lengths=1 + rng.normal(0, 0.04, 6),
            widths=np.full(6, 1.1 * HALF_WIDTH * self.slim),
            bends=rng.normal(0, 0.05, 6),
            dim=np.array([0.8, 0.8, 0.8, 1.0, 1.0, 1.0]),
        )
        self._paint_petals(brush, rng, pose, petals)
        heart = choose(rng, HEARTS, 8)
        brush.polygon(pose.place(circle(18) * 0.24), heart)
        stamens = np.exp(1j * around(rng, 6, 0.1))[:, None] * [0.06, 0.26]
        brush.lines(pose.place(stamens), shade(heart, 0.5), pose.radius / 18)
        brush.dots(pose.place(seed_spiral(3, 0.06)), max(1.5, pose.radius * 0.05), [POLLEN] * 3)

    def _paint_petals(
        self, brush: Brush, rng: np.random.Generator, pose: Pose, petals: _Petals
    ) -> None:
        outline = petal_outline(0.46, rng.uniform(0.5, 0.85), points=10)
        near = pose.radius > SMALL
        shares = NESTED_WIDTHS if near else NESTED_FEW
        nested = lay_petals(
            outline,
            petals.angles[:, None],
            petals.lengths[:, None] * (0.88 + 0.12 * shares),
            petals.widths[:, None] * shares,
            petals.bends[:, None],
        )
        if near:
            glow = lay_petals(outline, petals.angles, 0.5 * petals.lengths, 0.62 * petals.widths)
            nested = np.concatenate([nested, glow[:, None]], axis=1)
        tones = self._tones(near)
        bright = 1 + 0.16 * np.cos(petals.angles - brush.light)
        bright = petals.dim * (bright + rng.normal(0, 0.03, len(petals.angles)))
        for number, (outlines, factor) in enumerate(zip(nested, bright.tolist(), strict=True)):
            brush.polygons(pose.place(outlines), [shade(tone, factor) for tone in tones])
            if pose.radius > 2 * SMALL:
                self._paint_veins(brush, rng, pose, petals, number, factor)

    def _tones(self, near: bool) -> list[Color]:
        shadow = shade(self.tip, 0.6)
        if not near:
            return [shadow, mix(self.tip, self.base, 0.12)]
        body = [
            shade(mix(self.tip, self.base, 0.12 * step), 0.94 + 0.03 * step) for step in range(2, 6)
        ]
        return [shadow, self.edge, *body, mix(self.tip, self.base, 0.8)]

    def _paint_veins(
        self,
        brush: Brush,
        rng: np.random.Generator,
        pose: Pose,
        petals: _Petals,
        number: int,
        bright: float,
    ) -> None:
        side = np.linspace(-0.85, 0.85, VEINS) + rng.normal(0, 0.04, VEINS)
        vein = np.array([0.12, 0.4, 0.7, 0.93]) + 1j * side[:, None] * [0.4, 0.95, 0.85, 0.25]
        veins = lay_petals(
            vein.ravel(),
            petals.angles[number],
            petals.lengths[number],
            petals.widths[number],
            petals.bends[number],
        ).reshape(VEINS, -1)
        alpha = int(rng.integers(40, 90))
        brush.haze(pose.place(veins), shade(self.tip, 0.6 * bright), alpha)
        brush.haze(pose.place(veins + 0.012), shade(self.tip, 1.3 * bright), alpha)


@dataclass(frozen=True)
class _Petals:
    """Petals of one flower in the order they are painted; arrays (N,), units of the pose."""

    angles: np.ndarray
    lengths: np.ndarray
    widths: np.ndarray
    bends: np.ndarray
    dim: np.ndarray
