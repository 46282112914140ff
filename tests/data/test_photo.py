"""What comes through the one door for a photo, and how large."""

from __future__ import annotations

import hashlib
import io
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from flowercore.data import photo, views
from flowercore.errors import PhotoError
from flowercore.settings import settings
from tests.data.pictures import GREEN, RED, TURNED, encoded, exif, is_upright, quarters


def test_inspect_states_the_facts() -> None:
    data = encoded(quarters(), "PNG")

    facts = photo.inspect(data, name="x.jpg")

    assert facts.format == "PNG"
    assert facts.bytes == len(data)
    assert facts.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    ("format", "shown"), [("JPEG", "JPEG"), ("WEBP", "WebP"), ("HEIF", "HEIC"), ("PNG", "PNG")]
)
def test_content_decides_the_type(format: str, shown: str) -> None:
    assert photo.inspect(encoded(quarters(), format), name="wrong.txt").format == shown


@pytest.mark.parametrize("lossless", [True, False])
def test_every_kind_of_webp_states_its_size(lossless: bool) -> None:
    for picture in (quarters(101, 67), quarters(101, 67).convert("RGBA")):
        facts = photo.inspect(encoded(picture, "WEBP", lossless=lossless), name="a.webp")

        assert (facts.width, facts.height) == (101, 67)


def test_reduced_decoding_keeps_the_shorter_side() -> None:
    data = encoded(quarters(1600, 900), "JPEG")
    for at_least, expected in (
        (900, (1600, 900)),
        (450, (800, 450)),
        (224, (400, 225)),
        (1, (200, 113)),
    ):
        picture = photo.decode(data, name="big.jpg", at_least=at_least)

        assert picture.size == expected
        assert min(picture.size) >= at_least
        assert is_upright(picture)


def test_a_small_photo_is_not_enlarged_by_at_least() -> None:
    assert photo.decode(encoded(quarters(), "JPEG"), name="s", at_least=500).size == (64, 48)


def test_a_very_large_photo_is_averaged_down_in_bands() -> None:
    big = quarters(6000, 3001).convert("RGBA")
    big.putalpha(Image.new("L", big.size, 255))
    data = encoded(big, "PNG", compress_level=1)

    small = photo.decode(data, name="big.png", at_least=300)

    assert small.size == (600, 301)
    assert is_upright(small)
    # A row in a wrong place or left out would be black.
    assert np.asarray(small).max(axis=2).min() > 190


@pytest.mark.parametrize(
    ("size", "box"),
    [((500, 300), (50, 0, 450, 300)), ((300, 500), (0, 50, 300, 450)), ((64, 64), (0, 0, 64, 64))],
)
def test_the_square_box_cuts_the_longer_side_to_the_mean(
    size: tuple[int, int], box: tuple[int, int, int, int]
) -> None:
    assert photo.square_box(*size) == box


def test_pixels_hold_the_square_box_and_nothing_else() -> None:
    marked = Image.new("RGB", (500, 300), RED)
    marked.paste(GREEN, (50, 0, 450, 300))

    array = views.pixels(encoded(marked, "PNG"), [views.PLAIN], name="marked.png", size=64)[0]

    # The bicubic filter looks a little beyond the box; a whole red column would be 200 away.
    assert np.abs(array.astype(int) - GREEN).max() <= 20
    assert np.abs(array[:, 2:-2].astype(int) - GREEN).max() == 0


def test_pixels_are_a_square_of_the_photo() -> None:
    data = encoded(quarters(500, 333), "JPEG")

    array = views.pixels(data, [views.PLAIN], name="a.jpg", size=224)[0]

    assert array.shape == (224, 224, 3)
    assert array.dtype == np.uint8
    assert array.flags.writeable
    assert is_upright(Image.fromarray(array))


def test_reduced_decoding_hardly_changes_the_pixels(real_photos: Path) -> None:
    path = sorted((real_photos / "rose").iterdir())[0]
    data = path.read_bytes()
    size = 100

    picture = photo.decode(data, name="r")
    box = photo.square_box(*picture.size)
    full = picture.resize((size, size), Image.Resampling.BICUBIC, box=box)

    assert photo.decode(data, name="r", at_least=size).size < picture.size
    difference = np.abs(
        views.pixels(data, [views.PLAIN], name="r", size=size)[0].astype(int) - np.asarray(full)
    )
    assert difference.mean() < 6


def test_a_thumbnail_is_a_small_jpeg_without_metadata() -> None:
    data = encoded(quarters(800, 600).transpose(TURNED[6]), "JPEG", exif=exif(6), comment=b"hello")

    small = photo.thumbnail(data, name="a.jpg", side=160)

    opened = Image.open(io.BytesIO(small))
    assert (opened.format, opened.size) == ("JPEG", (160, 120))
    assert is_upright(opened)
    assert not opened.getexif()
    assert b"hello" not in small


def test_a_thumbnail_does_not_enlarge() -> None:
    small = photo.thumbnail(encoded(quarters(), "PNG"), name="a.png", side=500)

    assert Image.open(io.BytesIO(small)).size == (64, 48)


def test_the_size_limit_is_checked_before_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWERCORE_PHOTO_BYTES", "1000000")
    settings.cache_clear()
    path = tmp_path / "big.jpg"
    with path.open("wb") as file:
        file.truncate(40_000_000_000)  # a hole: takes no space, but reading it would

    with pytest.raises(PhotoError, match=r"at most 1 MB\. Received: 'big\.jpg', 40,000\.0 MB"):
        photo.read_photo_bytes(path)


def test_bytes_in_memory_have_the_same_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encoded(quarters(), "PNG")
    monkeypatch.setenv("FLOWERCORE_PHOTO_BYTES", str(len(data) - 1))
    settings.cache_clear()

    for door in (photo.inspect, photo.decode):
        with pytest.raises(PhotoError, match=r"at most 0\.\d+ MB\. Received: 'a'"):
            door(data, name="a")


def test_the_pixel_limit_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWERCORE_PHOTO_PIXELS", "3071")
    settings.cache_clear()

    with pytest.raises(PhotoError, match=r"megapixels\. Received: 'a', 64 x 48 pixels"):
        photo.inspect(encoded(quarters(), "JPEG"), name="a")


def test_reading_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match=r"readable file\. Received: 'no\.jpg': no such file"):
        photo.read_photo_bytes(tmp_path / "no.jpg")
    with pytest.raises(PhotoError, match="a folder or device"):
        photo.read_photo_bytes(tmp_path)


def test_threads_may_decode_at_once() -> None:
    jpegs = [encoded(quarters(600, 400), "JPEG", quality=60 + n) for n in range(8)]
    alone = [views.pixels(data, [views.PLAIN], name="a", size=96)[0] for data in jpegs]
    together: dict[int, np.ndarray] = {}

    def work(index: int) -> None:
        together[index] = views.pixels(jpegs[index], [views.PLAIN], name="a", size=96)[0]

    threads = [threading.Thread(target=work, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(np.array_equal(together[index], alone[index]) for index in range(8))
