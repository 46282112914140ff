"""Photos put together byte by byte."""

from __future__ import annotations

import io
import struct
import zlib
from time import perf_counter

import numpy as np
import pytest
from PIL import Image

from flowercore.data import views
from flowercore.errors import PhotoError

# Seconds; each case takes milliseconds, and one that unpacks what it should not takes minutes.
QUICK = 30


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, rows: bytes = b"", extra: bytes = b"", color: int = 2) -> bytes:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, color, 0, 0, 0))
    body = png_chunk(b"IDAT", zlib.compress(rows, 1))
    return b"\x89PNG\r\n\x1a\n" + header + extra + body + png_chunk(b"IEND", b"")


def jpeg(width: int = 160, height: int = 120, **options: object) -> bytes:
    noise = np.random.default_rng(0).integers(0, 255, (height, width, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).save(out, "JPEG", **options)
    return out.getvalue()


def segment(marker: int, data: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data


def with_segments(picture: bytes, *segments: bytes) -> bytes:
    """Put segments at the start of a JPEG, in place of its JFIF header."""
    (length,) = struct.unpack_from(">H", picture, 4)
    return picture[:2] + b"".join(segments) + picture[4 + length :]


def refused(data: bytes, name: str = "bad.jpg") -> str:
    begin = perf_counter()
    with pytest.raises(PhotoError) as caught:
        views.pixels(data, [views.PLAIN], name=name, size=64)[0]
    assert perf_counter() - begin < QUICK
    return str(caught.value)


def encoded(format: str) -> bytes:
    noise = np.random.default_rng(1).integers(0, 255, (60, 80, 3), dtype=np.uint8)
    out = io.BytesIO()
    if format == "HEIF":
        from pillow_heif import from_pillow

        from_pillow(Image.fromarray(noise)).save(out)
    else:
        Image.fromarray(noise).save(out, format)
    return out.getvalue()
