"""The ways of showing a photo: the same every time, and what each change does."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from flowercore.data import photo, views
from flowercore.data.views import MIRRORED, PLAIN, SQUEEZED, SQUEEZED_MIRRORED, augmented
from flowercore.training.config import AUGMENTATIONS

SIZE = 64
SHA = "5e" * 32


def encoded(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def data() -> bytes:
    """A wide picture that is red on the left, blue on the right, brighter at the top."""
    down, across = np.mgrid[0:240, 0:400]
    red = np.where(across < 200, 220, 30) - down // 4
    blue = np.where(across < 200, 30, 220) - down // 4
    picture = np.stack([red, 90 - down // 4, blue], axis=2).clip(0, 255).astype(np.uint8)
    return encoded(Image.fromarray(picture))


def shown(data: bytes, *wanted: views.View, sha256: str = SHA) -> list[np.ndarray]:
    return views.pixels(data, wanted, name="x", sha256=sha256, size=SIZE)


def test_the_plain_view_is_what_a_backbone_always_saw(data: bytes) -> None:
    picture = photo.decode(data, name="x", at_least=SIZE)
    part = picture.resize(
        (SIZE, SIZE),
        Image.Resampling.BICUBIC,
        box=photo.square_box(*picture.size),
        reducing_gap=3.0,
    )
    np.testing.assert_array_equal(shown(data, PLAIN)[0], np.asarray(part))


def test_the_mirrored_view_swaps_left_and_right(data: bytes) -> None:
    plain, mirrored, squeezed, both = shown(data, PLAIN, MIRRORED, SQUEEZED, SQUEEZED_MIRRORED)
    np.testing.assert_array_equal(mirrored, plain[:, ::-1])
    np.testing.assert_array_equal(both, squeezed[:, ::-1])
    assert mirrored[:, 0, 2].mean() > 150 > plain[:, 0, 2].mean()


def test_the_squeezed_view_keeps_the_whole_photo() -> None:
    picture = Image.new("RGB", (400, 100), (0, 0, 0))
    picture.paste((255, 255, 255), (0, 0, 20, 100))
    plain, squeezed = shown(encoded(picture), PLAIN, SQUEEZED)
    assert squeezed[:, 0].min() > 200, "the white margin is in the picture"
    assert plain[:, 0].max() < 100, "the plain view cuts it off"


def test_a_view_is_the_same_every_time_and_differs_by_number_and_photo(data: bytes) -> None:
    wanted = augmented(4, AUGMENTATIONS)
    first, again = shown(data, *wanted), shown(data, *wanted)
    np.testing.assert_array_equal(np.stack(first), np.stack(again))
    for one in range(4):
        for other in range(one):
            assert np.abs(first[one].astype(int) - first[other]).mean() > 2
    (elsewhere,) = shown(data, wanted[0], sha256="ab" * 32)
    assert np.abs(elsewhere.astype(int) - first[0]).mean() > 2


def test_names_tell_views_apart() -> None:
    wanted = [PLAIN, MIRRORED, SQUEEZED, SQUEEZED_MIRRORED]
    wanted += [*augmented(3, AUGMENTATIONS), *augmented(3, ("flip",))]
    assert len({view.name for view in wanted}) == len(wanted)
    assert augmented(2, ("crop", "flip")) == augmented(2, ("flip", "crop"))


def test_each_change_changes_only_what_it_is_for(data: bytes) -> None:
    (plain,) = shown(data, PLAIN)
    flips = shown(data, *augmented(12, ("flip",)))
    mirrored = [np.array_equal(one, plain[:, ::-1]) for one in flips]
    assert all(
        same or np.array_equal(one, plain) for one, same in zip(flips, mirrored, strict=True)
    )
    assert 0 < sum(mirrored) < 12

    for one in shown(data, *augmented(6, ("colour",))):
        assert not np.array_equal(one, plain)
        # Left stays red, right stays blue.
        assert one[:, :20, 0].mean() > one[:, :20, 2].mean()
        assert one[:, -20:, 2].mean() > one[:, -20:, 0].mean()

    borders = []
    for one in shown(data, *augmented(12, ("crop",))):
        red = one[:, :, 0].mean(axis=0) > 110
        borders.append(int(red.sum()))
    assert len(set(borders)) > 3, "crops lie in different places"


@pytest.mark.parametrize("size", [(64, 64), (900, 60), (60, 900), (65, 400), (33, 47)])
def test_no_view_has_an_empty_corner(size: tuple[int, int]) -> None:
    white = encoded(Image.new("RGB", size, (255, 255, 255)))
    for one in shown(white, *augmented(32, ("crop", "rotation", "flip"))):
        assert one.shape == (SIZE, SIZE, 3)
        assert one.min() > 240


def test_what_is_judged() -> None:
    assert views.judged(squeezed=False, flip_average=False) == (PLAIN,)
    assert views.judged(squeezed=False, flip_average=True) == (PLAIN, MIRRORED)
    assert views.judged(squeezed=True, flip_average=True) == (SQUEEZED, SQUEEZED_MIRRORED)


def test_real_photos_come_out_whole(real_photos: Path) -> None:
    for path in sorted(real_photos.glob("*/*.jpg"))[::50]:
        pictures = shown(path.read_bytes(), PLAIN, *augmented(6, AUGMENTATIONS))
        assert all(one.shape == (SIZE, SIZE, 3) and one.std() > 5 for one in pictures)
