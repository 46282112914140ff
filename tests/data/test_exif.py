"""Facts from the camera: shown cleaned, without the place, and never in the way."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from flowercore.data.exif import exif
from flowercore.data.exif_block import tags

FACTS = {
    "Maker": "Maker & Sons",
    "Camera": "Camera 7 b",
    "Taken": "2026-05-31 14:03:59",
    "Exposure": "1/125 s",
    "Aperture": "f/2.8",
    "Sensitivity": "ISO 200",
    "Focal length": "35.5 mm",
    "Flash": "fired",
    "Stored": "on its side",
    "Software": "s" * 60 + "…" + "s" * 19,
    "Holds a position": "yes",
}


def block() -> Image.Exif:
    found = Image.Exif()
    found[0x010F] = "Maker & Sons"
    found[0x0110] = "Camera\x01 7\nb"
    found[0x0112] = 6
    found[0x0131] = "s" * 400
    inner = found.get_ifd(0x8769)
    inner[0x829A] = IFDRational(1, 125)
    inner[0x829D] = IFDRational(28, 10)
    inner[0x8827] = 200
    inner[0x9003] = "2026:05:31 14:03:59"
    inner[0x9209] = 1
    inner[0x920A] = IFDRational(71, 2)
    found.get_ifd(0x8825)[1] = "N"
    return found


def written(path: Path, format: str, exif: bytes | None = None) -> Path:
    picture = Image.new("RGB", (40, 30), (90, 120, 40))
    options = {} if exif is None else {"exif": exif}
    if format == "HEIF":
        from pillow_heif import from_pillow

        from_pillow(picture).save(path, quality=90, **options)
    else:
        picture.save(path, format, **options)
    return path


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WebP", "HEIF"])
def test_every_kind_of_photo_tells(tmp_path: Path, format: str) -> None:
    found = exif(written(tmp_path / "x", format, block().tobytes()))
    # What decodes a HEIC turns it upright, and says so.
    assert found == (FACTS | {"Stored": found["Stored"]} if format == "HEIF" else FACTS)
    assert list(found) == list(FACTS)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WebP", "HEIF"])
def test_no_exif_no_facts(tmp_path: Path, format: str) -> None:
    assert exif(written(tmp_path / "x", format)) == {}


def test_long_exposures_and_numbers_that_mean_nothing(tmp_path: Path) -> None:
    found = Image.Exif()
    inner = found.get_ifd(0x8769)
    inner[0x829A] = IFDRational(5, 2)
    inner[0x829D] = IFDRational(0, 1)
    inner[0x9209] = 16
    found[0x0112] = 77
    assert exif(written(tmp_path / "x.jpg", "JPEG", found.tobytes())) == {
        "Exposure": "2.5 s",
        "Flash": "did not fire",
    }


def test_a_file_that_is_no_photo_or_is_gone(tmp_path: Path) -> None:
    (tmp_path / "x.jpg").write_text("words")
    assert exif(tmp_path / "x.jpg") == {}
    assert exif(tmp_path / "gone.jpg") == {}


def test_broken_blocks_are_read_as_far_as_they_go() -> None:
    whole = block().tobytes().removeprefix(b"Exif\x00\x00")
    for length in range(len(whole)):
        tags(whole[:length])
    for place in range(len(whole)):
        tags(whole[:place] + b"\xff" + whole[place + 1 :])
    assert tags(b"") == ({}, False)


def test_a_block_that_claims_millions_of_tags_is_left_early() -> None:
    entry = struct.pack("<HHII", 0x0110, 2, 0xFFFFFFFF, 8)
    found, position = tags(b"II*\0" + struct.pack("<IH", 8, 0xFFFF) + entry * 600)
    assert len(str(found[0x0110])) <= 500
    assert not position


def test_a_ratio_to_nothing_is_no_number() -> None:
    entry = struct.pack("<HHII", 0x829D, 5, 1, 22)
    found, _ = tags(b"II*\0" + struct.pack("<IH", 8, 1) + entry + struct.pack("<II", 5, 0))
    assert found == {}


def test_jpeg_written_by_others(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG")
    data = out.getvalue()
    comment = b"\xff\xfe" + struct.pack(">H", 6) + b"word"
    info = block().tobytes()
    segment = b"\xff\xe1" + struct.pack(">H", len(info) + 2) + info
    path = tmp_path / "x.jpg"
    path.write_bytes(data[:2] + comment + segment + data[2:])
    assert exif(path)["Maker"] == "Maker & Sons"
