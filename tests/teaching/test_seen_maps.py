"""What is said of feature maps: which channels tell something, where they are strongest."""

from __future__ import annotations

import numpy as np
import pytest

from flowercore.backbones import registry
from flowercore.backbones.depths import depths
from flowercore.data.photo import square_box
from flowercore.teaching.feature_maps import (
    ceiling,
    field,
    liveliest,
    scaled,
    strongest,
    tiles,
)

STEM, *_, HEAD = depths(registry.DEFAULT)


def test_the_liveliest_channels_vary_within_the_photo() -> None:
    maps = np.zeros((8, 8, 5))
    maps[:, :, 0] = 6  # bright everywhere
    maps[0, :, 1] = 6  # the rim, where the padding is
    maps[3, 3:5, 2] = 2
    maps[3, 3:5, 3] = 5
    assert liveliest(maps, 2) == [3, 2]
    assert liveliest(maps, 5)[2:] == [0, 1, 4]


def test_of_several_strongest_cells_the_one_nearest_the_middle_is_meant() -> None:
    channel = np.zeros((9, 9))
    assert strongest(channel) == (4, 4)
    channel[0, 0] = channel[8, 2] = channel[5, 6] = 6
    assert strongest(channel) == (5, 6)
    channel[0, 8] = 6.1
    assert strongest(channel) == (0, 8)


@pytest.mark.parametrize("size", [(720, 480), (480, 720), (300, 300), (720, 90)])
def test_a_field_on_a_photo_lies_in_what_the_network_was_shown(size: tuple[int, int]) -> None:
    left, top, right, bottom = square_box(*size)
    assert field(HEAD, (3, 3)).on(*size) == pytest.approx((left, top, right, bottom))
    # The first cell of the first layer, whose padding lies behind: pixels 0 to 2 of 224.
    first = field(STEM, (0, 0))
    assert (first.left, first.top, first.right, first.bottom) == (0, 0, 2, 2)
    found = first.on(*size)
    assert found[:2] == pytest.approx((left, top))
    assert found[2] - found[0] == pytest.approx((right - left) * 3 / 224)
    assert found[3] - found[1] == pytest.approx((bottom - top) * 3 / 224)


def test_row_and_column_are_not_mixed_up() -> None:
    seen = field(STEM, (10, 50))
    assert (seen.top, seen.left) == (20, 100)
    left, top, right, bottom = seen.on(224, 224)
    assert (left, top, right, bottom) == pytest.approx((100, 20, 103, 23))


def test_all_tiles_have_one_scale() -> None:
    maps = np.zeros((4, 4, 3), np.float32)
    maps[1, 1, 0], maps[2, 2, 2] = 3, 6
    assert ceiling(maps) == 6
    weak, nothing, strong = (np.asarray(tile).astype(int) for tile in tiles(maps, [0, 1, 2], 8))
    assert strong.shape == (8, 8, 3)
    assert strong.sum(axis=2).max() > weak.sum(axis=2).max() > nothing.sum(axis=2).max()
    assert len({tuple(pixel) for pixel in nothing.reshape(-1, 3)}) == 1


def test_maps_of_nothing_are_drawn_all_the_same() -> None:
    nothing = np.zeros((4, 4, 2), np.float32)
    assert ceiling(nothing) == 1
    assert not scaled(nothing, ceiling(nothing)).any()
