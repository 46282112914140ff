"""Pixels as pictures: none is lost when they are enlarged, none is covered by a frame."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from flowercore.teaching.pictures import enlarged, filter_tiles, jpeg, marked, scaled, square

PIXELS = np.random.default_rng(6).integers(0, 256, (20, 30, 3)).astype(np.uint8)


def test_each_pixel_becomes_a_square() -> None:
    found = np.asarray(enlarged(PIXELS, 3))
    assert found.shape == (60, 90, 3)
    for row, column in np.ndindex(3, 3):
        np.testing.assert_array_equal(found[row::3, column::3], PIXELS)
    grey = np.asarray(enlarged(PIXELS[:, :, 0], 2))
    np.testing.assert_array_equal(grey[::2, ::2, 1], PIXELS[:, :, 0])


@pytest.mark.parametrize("hairs", [False, True])
def test_a_frame_lies_around_its_part_and_covers_nothing_of_it(hairs: bool) -> None:
    picture = enlarged(PIXELS, 3)
    box = scaled((10, 5, 13, 8), 3)
    assert box == (30, 15, 39, 24)
    found, before = np.asarray(marked(picture, box, hairs=hairs)), np.asarray(picture)
    np.testing.assert_array_equal(found[15:24, 30:39], before[15:24, 30:39])
    ring = found[14:25, 29:40].copy()
    ring[1:-1, 1:-1] = 0
    assert not ring.any()  # black beside the part
    assert (found[12:27, 27:42] != before[12:27, 27:42]).any()
    # The hairs lead to all four sides.
    changed = (found != before).any(axis=2)
    for side in (changed[0], changed[-1], changed[:, 0], changed[:, -1]):
        assert side.any() == hairs
    np.testing.assert_array_equal(np.asarray(picture), before)


def test_the_frame_of_a_part_that_ends_with_the_picture_is_seen_all_the_same() -> None:
    picture = enlarged(PIXELS, 3)
    found = np.asarray(marked(picture, (-40, -40, 500, 500)))
    light = (found == (64, 224, 255)).all(axis=2)
    assert light[:3].any()
    assert light[-3:].any()
    assert light[:, :3].any()
    assert light[:, -3:].any()


def test_filters_are_grey_where_they_weigh_nothing() -> None:
    weights = np.zeros((3, 3, 3, 3), np.float32)
    weights[1, 0, 0, 0] = 0.2  # red, weak
    weights[2, 2, 2] = -5
    none, red, dark = (np.asarray(tile) for tile in filter_tiles(weights, 9))
    assert set(none.ravel()) <= {127, 128}
    assert red[0, 0, 0] == 255
    assert red[0, 0, 1] in (127, 128)
    assert (dark[8, 8] == 0).all()


def test_a_square_is_the_middle_of_a_photo() -> None:
    wide = np.zeros((40, 120, 3), np.uint8)
    wide[:, 40:80] = 200
    found = np.asarray(Image.open(io.BytesIO(square(jpeg(Image.fromarray(wide)), 32))))
    assert found.shape == (32, 32, 3)
    assert found.min() > 150
