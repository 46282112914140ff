"""Colours, poses and the brush that fills shapes.

Points of a picture are complex numbers, x + iy in pixels: to add is to move,
to multiply by e^(i angle) is to turn. As the y axis of a picture points down,
a growing angle turns clockwise.
"""

from __future__ import annotations

import cmath
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

Color = tuple[float, float, float]

UP = -np.pi / 2
SMALL = 26  # canvas pixels of a head's radius below which its finer detail would not be seen


def mix(first: Color, second: Color, share: float) -> Color:
    """Return the colour that lies ``share`` (0 to 1) of the way from first to second."""
    rest = 1 - share
    return (
        first[0] * rest + second[0] * share,
        first[1] * rest + second[1] * share,
        first[2] * rest + second[2] * share,
    )


def shade(color: Color, factor: float) -> Color:
    """Return the colour made darker (``factor`` < 1) or brighter (> 1)."""
    return (color[0] * factor, color[1] * factor, color[2] * factor)


def vary(rng: np.random.Generator, color: Color, amount: float = 12) -> Color:
    """Return the colour moved by a normal deviation of ``amount`` levels a channel."""
    red, green, blue = rng.normal(color, amount).tolist()
    return (red, green, blue)


def choose(rng: np.random.Generator, colors: Sequence[Color], amount: float = 12) -> Color:
    """Return one of the colours, varied by ``amount``."""
    return vary(rng, colors[int(rng.integers(len(colors)))], amount)


def _level(value: float) -> int:
    return 0 if value < 0 else 255 if value > 255 else int(value)


def ink(color: Color) -> tuple[int, int, int]:
    """Return the colour as Pillow wants it: whole levels within 0 to 255."""
    return (_level(color[0]), _level(color[1]), _level(color[2]))


@dataclass(frozen=True)
class Pose:
    """Where a shape stands and how it is turned: from units to pixels.

    Attributes:
        center: Its origin, pixels.
        radius: Pixels that one unit becomes.
        squash: Height over width of a circle seen at a slant; 1 is seen from straight ahead.
        angle: Turn of the squashed shape.
    """

    center: complex
    radius: float
    squash: float = 1.0
    angle: float = 0.0

    def place(self, points: np.ndarray) -> np.ndarray:
        """Map unit points to pixels of the canvas; the shape of the array stays."""
        turn = cmath.exp(1j * self.angle) * self.radius / 2
        # x + i s y is a sum of z and its mirror image, which keeps this to one expression.
        return (
            self.center
            + (turn * (1 + self.squash)) * points
            + (turn * (1 - self.squash)) * points.conj()
        )

    def moved(self, offset: complex, scale: float = 1.0) -> Pose:
        """Return the pose at a unit offset along its own axes, larger by ``scale``."""
        flat = complex(offset.real, offset.imag * self.squash)
        center = self.center + cmath.exp(1j * self.angle) * self.radius * flat
        return Pose(center, self.radius * scale, self.squash, self.angle)

    def upright(self) -> Pose:
        """Return the pose seen from straight ahead."""
        return Pose(self.center, self.radius, 1.0, self.angle)


def _flat(paths: np.ndarray) -> list[list[float]]:
    """Turn complex paths (N, K) into lists x, y, x, y as Pillow takes them."""
    lists: list[list[float]] = np.ascontiguousarray(paths, complex).view(float).tolist()
    return lists


class Brush:
    """Fills shapes on one canvas.

    Attributes:
        image: The RGB canvas.
        light: Angle that the light comes from.
    """

    def __init__(self, image: Image.Image, light: float = UP) -> None:
        self.image = image
        self.light = light
        self._draw = ImageDraw.Draw(image)

    def polygon(self, outline: np.ndarray, color: Color) -> None:
        """Fill one outline (K,)."""
        self.polygons(outline[None], [color])

    def polygons(self, outlines: np.ndarray, colors: Sequence[Color]) -> None:
        """Fill outlines (N, K) in their order, each with its colour."""
        for points, color in zip(_flat(outlines), colors, strict=True):
            self._draw.polygon(points, fill=ink(color))

    def lines(self, paths: np.ndarray, color: Color, width: float = 1) -> None:
        """Draw paths (N, K) of one colour, ``width`` pixels wide but at least one."""
        fill, whole = ink(color), max(1, int(width))
        for points in _flat(paths):
            self._draw.line(points, fill=fill, width=whole)

    def dots(self, centers: np.ndarray, radius: float, colors: Sequence[Color]) -> None:
        """Fill circles of one radius around centres (N,)."""
        reach = complex(radius, radius)
        boxes = _flat(np.stack([centers - reach, centers + reach], axis=1))
        for box, color in zip(boxes, colors, strict=True):
            self._draw.ellipse(box, fill=ink(color))

    def haze(self, paths: np.ndarray, color: Color, alpha: int, width: float = 1) -> None:
        """Lay translucent lines over the canvas.

        Args:
            paths: Lines (N, K).
            color: Their colour.
            alpha: Their opacity, 0 to 255; lines that cross do not add up.
            width: Pixels, at least one.
        """
        whole = max(1, int(width))
        wide, high = self.image.size
        left = max(0, int(paths.real.min()) - whole)
        top = max(0, int(paths.imag.min()) - whole)
        right = min(wide, int(paths.real.max()) + whole + 1)
        bottom = min(high, int(paths.imag.max()) + whole + 1)
        if left >= right or top >= bottom:
            return
        mask = Image.new("L", (right - left, bottom - top))
        draw = ImageDraw.Draw(mask)
        for points in _flat(paths - complex(left, top)):
            draw.line(points, fill=alpha, width=whole)
        self.image.paste(ink(color), (left, top), mask)
