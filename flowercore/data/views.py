"""The ways in which one photo is shown to a backbone: plain, mirrored, squeezed, augmented, spoilt.

A view is made from the photo's bytes and a number alone, so that it is the same in every training
and its features can be kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageEnhance

from flowercore.data.corruptions import Corruption
from flowercore.data.photo import decode, square_box

# Part of every augmented view's name: changing how one is made must not meet old features.
_VERSION = "1"
AREA = (0.65, 1.0)
"""Share of the plain view's area that a crop keeps."""
STRETCH = 1.16
"""Most by which a crop is wider or higher than the plain view's proportions."""
DEGREES = 15.0
"""Most by which a view is turned, either way."""
LIGHT, CONTRAST, SATURATION = (0.75, 1.25), (0.8, 1.2), (0.7, 1.3)
"""Factors of brightness, contrast and saturation."""

# What a crop leaves of a side at least, with room for turning: decoding must keep so much more.
_DETAIL = 1.5


@dataclass(frozen=True)
class View:
    """One way of showing a photo.

    Attributes:
        name: Tells it from all other views; part of the name under which features are kept.
        mirrored: Whether left and right are swapped.
        squeezed: Whether the whole photo is squeezed to a square, as the course's notebook does.
        augmentations: Changes drawn at random: flip, crop, colour, rotation.
        number: Which draw.
        corruption: What is done to the square before it is mirrored; None for nothing.
    """

    name: str
    mirrored: bool = False
    squeezed: bool = False
    augmentations: tuple[str, ...] = ()
    number: int = 0
    corruption: Corruption | None = None


PLAIN = View("plain")
MIRRORED = View("mirrored", mirrored=True)
SQUEEZED = View("squeezed", squeezed=True)
SQUEEZED_MIRRORED = View("squeezed-mirrored", mirrored=True, squeezed=True)


def augmented(count: int, augmentations: Sequence[str]) -> tuple[View, ...]:
    """Return ``count`` augmented views.

    Args:
        count: How many.
        augmentations: Some of flip, crop, colour, rotation.
    """
    kinds = tuple(sorted(set(augmentations)))
    return tuple(
        View(f"augmented-{_VERSION}-{'-'.join(kinds)}-{number}", augmentations=kinds, number=number)
        for number in range(count)
    )


def judged(*, squeezed: bool, flip_average: bool) -> tuple[View, ...]:
    """Return the views whose probabilities are averaged when a photo is judged.

    Args:
        squeezed: Whether photos are shown as the course's notebook shows them.
        flip_average: Whether a photo is judged together with its mirror image.
    """
    plain, mirrored = (SQUEEZED, SQUEEZED_MIRRORED) if squeezed else (PLAIN, MIRRORED)
    return (plain, mirrored) if flip_average else (plain,)


def corrupted(view: View, corruption: Corruption) -> View:
    """Return a view to which something is done; that of a mirror image is the same, mirrored.

    Args:
        view: Plain, mirrored or squeezed; not augmented.
        corruption: What is done.
    """
    name = f"corrupted-{corruption.name}-{view.name}"
    return replace(view, name=name, corruption=corruption)


def pixels(
    data: bytes, views: Sequence[View], *, name: str, size: int, sha256: str = ""
) -> list[np.ndarray]:
    """Decode a photo once and show it in several ways.

    Args:
        data: The whole file.
        views: Which ways.
        name: How messages call the photo.
        size: Side of the square in pixels.
        sha256: Hash of ``data``; with a view's number it decides the draw of an augmented view, and
            how a corrupted one comes out.

    Returns:
        A uint8 array of shape (size, size, 3) for each view.

    Raises:
        PhotoError: As `flowercore.data.photo.decode`.
    """
    detail = _DETAIL if any(view.augmentations for view in views) else 1
    picture = decode(data, name=name, at_least=round(detail * size))
    return [_shown(picture, view, sha256, size) for view in views]


