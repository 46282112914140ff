"""A photo, a filter and what comes of them: as by hand, and as the real network does it."""

from __future__ import annotations

import numpy as np
import pytest

from flowercore.backbones import registry, runtime
from flowercore.backbones.first_filters import STRIDE
from flowercore.teaching.filtering import by_hand, by_network
from flowercore.teaching.kernels import KERNELS

PIXELS = np.random.default_rng(4).integers(0, 256, (224, 224, 3)).astype(np.uint8)
EDGES = np.array(KERNELS["edges"].weights)


def test_by_hand_each_place_in_numbers_is_the_result_there() -> None:
    done = by_hand(PIXELS, EDGES, 2, "valid")
    assert done.channels == 1
    assert done.picture.shape == (224, 224)
    place = done.window((40, 61))
    assert done.activated(place.total + done.bias) == pytest.approx(
        done.result[place.row, place.column], abs=1e-3
    )
    # A grey is seen as what it is.
    np.testing.assert_array_equal(
        done.seen(place.values[:, :, 0]),
        done.picture[place.top : place.top + 3, place.left : place.left + 3],
    )


@pytest.mark.usefixtures("prepared")
def test_by_a_filter_of_the_network_it_is_its_first_feature_map() -> None:
    maps = runtime.depth_maps(registry.DEFAULT, PIXELS)["depth_stem"]
    for number in (0, 7, 31):
        done = by_network(PIXELS, number, STRIDE, "same")
        np.testing.assert_allclose(done.result, maps[:, :, number], atol=2e-5)
        place = done.window((99, 5))
        assert done.activated(place.total + done.bias) == pytest.approx(
            maps[place.row, place.column, number], abs=1e-4
        )


def test_a_filter_that_finds_nothing_is_black() -> None:
    for number in range(32):
        done = by_network(np.full((20, 20, 3), 127, np.uint8), number, 1, "valid")
        assert done.drawn.max() == (255 if done.result.max() > 0 else 0)
        assert (done.tones.black, done.tones.signed) == (0, False)


def test_prepared_pixels_are_seen_in_their_own_tones() -> None:
    done = by_network(PIXELS, 0, 1, "same")
    np.testing.assert_allclose(done.seen(done.values).astype(int), PIXELS.astype(int), atol=2)
