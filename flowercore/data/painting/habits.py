"""How each species grows, and how people photograph it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from flowercore.data.painting.brush import UP, Brush, Color, Pose, shade, vary
from flowercore.data.painting.daisy import Daisy
from flowercore.data.painting.dandelion import Dandelion
from flowercore.data.painting.greenery import paint_leaf, paint_stem
from flowercore.data.painting.rose import Rose
from flowercore.data.painting.shapes import petal_outline
from flowercore.data.painting.sunflower import Sunflower
from flowercore.data.painting.tulip import Tulip

Look = Daisy | Dandelion | Rose | Sunflower | Tulip


@dataclass(frozen=True)
class Leaf:
    """Leaves on the stem of a species; lengths are radii of the flower's head.

    Attributes:
        count: Leaves on one stem.
        length: From root to tip.
        width: Half width.
        bluntness: 1 is a pointed tip, less a rounder one.
        spread: Largest angle to the stem, radians.
        low: Share of the stem, from the ground, that carries leaves.
        bend: Largest sideways shift of the tip.
    """

    count: int
    length: float = 1.0
    width: float = 0.2
    bluntness: float = 0.7
    spread: float = 1.5
    low: float = 1.0
    bend: float = 0.3


@dataclass(frozen=True)
class Habit:
    """How a species grows and how people photograph it.

    Attributes:
        look: Draws the look of one stand of flowers.
        backdrops: Weights of the backdrops behind few flowers, by name.
        single: Share of pictures with one large head.
        few: Share of pictures with a few heads; the rest are fields.
        bunch: Share of the few heads that stand close together.
        crowd: Heads in a field, relative to the room there is.
        squash: Range of the slant that heads are seen at.
        lean: Deviation of the heads' turn from upright, radians.
        stem_length: Radii of the head.
        stem_width: Radii of the head.
        leaf: Its leaves.
        grassy: Share of pictures with sharp blades of grass behind or before the flowers.
    """

    look: Callable[[np.random.Generator], Look]
    backdrops: dict[str, float]
    single: float
    few: float
    bunch: float
    crowd: float
    squash: tuple[float, float]
    lean: float
    stem_length: float
    stem_width: float
    leaf: Leaf
    grassy: float


HABITS = {
    "daisy": Habit(
        look=Daisy.random,
        backdrops={
            "bokeh": 3,
            "grass": 4,
            "foliage": 2,
            "sky": 0.6,
            "landscape": 1,
            "soil": 0.8,
            "dark": 2,
            "pale": 0.5,
            "colored": 1,
            "clutter": 0.6,
        },
        single=0.4,
        few=0.35,
        bunch=0.4,
        crowd=0.7,
        squash=(0.4, 1.0),
        lean=0.5,
        stem_length=4.0,
        stem_width=0.09,
        leaf=Leaf(count=0),
        grassy=0.5,
    ),
    "dandelion": Habit(
        look=Dandelion.random,
        backdrops={
            "bokeh": 4,
            "grass": 5,
            "foliage": 1,
            "sky": 0.8,
            "landscape": 1.5,
            "soil": 1,
            "dark": 1.5,
            "pale": 0.3,
            "colored": 0.7,
            "clutter": 0.5,
        },
        single=0.5,
        few=0.3,
        bunch=0.2,
        crowd=0.6,
        squash=(0.5, 1.0),
        lean=0.4,
        stem_length=4.0,
        stem_width=0.1,
        leaf=Leaf(count=0),
        grassy=0.5,
    ),
    "rose": Habit(
        look=Rose.random,
        backdrops={
            "bokeh": 2,
            "foliage": 5,
            "grass": 1,
            "landscape": 0.5,
            "soil": 0.5,
            "dark": 2,
            "pale": 2.5,
            "colored": 2,
            "clutter": 3,
        },
        single=0.45,
        few=0.38,
        bunch=0.6,
        crowd=0.6,
        squash=(0.6, 1.0),
        lean=0.4,
        stem_length=3.0,
        stem_width=0.13,
        leaf=Leaf(count=4, length=0.9, width=0.3, bluntness=0.75, bend=0.2),
        grassy=0.1,
    ),
    "sunflower": Habit(
        look=Sunflower.random,
        backdrops={
            "bokeh": 2,
            "foliage": 3,
            "sky": 4,
            "landscape": 3,
            "dark": 0.8,
            "pale": 0.6,
            "colored": 1,
            "grass": 0.5,
            "clutter": 1,
        },
        single=0.4,
        few=0.27,
        bunch=0.3,
        crowd=1.6,
        squash=(0.6, 1.0),
        lean=0.4,
        stem_length=4.5,
        stem_width=0.14,
        leaf=Leaf(count=4, length=1.1, width=0.42, bluntness=0.6, bend=0.4),
        grassy=0.15,
    ),
    "tulip": Habit(
        look=Tulip.random,
        backdrops={
            "bokeh": 3,
            "grass": 1.5,
            "foliage": 2,
            "sky": 2,
            "landscape": 2,
            "soil": 1,
            "dark": 1,
            "pale": 1,
            "colored": 2,
            "clutter": 1.5,
        },
        single=0.25,
        few=0.37,
        bunch=0.6,
        crowd=1.7,
        squash=(0.5, 0.92),
        lean=0.15,
        stem_length=5.0,
        stem_width=0.13,
        leaf=Leaf(count=2, length=3.4, width=0.28, spread=0.35, low=0.35, bend=0.5),
        grassy=0.25,
    ),
}


@dataclass(frozen=True)
class Stand:
    """The plants of one picture.

    Attributes:
        habit: How their species grows.
        look: How most of them look.
        green: Colour of their greenery.
    """

    habit: Habit
    look: Look
    green: Color

    def paint(
        self,
        brush: Brush,
        rng: np.random.Generator,
        at: complex,
        radius: float,
        strangers: float = 0.0,
    ) -> None:
        """Paint one plant: stem, leaves, then the head on top of them.

        Args:
            brush: What is painted with.
            rng: Source of this plant's differences.
            at: Centre of the head, pixels.
            radius: Radius of the head, pixels.
            strangers: Probability that this plant has a look of its own.
        """
        habit = self.habit
        look = habit.look(rng) if rng.uniform() < strangers else self.look
        lean = rng.normal(0, habit.lean)
        tone = vary(rng, self.green, 8)
        root = complex(rng.normal(0, 0.5) - np.sin(lean), habit.stem_length) * radius
        width = max(2.0, habit.stem_width * radius)
        stem = paint_stem(brush, at, at + root, rng.normal(0, 0.3) * radius, width, tone)
        self._paint_leaves(brush, rng, stem, radius, tone)
        look.paint(brush, rng, Pose(at, radius, rng.uniform(*habit.squash), lean))

    def _paint_leaves(
        self, brush: Brush, rng: np.random.Generator, stem: np.ndarray, radius: float, tone: Color
    ) -> None:
        leaf = self.habit.leaf
        first = 3 + int(6 * (1 - leaf.low))
        for number in range(leaf.count):
            side = 1 if number % 2 else -1
            paint_leaf(
                brush,
                Pose(complex(stem[rng.integers(first, len(stem))]), radius),
                petal_outline(0.42, leaf.bluntness),
                angle=UP + side * rng.uniform(0.15, 1.0) * leaf.spread,
                length=leaf.length * rng.uniform(0.7, 1.2),
                width=leaf.width,
                bend=side * rng.uniform(0, leaf.bend),
                color=shade(vary(rng, tone), rng.uniform(0.7, 1.2)),
            )
