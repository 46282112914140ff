"""Spoilt photos: the same every time, worse with every strength, told apart by name."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from flowercore.data import views
from flowercore.data.corruptions import KINDS, LESS_LIGHT, NOISE, STRENGTHS, Corruption
from flowercore.data.views import (
    MIRRORED,
    PLAIN,
    SQUEEZED,
    SQUEEZED_MIRRORED,
    View,
    augmented,
    corrupted,
)
from flowercore.training.config import AUGMENTATIONS

SIZE = 224
EVERY = [Corruption(kind, strength) for kind in KINDS for strength in STRENGTHS]


@pytest.fixture(scope="module")
def photos(real_photos: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(real_photos.glob("*/*.jpg"))[7::100]]


def shown(data: bytes, *wanted: View, size: int = SIZE) -> list[np.ndarray]:
    sha256 = hashlib.sha256(data).hexdigest()
    return views.pixels(data, wanted, name="x", sha256=sha256, size=size)


def harm(data: bytes, kind: str) -> list[float]:
    """Return how far each strength is from the plain photo, on average over its values."""
    wanted = [corrupted(PLAIN, Corruption(kind, strength)) for strength in STRENGTHS]
    plain, *spoilt = (one.astype(float) for one in shown(data, PLAIN, *wanted))
    return [float(np.abs(one - plain).mean()) for one in spoilt]


@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.name)
def test_a_photo_is_always_spoilt_alike_and_its_mirror_image_is_that_mirrored(
    photos: list[bytes], one: Corruption
) -> None:
    for plain, mirrored in ((PLAIN, MIRRORED), (SQUEEZED, SQUEEZED_MIRRORED)):
        wanted = (plain, corrupted(plain, one), corrupted(mirrored, one))
        as_it_is, first, other_way = shown(photos[0], *wanted)
        (again,) = shown(photos[0], corrupted(plain, one))
        np.testing.assert_array_equal(first, again)
        np.testing.assert_array_equal(other_way, first[:, ::-1])
        assert first.shape == (SIZE, SIZE, 3)
        assert not np.array_equal(first, as_it_is)


@pytest.mark.parametrize("kind", KINDS)
def test_each_strength_does_more_than_the_one_before(photos: list[bytes], kind: str) -> None:
    for data in photos:
        found = harm(data, kind)
        if kind == "rotation":  # a flower looks the same after a part of a turn
            assert found[0] < max(found[1:])
        else:
            assert found == sorted(found), kind
            assert found[-1] > 2 * found[0]


def test_names_tell_all_views_apart_and_never_change() -> None:
    plain = [PLAIN, MIRRORED, SQUEEZED, SQUEEZED_MIRRORED]
    wanted = [*plain, *augmented(3, AUGMENTATIONS)]
    wanted += [corrupted(view, one) for view in plain for one in EVERY]
    assert len({view.name for view in wanted}) == len(wanted) == 4 + 3 + 4 * 30
    # Features are kept under these names.
    assert [view.name for view in plain] == [
        "plain",
        "mirrored",
        "squeezed",
        "squeezed-mirrored",
    ]
    assert augmented(1, ("flip",))[0].name == "augmented-1-flip-0"
    assert corrupted(PLAIN, Corruption("noise", 3)).name == "corrupted-1-noise-3-plain"


@pytest.mark.parametrize("size", [(64, 64), (900, 60), (33, 47)])
def test_a_turned_photo_has_no_empty_corner(size: tuple[int, int]) -> None:
    file = io.BytesIO()
    Image.new("RGB", size, (255, 255, 255)).save(file, "PNG")
    wanted = [corrupted(PLAIN, Corruption("rotation", strength)) for strength in STRENGTHS]
    assert all(one.min() == 255 for one in shown(file.getvalue(), *wanted))


def test_photos_are_turned_to_both_sides(photos: list[bytes]) -> None:
    quarter = corrupted(PLAIN, Corruption("rotation", 5))
    sides = set()
    for data in photos:
        plain, turned = shown(data, PLAIN, quarter)
        sides.add(
            min((1, 3), key=lambda times: np.abs(np.rot90(plain, times) - 1.0 * turned).mean())
        )
        assert np.abs(np.rot90(plain, 2) - 1.0 * turned).mean() > 10
    assert sides == {1, 3}


def test_amounts_are_what_they_say() -> None:
    grey = Image.new("RGB", (SIZE, SIZE), (128, 128, 128))
    sha256 = "5e" * 32
    for strength in STRENGTHS[:3]:  # the stronger ones are cut off at black and white
        noise = np.asarray(Corruption("noise", strength).of(grey, sha256), float) - 128
        assert noise.std() == pytest.approx(255 * NOISE[strength - 1], rel=0.02)
        assert abs(noise.mean()) < 0.5
    # Half grey, 128, stands for 0.2159 of the light of white.
    value = np.asarray(Corruption("darker", 2).of(grey, sha256), float).mean() / 255
    assert ((value + 0.055) / 1.055) ** 2.4 == pytest.approx(LESS_LIGHT[1] * 0.2159, rel=0.02)
    assert np.asarray(Corruption("brighter", 5).of(grey, sha256)).min() == 255  # 1.3 of white
    assert KINDS["rotation"].told(3) == "turned by 30°"
    assert KINDS["blur"].told(1) == "blurred by 0.4\u202f% of the side"


def test_blur_does_not_depend_on_how_large_a_network_sees_photos(photos: list[bytes]) -> None:
    wanted = corrupted(PLAIN, Corruption("blur", 5))
    small, large = (Image.fromarray(shown(photos[0], wanted, size=one)[0]) for one in (128, 256))
    again = np.asarray(large.resize((128, 128), Image.Resampling.BOX), float)
    assert np.abs(again - np.asarray(small, float)).mean() < 1.5


@pytest.mark.parametrize(("kind", "strength"), [("snow", 1), ("noise", 0), ("noise", 6)])
def test_what_there_is_not_is_refused(kind: str, strength: int) -> None:
    with pytest.raises(ValueError, match="in strength 1 to 5"):
        Corruption(kind, strength)
