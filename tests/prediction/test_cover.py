"""Covering a part of a photo."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from flowercore.prediction.cover import covered


@pytest.fixture
def halves() -> bytes:
    """A photo 80 x 40, red on the left and blue on the right."""
    picture = Image.new("RGB", (80, 40), (200, 0, 0))
    picture.paste((0, 0, 200), (40, 0, 80, 40))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def pixels(photo: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(photo))).astype(int)


def test_the_part_has_the_mean_colour_and_the_rest_stays(halves: bytes) -> None:
    before, after = pixels(covered(halves, None)), pixels(covered(halves, (0.5, 0, 1, 0.5)))
    assert after.shape == before.shape == (40, 80, 3)
    assert np.abs(after[2:14, 50:78] - (100, 0, 100)).max() < 12
    assert np.abs(after[:, :30] - before[:, :30]).max() < 12
    assert np.abs(after[30:, 50:] - before[30:, 50:]).max() < 12


def test_nothing_covered_is_the_same_photo(halves: bytes) -> None:
    assert covered(halves, None) == covered(halves, (0.3, 0.3, 0.3, 0.3))
    assert np.abs(pixels(covered(halves, None)) - pixels(halves)).mean() < 4


@pytest.mark.parametrize("box", [(-0.1, 0, 1, 1), (0, 0, 1.2, 1), (0.6, 0, 0.4, 1)])
def test_a_part_lies_in_the_photo(halves: bytes, box: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="must lie in the photo"):
        covered(halves, box)  # type: ignore[arg-type]


def test_a_jpeg_of_any_kind_can_be_covered(paint: Callable[..., Path], tmp_path: Path) -> None:
    photo = paint(tmp_path / "one.jpg", size=(61, 47)).read_bytes()
    assert pixels(covered(photo, (0, 0, 1, 1))).std(axis=(0, 1)).max() < 1
