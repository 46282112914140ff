"""The kernels do what their sentences say, and results are drawn in tones that mean something."""

from __future__ import annotations

import numpy as np
import pytest

from flowercore.teaching.convolution import convolve
from flowercore.teaching.kernels import KERNELS, tones

PICTURE = np.random.default_rng(2).integers(0, 256, (20, 30, 1)).astype(np.float64)


def weights(name: str) -> np.ndarray:
    return np.array(KERNELS[name].weights)[:, :, np.newaxis]


def ramp(axis: int) -> np.ndarray:
    """A picture that gets brighter by 10 a pixel along an axis."""
    return 10.0 * np.indices((12, 12))[axis][:, :, np.newaxis]


def test_identity_changes_nothing() -> None:
    found = convolve(PICTURE, weights("identity"))
    np.testing.assert_array_equal(found, PICTURE[:, :, 0])
    np.testing.assert_array_equal(
        tones(weights("identity"), found).pixels(found), PICTURE[:, :, 0].astype(np.uint8)
    )


@pytest.mark.parametrize(("name", "axis"), [("vertical", 1), ("horizontal", 0)])
def test_edges_of_one_direction_are_found_and_the_other_is_not(name: str, axis: int) -> None:
    along = convolve(ramp(axis), weights(name), padding="valid")
    across = convolve(ramp(1 - axis), weights(name), padding="valid")
    np.testing.assert_allclose(along, 80)
    np.testing.assert_allclose(across, 0)


@pytest.mark.parametrize("name", ["vertical", "horizontal", "edges"])
def test_a_plain_area_has_no_edges_and_is_grey(name: str) -> None:
    found = convolve(np.full((9, 9, 1), 200.0), weights(name), padding="valid")
    np.testing.assert_allclose(found, 0, atol=1e-3)
    chosen = tones(weights(name), convolve(PICTURE, weights(name)))
    assert chosen.signed
    assert chosen.pixels(np.zeros(1)) in (127, 128)


@pytest.mark.parametrize("name", ["blur", "gauss"])
def test_a_blur_is_a_mean(name: str) -> None:
    assert weights(name).sum() == pytest.approx(1)
    found = convolve(PICTURE, weights(name), padding="valid")
    assert found.std() < 0.6 * PICTURE.std()
    assert found.mean() == pytest.approx(PICTURE.mean(), rel=0.05)


def test_sharpening_makes_differences_larger() -> None:
    assert weights("sharpen").sum() == 1
    assert convolve(PICTURE, weights("sharpen"), padding="valid").std() > 2 * PICTURE.std()


@pytest.mark.parametrize(
    ("factor", "black", "white"), [(1, 0, 255), (9, 0, 2295), (-1, -255, 0), (0.5, 0, 127.5)]
)
def test_black_and_white_are_what_such_photos_give(
    factor: float, black: float, white: float
) -> None:
    found = tones(factor * weights("blur"), PICTURE)
    assert (found.black, found.white) == (pytest.approx(black), pytest.approx(white))
    assert not found.signed


def test_without_weights_or_pixels_there_are_tones_all_the_same() -> None:
    found = tones(np.zeros((3, 3)), np.zeros((4, 4)))
    assert found.pixels(np.zeros((4, 4))).max() in (127, 128)
    assert tones(weights("vertical"), np.zeros((0, 0))).signed
