"""Photos that are cut off or damaged: never anything but a photo or a sentence."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from flowercore.data import photo
from flowercore.errors import PhotoError
from tests.hostile.crafted_photos import (
    encoded,
    jpeg,
    png,
    png_chunk,
    refused,
    segment,
    with_segments,
)


@pytest.mark.parametrize("size", [(0, 10), (10, 0)])
def test_no_pixels_are_no_photo(size: tuple[int, int]) -> None:
    assert "is damaged" in refused(png(*size))


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_wherever_a_photo_is_cut_it_is_said(format: str) -> None:
    data = encoded(format)
    photo.decode(data, name="whole")

    for length in [*range(12, 200), *range(200, len(data) - 20, 97)]:
        with pytest.raises(PhotoError, match=r"must be whole\. Received: 'cut'.* that is cut off"):
            photo.decode(data[:length], name="cut")


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_flipped_bytes_never_end_in_anything_but_a_photo_or_a_sentence(format: str) -> None:
    good = encoded(format)
    rng = np.random.default_rng(5)

    refusals: list[str] = []
    for _ in range(400):
        data = bytearray(good)
        # Half of the damage goes to the header, where it does most.
        reach = 200 if rng.random() < 0.5 else len(good)
        for position in rng.integers(0, reach, rng.integers(1, 6)):
            data[position] = rng.integers(0, 256)
        try:
            picture = photo.decode(bytes(data), name="flipped", at_least=16)
        except PhotoError as error:
            refusals.append(str(error))
        else:
            assert picture.mode == "RGB"
    assert len(refusals) > 20
    assert all(words.startswith("A photo must ") for words in refusals)


def test_a_png_with_a_bad_checksum_is_damaged() -> None:
    data = bytearray(encoded("PNG"))
    data[29] ^= 0xFF  # the header's

    assert "PNG file that is damaged" in refused(bytes(data))


def test_a_png_whose_pixels_are_garbage_is_damaged() -> None:
    data = bytearray(encoded("PNG"))
    data[3000:3400] = bytes(400)

    assert "damaged" in refused(bytes(data)) or "cut off" in refused(bytes(data))


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"garbage that is no TIFF",
        b"II*\x00\xff\xff\xff\xff",
        b"II*\x00\x08\x00\x00\x00\xff\xff",
        b"II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x63\x00\x00\x00",
        b"II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00",
        b"MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x02\x00\x00\x00\x01zzzz",
    ],
)
def test_broken_exif_counts_as_upright(block: bytes) -> None:
    exif = b"Exif\x00\x00" + block
    png_exif = png_chunk(b"eXIf", block)

    for data in (
        with_segments(jpeg(), segment(0xE1, exif)),
        png(160, 120, b"".join(b"\x00" + bytes(480) for _ in range(120)), png_exif),
    ):
        assert photo.inspect(data, name="a").width == 160
        assert photo.decode(data, name="a").size == (160, 120)


def test_segments_of_other_programs_are_not_read() -> None:
    """Pillow parses each of these on opening; garbage in them must not refuse the photo."""
    junk = [
        segment(0xE2, b"MPF\x00" + b"\xff" * 100),
        segment(0xE2, b"ICC_PROFILE\x00\x09\x01" + b"\xff" * 100),
        segment(0xED, b"Photoshop 3.0\x008BIM" + b"\xff" * 100),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00<broken"),
        segment(0xFE, b"a comment"),
    ]

    assert photo.decode(with_segments(jpeg(), *junk), name="a").size == (160, 120)


def test_heic_parts_that_are_no_picture_are_refused() -> None:
    head = struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"heic", 0, b"mif1", b"heic")
    meta = struct.pack(">I4sI", 12, b"meta", 0)

    assert "HEIC file that is damaged" in refused(head + meta)
    assert "HEIC file that is damaged" in refused(head + struct.pack(">I4s", 0, b"meta"))
    assert "HEIC file that is cut off" in refused(head + struct.pack(">I4s", 8, b"mdat"))
    assert "HEIC file that is cut off" in refused(head + bytes(1000))
