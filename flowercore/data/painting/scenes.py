"""Backdrops, from sharp to far out of focus.

Each backdrop is a function of a generator and a size (width, height in pixels) that returns an
RGB picture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageFilter

from flowercore.data.painting.brush import Brush, Color, Pose, choose, mix, shade, vary
from flowercore.data.painting.greenery import GREENS, paint_blades, paint_leaf
from flowercore.data.painting.shapes import circle, petal_outline

Size = tuple[int, int]
Backdrop = Callable[[np.random.Generator, Size], Image.Image]

SKIES: tuple[Color, ...] = ((60, 130, 220), (110, 170, 236), (30, 80, 180), (190, 210, 230))
HORIZON: Color = (205, 220, 235)
CLOUD = (226, 230, 236)
SOILS: tuple[Color, ...] = ((96, 72, 50), (130, 104, 76), (70, 54, 40))
PALE: tuple[Color, ...] = ((236, 236, 232), (214, 208, 200), (190, 196, 204))
WALLS: tuple[Color, ...] = (*PALE, *SOILS, (120, 120, 130), (90, 60, 50))
DARK: tuple[Color, ...] = ((14, 18, 12), (24, 32, 20), (10, 10, 16))
LIGHTS: tuple[Color, ...] = ((200, 210, 130), (150, 180, 90), (230, 226, 190), (110, 150, 70))
TONES = (0.5, 0.75, 1.0, 1.15, 1.4)  # brightness of the patches of one material
BOX = np.array([-1 - 1j, 1 - 1j, 1 + 1j, -1 + 1j])


def patches(
    rng: np.random.Generator, size: Size, colors: Sequence[Color], along: int
) -> Image.Image:
    """Return soft patches of the colours, ``along`` of them along the longer side."""
    columns = max(2, round(along * size[0] / max(size)))
    rows = max(2, round(along * size[1] / max(size)))
    picked = np.array(colors)[rng.integers(len(colors), size=(rows, columns))]
    levels = picked + rng.normal(0, 8, picked.shape)
    small = Image.fromarray(levels.clip(0, 255).astype(np.uint8))
    return small.resize(size, Image.Resampling.BICUBIC)


def bokeh(rng: np.random.Generator, size: Size) -> Image.Image:
    """Return out-of-focus greenery with discs of light."""
    image = patches(rng, size, _tones(rng, choose(rng, GREENS, 14), 10), int(rng.integers(3, 9)))
    brush = Brush(image)
    for _ in range(int(rng.integers(0, 14))):
        radius = rng.uniform(0.03, 0.1) * max(size)
        brush.polygon(_spot(rng, size) + circle(20) * radius, choose(rng, LIGHTS))
    return _blurred(image, max(size) / rng.uniform(40, 120))


def grass(rng: np.random.Generator, size: Size) -> Image.Image:
    """Return a meadow of blades that fill the picture."""
    green = choose(rng, GREENS)
    image = patches(rng, size, _tones(rng, shade(green, 0.7), 7), 8)
    paint_blades(Brush(image), rng, green, int(rng.integers(100, 220)), 0.0)
    return _blurred(image, rng.uniform(0.3, 3))


def foliage(rng: np.random.Generator, size: Size) -> Image.Image:
    """Return a hedge of overlapping leaves, dark gaps between them."""
    green = choose(rng, GREENS, 10)
    image = patches(rng, size, _tones(rng, shade(green, 0.45), 5), 9)
    brush = Brush(image, float(rng.uniform(-np.pi, 0)))
    scale = rng.uniform(0.06, 0.2) * max(size)
    outline = petal_outline(0.42, 0.8)
    for depth in np.linspace(0.5, 1.15, int(rng.integers(50, 110))).tolist():
        paint_leaf(
            brush,
            Pose(_spot(rng, size), scale * rng.uniform(0.6, 1.2)),
            outline,
            angle=rng.uniform(0, 2 * np.pi),
            length=1.0,
            width=0.3,
            bend=0.0,
            color=shade(vary(rng, green), depth),
        )
    return _blurred(image, rng.uniform(0.3, 4))


def sky(rng: np.random.Generator, size: Size) -> Image.Image:
    """Return a sky, clear or clouded, paler towards the bottom."""
    blue = choose(rng, SKIES, 10)
    low = mix(blue, HORIZON, rng.uniform(0.1, 0.5))
    strip = np.linspace(blue, low, 16)[:, None].repeat(2, axis=1)
    small = Image.fromarray(strip.clip(0, 255).astype(np.uint8))
    image = small.resize(size, Image.Resampling.BILINEAR)
    if rng.uniform() < 0.5:
        grays: list[Color] = [(0, 0, 0), (60, 60, 60), (230, 230, 230)]
        clouds = patches(rng, size, grays, int(rng.integers(3, 8))).convert("L")
        image.paste(CLOUD, (0, 0), clouds)
    return image


def landscape(rng: np.random.Generator, size: Size) -> Image.Image:
    """Return a sky above a line of trees and a field."""
    image = sky(rng, size)
    wide, high = size
    horizon = int(high * rng.uniform(0.15, 0.5))
    trees = int(high * rng.uniform(0.0, 0.12))
    if trees > 2:
        wood = patches(rng, (wide, trees), _tones(rng, shade(GREENS[2], 0.7), 7), 24)
        image.paste(wood, (0, horizon - trees))
    image.paste(grass(rng, (wide, high - horizon)), (0, horizon))
    return _blurred(image, rng.uniform(0.5, 3))


def soil(rng: np.random.Generator, size: Size) -> Image.Image:
    """Return bare ground with patches of leaves."""
    leaves = [choose(rng, GREENS)] * int(rng.integers(0, 3))
    colors = _tones(rng, choose(rng, SOILS), 7) + leaves
    return _blurred(patches(rng, size, colors, int(rng.integers(50, 140))), rng.uniform(0.3, 4))


def dark(rng: np.random.Generator, size: Size) -> Image.Image:
    """Return near-black shade."""
    return patches(rng, size, [vary(rng, color, 5) for color in DARK], int(rng.integers(2, 7)))


def pale(rng: np.random.Generator, size: Size) -> Image.Image:
    """Return a bright wall, cloth or studio ground."""
    return patches(rng, size, _tones(rng, choose(rng, PALE), 3)[2:4], int(rng.integers(2, 6)))


def colored(rng: np.random.Generator, size: Size) -> Image.Image:
    """Return blurred patches of any colours: other flowers, people, houses."""
    colors = [vary(rng, (128, 128, 128), 60) for _ in range(3)] + list(GREENS[:3])
    image = patches(rng, size, colors, int(rng.integers(4, 14)))
    return _blurred(image, max(size) / rng.uniform(20, 60))


def clutter(rng: np.random.Generator, size: Size) -> Image.Image:
    """Return a room or a street: hard-edged boxes of any colours, hardly blurred."""
    image = patches(rng, size, _tones(rng, choose(rng, WALLS, 14), 4)[1:4], 3)
    brush = Brush(image)
    for _ in range(int(rng.integers(3, 16))):
        wide, high = rng.uniform(0.02, 0.25, 2) * max(size)
        corners = BOX.real * wide + 1j * BOX.imag * high
        crooked = rng.normal(0, 3, 4) + 1j * rng.normal(0, 3, 4)
        gray = rng.uniform(30, 220)
        brush.polygon(_spot(rng, size) + corners + crooked, vary(rng, (gray, gray, gray), 35))
    return _blurred(image, rng.uniform(0.3, 5))


BACKDROPS: dict[str, Backdrop] = {
    "bokeh": bokeh,
    "grass": grass,
    "foliage": foliage,
    "sky": sky,
    "landscape": landscape,
    "soil": soil,
    "dark": dark,
    "pale": pale,
    "colored": colored,
    "clutter": clutter,
}


def _tones(rng: np.random.Generator, color: Color, spread: float) -> list[Color]:
    return [shade(vary(rng, color, spread), factor) for factor in TONES]


def _spot(rng: np.random.Generator, size: Size) -> complex:
    x, y = rng.uniform(-0.05, 1.05, 2).tolist()
    return complex(x * size[0], y * size[1])


def _blurred(image: Image.Image, radius: float) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(radius))
