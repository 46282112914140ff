"""A convolution is what its definition says, and what Keras computes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from flowercore.teaching.convolution import Padding, axis, convolve, window

STRIDES, PADDINGS = (1, 2, 3), ("same", "valid")
EVERY_WAY = list(itertools.product(STRIDES, PADDINGS))


def naive(picture: np.ndarray, kernel: np.ndarray, stride: int, padding: str) -> np.ndarray:
    """Multiply and add pixel by pixel, in double precision."""
    height, width, channels = picture.shape
    rows, columns, _ = kernel.shape
    top = left = 0
    if padding == "same":
        top, left = (
            max((-(-size // stride) - 1) * stride + part - size, 0) // 2
            for size, part in ((height, rows), (width, columns))
        )
        shape = (-(-height // stride), -(-width // stride))
    else:
        shape = ((height - rows) // stride + 1, (width - columns) // stride + 1)
    found = np.zeros(shape)
    for place in np.ndindex(*shape):
        for row, column, channel in np.ndindex(rows, columns, channels):
            y, x = place[0] * stride - top + row, place[1] * stride - left + column
            if 0 <= y < height and 0 <= x < width:
                found[place] += picture[y, x, channel] * kernel[row, column, channel]
    return found


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


@pytest.mark.parametrize(("stride", "padding"), EVERY_WAY)
@pytest.mark.parametrize("size", [(9, 12), (10, 11), (3, 3)])
@pytest.mark.parametrize("part", [(3, 3), (1, 1), (2, 3)])
def test_it_is_what_its_definition_says(
    rng: np.random.Generator,
    stride: int,
    padding: Padding,
    size: tuple[int, int],
    part: tuple[int, int],
) -> None:
    picture, kernel = rng.uniform(0, 255, (*size, 3)), rng.normal(0, 1, (*part, 3))
    found = convolve(picture, kernel, stride, padding)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, naive(picture, kernel, stride, padding), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("size", [15, 16, 17])
def test_it_is_what_keras_computes(rng: np.random.Generator, size: int) -> None:
    from flowercore.backbones import weights

    weights.import_keras()
    from keras import layers

    picture = rng.uniform(0, 255, (size, size + 3, 3)).astype(np.float32)
    kernel = rng.normal(0, 1, (3, 3, 3)).astype(np.float32)
    for stride, padding in EVERY_WAY:
        layer = layers.Conv2D(1, 3, stride, padding, use_bias=False)
        layer.build((None, *picture.shape))
        layer.set_weights([kernel[..., np.newaxis]])
        wanted = np.asarray(layer(picture[np.newaxis]))[0, :, :, 0]
        np.testing.assert_allclose(
            convolve(picture, kernel, stride, padding), wanted, rtol=1e-4, atol=1e-2
        )


@pytest.mark.parametrize(("stride", "padding"), EVERY_WAY)
def test_each_place_in_numbers_is_that_of_the_whole(
    rng: np.random.Generator, stride: int, padding: Padding
) -> None:
    picture, kernel = rng.uniform(0, 255, (10, 11, 2)), rng.normal(0, 1, (3, 3, 2))
    whole = convolve(picture, kernel, stride, padding)
    seen = set()
    for pixel in np.ndindex(10, 11):
        one = window(picture, kernel, stride, padding, pixel)
        assert one.total == pytest.approx(whole[one.row, one.column], abs=1e-3)
        seen.add((one.row, one.column))
    assert seen == set(np.ndindex(*whole.shape))


@pytest.mark.parametrize(("stride", "padding"), EVERY_WAY)
def test_the_place_nearest_to_a_pixel(stride: int, padding: Padding) -> None:
    found = axis(11, 3, stride, padding)
    middles = np.array([found.start(place) + 1 for place in range(found.places)])
    for pixel in range(-3, 15):
        assert abs(middles[found.nearest(pixel)] - pixel) == np.abs(middles - pixel).min()


def test_what_lies_outside_is_zero_and_told(rng: np.random.Generator) -> None:
    picture = rng.uniform(1, 255, (6, 6, 1))
    corner = window(picture, np.ones((3, 3, 1)), 1, "same", (0, 0))
    assert (corner.top, corner.left) == (-1, -1)
    np.testing.assert_array_equal(corner.inside, [[0, 0, 0], [0, 1, 1], [0, 1, 1]])
    np.testing.assert_array_equal(corner.values[~corner.inside], 0)
    np.testing.assert_array_equal(corner.values[1:, 1:], picture[:2, :2])
    # A place outside the photo, as a browser that is behind may send it.
    assert window(picture, np.ones((3, 3, 1)), 1, "same", (99, -5)).row == 5


@pytest.mark.parametrize(
    ("size", "stride", "padding", "places", "before", "after"),
    [
        (224, 1, "same", 224, 1, 1),
        (224, 2, "same", 112, 0, 1),
        (224, 3, "same", 75, 0, 1),
        (225, 3, "same", 75, 0, 0),
        (224, 1, "valid", 222, 0, 0),
        (224, 2, "valid", 111, 0, 0),
        (224, 3, "valid", 74, 0, 0),
    ],
)
def test_the_size_of_the_result(
    size: int, stride: int, padding: Padding, places: int, before: int, after: int
) -> None:
    found = axis(size, 3, stride, padding)
    assert (found.places, found.before, found.after) == (places, before, after)
    # The formula as the chapter shows it.
    assert (size + before + after - 3) // stride + 1 == places


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="must fit into the picture"):
        convolve(np.zeros((2, 9, 1)), np.zeros((3, 3, 1)))
    with pytest.raises(ValueError, match="must have the channels of the picture"):
        convolve(np.zeros((9, 9, 3)), np.zeros((3, 3, 1)))
