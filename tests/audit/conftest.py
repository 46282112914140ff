"""Photos as an audit sees them, made from numbers alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageDraw

from flowercore.audit.seen import Seen, see
from flowercore.data.dataset import Photo
from flowercore.data.looks import COLUMNS
from flowercore.training.features import Features

WIDTH = 160


@pytest.fixture
def seen() -> Callable[..., Seen]:
    """Make photos from features: ``seen(vectors, labels)``; equal ``names`` are equal bytes."""

    def make(
        vectors: np.ndarray,
        labels: Sequence[str],
        names: Sequence[str] | None = None,
        hashes: Sequence[str] | None = None,
        contrast: Sequence[float] | None = None,
    ) -> Seen:
        count = len(labels)
        names = names or [f"{number:04d}" for number in range(count)]
        photos = tuple(
            Photo(f"{label}/{number:04d}.jpg", label, name.rjust(64, "0"), 1000, 64, 48, "JPEG")
            for number, (label, name) in enumerate(zip(labels, names, strict=True))
        )
        looks = pd.DataFrame({name: [None] * count for name in COLUMNS})
        looks["key"] = [one.key for one in photos]
        looks["phash"] = hashes or [
            f"{number * 0x9E3779B97F4A7C15 % 2**64:016x}" for number in range(count)
        ]
        looks["contrast"] = contrast or [0.2] * count
        return see(Features(photos, np.asarray(vectors, np.float32)[:, None], (), 0), looks)

    return make


@pytest.fixture
def islands() -> Callable[..., tuple[np.ndarray, list[str]]]:
    """Draw features of classes that lie apart: ``islands(classes=3, each=20)``."""

    def draw(classes: int = 3, each: int = 20, seed: int = 0) -> tuple[np.ndarray, list[str]]:
        rng = np.random.default_rng(seed)
        centres = np.abs(rng.normal(size=(classes, WIDTH)))
        vectors = np.repeat(centres, each, axis=0) + rng.normal(0, 0.5, (classes * each, WIDTH))
        labels = ("daisy", "rose", "tulip", "x", "y")[:classes]
        return vectors, [label for label in labels for _ in range(each)]

    return draw


@pytest.fixture
def shapes(tmp_path: Path) -> Callable[..., Path]:
    """Write class folders of pictures that all differ: one colour a class, shapes at random."""

    def write(classes: int = 3, per_class: int = 12) -> Path:
        colors = {"daisy": (230, 230, 240), "rose": (200, 30, 40), "sunflower": (240, 200, 20)}
        root = tmp_path / "shapes"
        for number, (label, color) in enumerate(list(colors.items())[:classes]):
            (root / label).mkdir(parents=True)
            for place in range(per_class):
                rng = np.random.default_rng([number, place])
                ground = tuple(int(value) for value in rng.integers(0, 40, 3))
                picture = Image.new("RGB", (320, 260), ground)
                draw = ImageDraw.Draw(picture)
                for _ in range(rng.integers(1, 12)):
                    x, y = rng.integers(0, 180, 2).tolist()
                    width, height = rng.integers(20, 160, 2).tolist()
                    shape = draw.ellipse if rng.random() < 0.5 else draw.rectangle
                    shape((x, y, x + width, y + height), fill=color, outline=ground, width=3)
                picture.save(root / label / f"{place:02d}.jpg")
        return root

    return write