def _shown(picture: Image.Image, view: View, sha256: str, size: int) -> np.ndarray:
    if view.augmentations:
        rng = np.random.default_rng([view.number, int(sha256[:16], 16)])
        return np.array(_augmented(picture, view.augmentations, rng, size))
    width, height = picture.size
    whole = (0.0, 0.0, float(width), float(height))
    box = whole if view.squeezed else square_box(width, height)
    square = _resized(picture, box, size)
    if view.corruption is not None:
        square = view.corruption.of(square, sha256)
    if view.mirrored:
        square = square.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return np.array(square)


def _resized(
    picture: Image.Image, box: tuple[float, float, float, float], size: int
) -> Image.Image:
    width, height = picture.size
    left, top, right, bottom = box
    # Sums of fractions may lie a hair outside, which Pillow refuses.
    within = (max(0.0, left), max(0.0, top), min(width, right), min(height, bottom))
    return picture.resize((size, size), Image.Resampling.BICUBIC, box=within, reducing_gap=3.0)


def _augmented(
    picture: Image.Image, kinds: tuple[str, ...], rng: np.random.Generator, size: int
) -> Image.Image:
    # Every draw is made whatever is wanted: a view with fewer changes is otherwise the same.
    area, stretch = rng.uniform(*AREA), STRETCH ** rng.uniform(-1, 1)
    place = rng.uniform(0, 1, 2)
    angle = rng.uniform(-DEGREES, DEGREES)
    flip = rng.random() < 0.5
    light, contrast = rng.uniform(*LIGHT), rng.uniform(*CONTRAST)
    saturation = rng.uniform(*SATURATION)

    box = square_box(*picture.size)
    if "crop" in kinds:
        box = _crop(picture.size, box, area, stretch, place)
    view = (
        _turned(picture, box, angle, size) if "rotation" in kinds else _resized(picture, box, size)
    )
    if "flip" in kinds and flip:
        view = view.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if "colour" in kinds:
        view = ImageEnhance.Brightness(view).enhance(light)
        view = ImageEnhance.Contrast(view).enhance(contrast)
        view = ImageEnhance.Color(view).enhance(saturation)
    return view


def _crop(
    size: tuple[int, int],
    box: tuple[float, float, float, float],
    area: float,
    stretch: float,
    place: np.ndarray,
) -> tuple[float, float, float, float]:
    sides = np.array([box[2] - box[0], box[3] - box[1]]) * np.sqrt(area)
    sides = np.minimum(sides * np.array([stretch, 1 / stretch]), size)
    # Halfway between anywhere in the photo and anywhere in the plain view: flowers are in the
    # middle more often than not.
    anywhere = (np.array(size) - sides) * place
    within = np.array(box[:2]) + (np.array(box[2:]) - np.array(box[:2]) - sides) * place
    corner = np.clip((anywhere + within) / 2, 0, np.array(size) - sides)
    return (*corner.tolist(), *(corner + sides).tolist())


def _turned(
    picture: Image.Image, box: tuple[float, float, float, float], angle: float, size: int
) -> Image.Image:
    # A turned square lies within a larger upright one; where the photo ends before that does,
    # everything shrinks, so that no corner is empty.
    radians = np.deg2rad(abs(angle))
    factor = float(np.cos(radians) + np.sin(radians))
    sides = np.array([box[2] - box[0], box[3] - box[1]])
    outer = sides * factor * min(1.0, *(np.array(picture.size) / (sides * factor)))
    centre = (np.array(box[:2]) + np.array(box[2:])) / 2
    corner = np.clip(centre - outer / 2, 0, np.array(picture.size) - outer)
    large = int(np.ceil(size * factor)) + 4  # bicubic looks two pixels further
    square = _resized(picture, (*corner.tolist(), *(corner + outer).tolist()), large)
    turned = square.rotate(angle, Image.Resampling.BICUBIC)
    first = (large - size) // 2
    return turned.crop((first, first, first + size, first + size))
