"""The painted garden: a sample dataset of flower pictures made by code.

It stands in for photos where there is no internet, and is always named as
painted. Every picture has a random generator of its own, seeded by seed,
species and number, so the order of painting does not matter and one picture
can be painted again alone.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from flowercore.data.dataset import Progress
from flowercore.data.painting.brush import UP, Brush, choose
from flowercore.data.painting.camera import develop
from flowercore.data.painting.compositions import (
    paint_bunch,
    paint_distant,
    paint_few,
    paint_field,
    paint_single,
)
from flowercore.data.painting.greenery import GREENS, paint_blades
from flowercore.data.painting.habits import HABITS, Habit, Stand
from flowercore.data.painting.scenes import BACKDROPS
from flowercore.errors import ConfigError
from flowercore.files import storage_errors
from flowercore.settings import settings

Composition = Callable[[Brush, np.random.Generator, Stand], None]

SPECIES = ("daisy", "dandelion", "rose", "sunflower", "tulip")
SEED = 7  # of the dataset that everybody has
SHORT_SIDE = (240, 340)  # pixels; photos of the public flower sets have such sides
LONG_SIDE = (320, 500)
LYING_SHARE = 2 / 3
JPEG_QUALITY = 88
SUPERSAMPLING = 2  # the canvas is this many times larger, so that edges come out smooth
BACKDROP_SCALE = 0.5  # of the picture: what is out of focus needs no more
FIELD_BACKDROPS = {
    "landscape": 4.0,
    "grass": 2.0,
    "foliage": 2.0,
    "sky": 0.5,
    "soil": 0.7,
    "dark": 0.8,
}
DISTANT_SHARE = 0.04  # without hard pictures a model would be perfect on the garden
FAR_SHARE = 0.4  # pictures with blurred flowers behind the sharp ones


def paint_garden(
    root: Path, *, per_class: int = 100, seed: int = SEED, progress: Progress | None = None
) -> None:
    """Paint the sample dataset as class folders of JPEG files.

    Args:
        root: Folder that receives ``<species>/<species>_000.jpg`` and so on; made if missing.
        per_class: Pictures of each species, at least 1.
        seed: The same seed gives the same pictures with the same versions of NumPy and Pillow.
        progress: Called after every picture with the number done and the total.

    Raises:
        ConfigError: If ``per_class`` is below 1.
        StorageError: If the disk refuses.
    """
    if per_class < 1:
        raise ConfigError(
            f"A garden needs at least 1 picture of each species. Received: per_class={per_class}."
        )
    for species in SPECIES:
        with storage_errors():
            (root / species).mkdir(parents=True, exist_ok=True)

    def paint(species: str, number: int) -> None:
        rng = picture_rng(seed, species, number)
        picture = paint_flower(species, rng, picture_size(rng))
        with storage_errors():
            picture.save(root / species / f"{species}_{number:03d}.jpg", quality=JPEG_QUALITY)

    numbers = [(species, number) for species in SPECIES for number in range(per_class)]
    with ThreadPoolExecutor(settings().threads, thread_name_prefix="garden") as pool:
        try:
            for done, _ in enumerate(pool.map(paint, *zip(*numbers, strict=True)), start=1):
                if progress is not None:
                    progress(done, len(numbers))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def picture_rng(seed: int, species: str, number: int) -> np.random.Generator:
    """Return the generator of one picture, independent of all others."""
    return np.random.default_rng([seed, SPECIES.index(species), number])


def picture_size(rng: np.random.Generator) -> tuple[int, int]:
    """Return a random width and height in pixels, most of them lying."""
    short, long = int(rng.integers(*SHORT_SIDE)), int(rng.integers(*LONG_SIDE))
    return (long, short) if rng.uniform() < LYING_SHARE else (short, long)


def paint_flower(species: str, rng: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    """Paint one picture.

    Args:
        species: One of ``SPECIES``.
        rng: Decides everything else.
        size: Width and height in pixels.

    Returns:
        RGB picture of that size.

    Raises:
        ConfigError: If the species is not one of ``SPECIES``.
    """
    if species not in HABITS:
        raise ConfigError(f"A species must be one of {', '.join(SPECIES)}. Received: {species!r}.")
    habit = HABITS[species]
    stand = Stand(habit, habit.look(rng), choose(rng, GREENS))
    light = UP + rng.normal(0, 0.8)
    compose = _composition(habit, rng)
    backdrop = _backdrop(rng, size, FIELD_BACKDROPS if compose is paint_field else habit.backdrops)
    if compose is paint_field or rng.uniform() < FAR_SHARE:
        paint_distant(Brush(backdrop, light), rng, stand)
        backdrop = backdrop.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 4)))
    enlarged = (size[0] * SUPERSAMPLING, size[1] * SUPERSAMPLING)
    canvas = backdrop.resize(enlarged, Image.Resampling.BILINEAR)
    brush = Brush(canvas, light)
    if rng.uniform() < habit.grassy:
        paint_blades(brush, rng, stand.green, int(rng.integers(40, 160)), rng.uniform(-0.2, 0.9))
    compose(brush, rng, stand)
    if rng.uniform() < habit.grassy / 2:
        paint_blades(brush, rng, stand.green, int(rng.integers(5, 50)), rng.uniform(0.6, 1.0))
    return develop(rng, canvas, SUPERSAMPLING)


def _composition(habit: Habit, rng: np.random.Generator) -> Composition:
    if rng.uniform() < DISTANT_SHARE:
        return paint_distant
    kind = rng.uniform()
    if kind < habit.single:
        return paint_single
    if kind < habit.single + habit.few:
        return paint_bunch if rng.uniform() < habit.bunch else paint_few
    return paint_field


def _backdrop(
    rng: np.random.Generator, size: tuple[int, int], weights: dict[str, float]
) -> Image.Image:
    shares = np.array(list(weights.values()))
    name = list(weights)[int(rng.choice(len(shares), p=shares / shares.sum()))]
    small = (round(size[0] * BACKDROP_SCALE), round(size[1] * BACKDROP_SCALE))
    return BACKDROPS[name](rng, small)
