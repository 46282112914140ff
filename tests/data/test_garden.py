from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from flowercore.data.garden import SPECIES, paint_flower, paint_garden, picture_rng, picture_size
from flowercore.errors import ConfigError, StorageError
from flowercore.settings import settings

SIZE = (120, 90)


def _pictures(root: Path) -> dict[str, np.ndarray]:
    return {
        path.relative_to(root).as_posix(): np.asarray(Image.open(path))
        for path in sorted(root.rglob("*.jpg"))
    }


@pytest.fixture(scope="module")
def garden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("garden")
    paint_garden(root, per_class=3, seed=7)
    return root


def test_a_garden_has_the_asked_number_of_readable_pictures_of_each_species(garden: Path) -> None:
    names = list(_pictures(garden))
    assert names == [f"{kind}/{kind}_{number:03d}.jpg" for kind in SPECIES for number in range(3)]
    for name in names:
        with Image.open(garden / name) as picture:
            assert (picture.format, picture.mode) == ("JPEG", "RGB")


def test_the_same_seed_paints_the_same_pixels(garden: Path, tmp_path: Path) -> None:
    paint_garden(tmp_path, per_class=3, seed=7)
    first, second = _pictures(garden), _pictures(tmp_path)
    assert first.keys() == second.keys()
    for name, pixels in first.items():
        assert np.array_equal(pixels, second[name]), name


def test_another_seed_paints_other_pixels(garden: Path, tmp_path: Path) -> None:
    paint_garden(tmp_path, per_class=1, seed=8)
    first = _pictures(garden)
    for name, pixels in _pictures(tmp_path).items():
        assert not np.array_equal(pixels, first[name]), name


def test_a_picture_does_not_depend_on_the_ones_before_it(garden: Path) -> None:
    rng = picture_rng(7, "rose", 2)
    alone = np.asarray(paint_flower("rose", rng, picture_size(rng)), float)
    in_the_row = np.asarray(Image.open(garden / "rose" / "rose_002.jpg"), float)
    assert alone.shape == in_the_row.shape
    # What is left is what JPEG loses.
    assert np.abs(alone - in_the_row).mean() < 6


def test_sizes_vary_and_pictures_both_lie_and_stand() -> None:
    sizes = [picture_size(picture_rng(7, kind, n)) for kind in SPECIES for n in range(20)]
    assert len(set(sizes)) > 80
    assert all(240 <= side <= 500 for size in sizes for side in size)
    assert 20 < sum(wide < high for wide, high in sizes) < 50


@pytest.mark.parametrize("species", SPECIES)
def test_a_picture_has_the_asked_size_and_is_no_flat_colour(species: str) -> None:
    for number in range(4):
        picture = paint_flower(species, picture_rng(1, species, number), SIZE)
        assert (picture.size, picture.mode) == (SIZE, "RGB")
        assert np.asarray(picture, float).std(axis=(0, 1)).max() > 8


@pytest.mark.parametrize("species", SPECIES)
def test_pictures_of_one_species_differ(species: str) -> None:
    pictures = [
        np.asarray(paint_flower(species, picture_rng(1, species, number), SIZE), float)
        for number in range(4)
    ]
    for one, other in combinations(pictures, 2):
        assert np.abs(one - other).mean() > 8


def test_species_differ_even_when_all_else_is_drawn_from_the_same_seed() -> None:
    pictures = {
        species: np.asarray(paint_flower(species, np.random.default_rng(3), SIZE), float)
        for species in SPECIES
    }
    for one, other in combinations(SPECIES, 2):
        assert np.abs(pictures[one] - pictures[other]).mean() > 8, (one, other)


def test_species_have_the_colours_they_are_known_for() -> None:
    # How far yellow is above blue in the middle of the picture, where the flowers are.
    def yellowness(species: str) -> float:
        values = []
        for number in range(25):
            picture = paint_flower(species, picture_rng(5, species, number), SIZE)
            middle = np.asarray(picture, float)[20:70, 25:95]
            values.append((middle[..., :2].min(axis=-1) - middle[..., 2]).mean())
        return float(np.mean(values))

    assert yellowness("sunflower") > yellowness("daisy") + 15


def test_progress_counts_every_picture(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    paint_garden(tmp_path, per_class=1, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(done, 5) for done in range(1, 6)]


def test_progress_can_stop_the_painting(tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        paint_garden(tmp_path, per_class=20, progress=stop)
    # What other threads had begun meanwhile is finished, and nothing else.
    assert 1 <= len(_pictures(tmp_path)) <= 2 * settings().threads + 1


@pytest.mark.parametrize(
    ("call", "received"),
    [
        (lambda root: paint_garden(root, per_class=0), "per_class=0"),
        (lambda root: paint_flower("orchid", np.random.default_rng(0), SIZE), "'orchid'"),
    ],
)
def test_what_cannot_be_painted_is_refused(
    tmp_path: Path, call: Callable[[Path], object], received: str
) -> None:
    with pytest.raises(ConfigError, match=received):
        call(tmp_path)


def test_a_folder_that_cannot_be_made_is_said_in_words(tmp_path: Path) -> None:
    root = tmp_path / "file"
    root.write_bytes(b"in the way")
    with pytest.raises(StorageError, match="home folder"):
        paint_garden(root, per_class=1)
