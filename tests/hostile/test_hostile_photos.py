"""Files made to break the one door for a photo: one sentence each, quickly, in little memory."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import pytest
from PIL import Image, ImageFile

from flowercore.data import photo, views
from flowercore.errors import PhotoError
from tests.hostile.crafted_photos import (
    QUICK,
    encoded,
    jpeg,
    png,
    png_chunk,
    refused,
    segment,
    with_segments,
)


def test_a_forty_thousand_pixel_png_is_refused_by_its_header() -> None:
    rows = zlib.compress(bytes(1_000_000))
    data = png(40_000, 40_000, rows)

    for door in (
        lambda: photo.inspect(data, name="big.png"),
        lambda: photo.decode(data, name="big.png", at_least=10),
        lambda: photo.thumbnail(data, name="big.png", side=10),
    ):
        begin = perf_counter()
        with pytest.raises(PhotoError, match=r"50 megapixels.*40,000 x 40,000 pixels \(1,600"):
            door()
        assert perf_counter() - begin < QUICK


@pytest.mark.parametrize("format", ["JPEG", "WEBP"])
def test_the_other_formats_are_refused_by_their_headers_too(format: str) -> None:
    if format == "JPEG":
        data = bytearray(jpeg())
        at = data.index(b"\xff\xc0") + 5
        data[at : at + 4] = struct.pack(">HH", 60_000, 60_000)
        words = "60,000 x 60,000"
    else:
        out = io.BytesIO()
        Image.new("RGBA", (8, 8), (1, 2, 3, 4)).save(out, "WEBP", exif=b"Exif\x00\x00")
        data = bytearray(out.getvalue())
        assert data[12:16] == b"VP8X"
        data[24:30] = b"\xfe\xff\x00" * 2
        words = "65,535 x 65,535"

    assert words in refused(bytes(data))


def test_a_bomb_stays_out_of_memory(tmp_path: Path) -> None:
    """A process that may use 700 MB refuses pictures that would take gigabytes."""
    program = (
        "import resource, sys\n"
        "from flowercore.data import photo, views\n"
        "from flowercore.errors import PhotoError\n"
        "data = sys.stdin.buffer.read()\n"
        "views.pixels(open(sys.argv[1], 'rb').read(), [views.PLAIN], name='ok', size=8)[0]\n"
        "resource.setrlimit(resource.RLIMIT_AS, (700_000_000, 700_000_000))\n"
        "try:\n"
        "    photo.decode(data, name='bomb')\n"
        "except PhotoError as error:\n"
        "    print(error)\n"
    )
    # 30,000 x 30,000 in about 50 kB would be 2.7 GB.
    bomb = png(30_000, 30_000, bytes(10_000_000))
    assert len(bomb) < 60_000
    good = tmp_path / "good.jpg"
    good.write_bytes(jpeg())
    done = subprocess.run(
        [sys.executable, "-c", program, str(good)], input=bomb, capture_output=True, check=True
    )

    assert b"30,000 x 30,000 pixels (900 megapixels)" in done.stdout


def test_a_line_of_millions_of_pixels_is_refused() -> None:
    assert "65,535 pixels wide and high" in refused(png(40_000_000, 1))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "which is empty"),
        (b"hello, this is a text file", "a text file"),
        (b"GIF89a" + bytes(20) + b"\x21\xf9\x04aa\x21\xf9\x04", "a GIF animation"),
        (b"GIF87a" + bytes(20), "a GIF picture"),
        (b"II*\x00" + bytes(50), "a TIFF picture"),
        (b"MM\x00*" + bytes(50), "a TIFF picture"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"MZ\x90\x00" + bytes(100), "a Windows program"),
        (b"\x7fELF" + bytes(100), "a program"),
        (b"BM" + bytes(100), "a BMP picture"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg">', "an SVG drawing"),
        (b"<SVG onload=alert(1)>", "an SVG drawing"),
        (b"\x00\x00\x00\x20ftypavif" + bytes(30), "an AVIF picture"),
        (b"\x00\x00\x00\x20ftypqt  " + bytes(30), "a video or other media"),
        (b"PK\x03\x04" + bytes(30), "a zip archive"),
        (b"\xff\xd8", "a file of another kind"),
        (bytes(100), "a file of another kind"),
        (b"RIFF\x00\x00\x00\x00WAVE", "a file of another kind"),
        ("Blümchen".encode() * 1000, "a text file"),
    ],
)
def test_other_kinds_are_named(data: bytes, words: str) -> None:
    message = refused(data, "photo.jpg")

    assert "'photo.jpg'" in message
    assert words in message
    assert message.startswith("A photo must ")


@pytest.mark.filterwarnings("error")
def test_a_huge_exif_block_does_no_harm() -> None:
    """60,000 entries that each claim 10 MB: reading them all would take 600 GB."""
    entries = b"".join(struct.pack("<HHII", n, 7, 10_000_000, 8) for n in range(0x113, 0xEB00))
    turned = struct.pack("<HHII", 0x0112, 3, 1, 6)
    count = len(entries) // 12 + 1
    block = b"II*\x00" + struct.pack("<IH", 8, count) + turned + entries
    block += bytes(20_000_000 - len(block))
    parts = [block[n : n + 65_000] for n in range(0, len(block), 65_000)]
    data = with_segments(jpeg(), *(segment(0xE1, b"Exif\x00\x00" + part) for part in parts))

    begin = perf_counter()
    facts = photo.inspect(data, name="exif.jpg")
    picture = photo.decode(data, name="exif.jpg")
    assert perf_counter() - begin < QUICK
    assert (facts.width, facts.height) == picture.size == (120, 160)


SMALL = png(10, 10, (b"\x00" + bytes(30)) * 10)


@pytest.mark.parametrize(
    "make",
    [
        lambda: jpeg()[:2] + b"\xff" * 20_000_000 + jpeg()[2:],
        lambda: jpeg()[:2] + segment(0xFE, b"") * 5_000_000 + jpeg()[2:],
        lambda: SMALL[:33] + png_chunk(b"tEXt", b"") * 2_000_000 + SMALL[33:],
        lambda: SMALL[:33] + png_chunk(b"IDAT", b"") * 2_000_000 + SMALL[33:],
    ],
    ids=["padding", "empty segments", "empty chunks", "empty data chunks"],
)
def test_files_of_nothing_but_markers_are_given_up(make: Callable[[], bytes]) -> None:
    refused(make())


def test_a_progressive_jpeg_with_thousands_of_scans_is_refused() -> None:
    """Each scan passes over all pixels: this file would keep a core busy for minutes."""
    data = jpeg(4000, 3000, progressive=True, quality=30)
    empty_scan = b"\xff\xda\x00\x08\x01\x01\x00\x01\x3f\x00"
    views.pixels(data, [views.PLAIN], name="honest.jpg", size=64)[0]

    assert "is damaged" in refused(data[:-2] + empty_scan * 3000 + data[-2:])


def test_compressed_text_in_a_png_is_not_unpacked() -> None:
    bomb = png_chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(bytes(50_000_000)))
    rows = b"".join(b"\x00" + bytes(480) for _ in range(120))

    begin = perf_counter()
    assert photo.decode(png(160, 120, rows, bomb), name="a").size == (160, 120)
    assert perf_counter() - begin < QUICK


def test_names_in_messages_are_short_and_plain() -> None:
    message = refused(b"x", "\x1b[31m\u202e" + "n" * 300 + ".jpg\n")

    assert len(message) < 200
    assert "\x1b" not in message
    assert "\u202e" not in message
    assert "\n" not in message
    assert ".jpg'" in message


def test_a_refusal_leaves_no_setting_of_pillow_changed() -> None:
    before = (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, dict(Image.OPEN))
    refused(png(40_000, 40_000))
    photo.decode(encoded("HEIF"), name="a.heic")

    assert (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, dict(Image.OPEN)) == before


@pytest.mark.filterwarnings("error")
def test_a_photo_within_the_limit_gives_no_warning() -> None:
    """Pillow warns from 89 megapixels on; the limit may be set higher, and must then just work."""
    rows = (b"\x00" + bytes(9000)) * 5000

    assert photo.decode(png(9000, 5000, rows, color=0), name="a", at_least=50).size == (90, 50)
