"""What the first bytes of a file say: its type, its size in pixels, how it is turned.

Nothing here decodes a pixel or allocates by a number that the file claims. Pillow is asked only
afterwards, and gets only what belongs to the picture: on opening it also parses EXIF, MPF,
Photoshop and text blocks, where one crafted file makes 60,000 warnings, and it checks sizes only
after the plugin has run.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from flowercore.data.photo_errors import cut_off, damaged
from flowercore.data.photo_kind import HEAD, require_photo

# Chunks that make up the picture; the others hold text, profiles and animation frames.
_PNG_CHUNKS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
_HEIC_BOXES_MAX = 1000
# Encoders write thousands; millions of empty chunks would take seconds to step over.
_PNG_CHUNKS_MAX = 100_000
_JPEG_SIZES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
# APP0 (JFIF) and APP14 (Adobe) say how the colours are coded; the other APPn and the comment
# segment hold text, profiles and thumbnails.
_JPEG_DROPPED = ({*range(0xE0, 0xF0)} - {0xE0, 0xEE}) | {0xFE}
_JPEG_SEGMENTS_MAX = 10_000
# A progressive JPEG passes over all its pixels once a scan; honest ones have about 10 scans, and
# a small file with thousands would keep a core busy for minutes.
_JPEG_SCANS = 40
_JPEG_SCANNED_PIXELS_MAX = 2_000_000_000
# Bytes that a scan takes at least: its marker and a header of one component.
_JPEG_SCAN_BYTES = 10


@dataclass(frozen=True)
class Header:
    """What a photo's header says.

    Attributes:
        format: One of ``FORMATS``.
        width: Pixels as stored, before the EXIF orientation.
        height: Pixels as stored, before the EXIF orientation.
        orientation: EXIF orientation 1 to 8; 1 where EXIF is missing or broken.
        parts: What of the bytes belongs to the picture, piece by piece: joined only where it is
            decoded, as most files are only asked for their size.
    """

    format: str
    width: int
    height: int
    orientation: int
    parts: tuple[bytes | memoryview, ...]

    @property
    def picture(self) -> bytes:
        """The bytes with everything left out that is no part of the picture."""
        return b"".join(self.parts)


def read_header(data: bytes, *, name: str) -> Header:
    """Read type, size and orientation without decoding.

    Args:
        data: The whole file.
        name: How messages call the photo.

    Returns:
        The header; width and height are at least 1.

    Raises:
        PhotoError: If the file is empty, of another type, cut off or damaged in its header.
    """
    kind = require_photo(data[:HEAD], name=name)
    try:
        header = _READERS[kind](data)
    except (struct.error, IndexError) as error:
        raise cut_off(name, kind) from error
    except ValueError as error:
        raise damaged(name, kind) from error
    if header.width < 1 or header.height < 1:
        raise damaged(name, kind)
    return header


def _read_jpeg(data: bytes) -> Header:
    size: tuple[int, int] | None = None
    orientation = 1
    kept: list[bytes | memoryview] = [data[:2]]
    position = 2
    for _ in range(_JPEG_SEGMENTS_MAX):
        position = data.find(b"\xff", position)
        if position < 0:
            raise IndexError("no marker left")
        marker = data[position + 1]
        if marker in {0x00, 0xFF}:  # padding before a marker
            position += 1 if marker == 0xFF else 2
            continue
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:  # markers that stand alone
            position += 2
            continue
        if marker == 0xD9:
            raise ValueError("the end comes before the picture")
        (length,) = struct.unpack_from(">H", data, position + 2)
        end = position + 2 + length
        if length < 2:
            raise ValueError("a segment of no length")
        if end > len(data):
            raise IndexError("the last segment is incomplete")
        if marker in _JPEG_SIZES:
            height, width = struct.unpack_from(">HH", data, position + 5)
            size = (width, height)
        elif marker == 0xE1 and data.startswith(b"Exif\x00\x00", position + 4) and orientation == 1:
            orientation = exif_orientation(data[position + 10 : end])
        if marker == 0xDA:
            if size is None:
                raise ValueError("the picture comes before its size")
            if _has_too_many_scans(data, position, size[0] * size[1]):
                raise ValueError("too many scans")
            return Header("JPEG", *size, orientation, (*kept, memoryview(data)[position:]))
        if marker not in _JPEG_DROPPED:
            kept.append(data[position:end])
        position = end
    raise ValueError("too many segments")


def _has_too_many_scans(data: bytes, position: int, pixels: int) -> bool:
    # Counting takes half of the time that a small photo's header takes, and few can have so many.
    most = (len(data) - position) // _JPEG_SCAN_BYTES
    if most <= _JPEG_SCANS or most * pixels <= _JPEG_SCANNED_PIXELS_MAX:
        return False
    scans = data.count(b"\xff\xda", position)
    return scans > _JPEG_SCANS and scans * pixels > _JPEG_SCANNED_PIXELS_MAX


def _read_png(data: bytes) -> Header:
    width, height = struct.unpack_from(">II", data, 16)
    if data[12:16] != b"IHDR":
        raise ValueError("the first chunk must be IHDR")
    orientation = 1
    kept: list[bytes | memoryview] = [data[:8]]
    position = 8
    for _ in range(_PNG_CHUNKS_MAX):
        if position + 8 > len(data):
            raise IndexError("the end is missing")
        length, chunk = struct.unpack_from(">I4s", data, position)
        end = position + 12 + length
        if chunk in _PNG_CHUNKS:
            kept.append(memoryview(data)[position:end])
        elif chunk == b"eXIf":
            orientation = exif_orientation(data[position + 8 : end - 4])
        if chunk == b"IEND":
            return Header("PNG", width, height, orientation, tuple(kept))
        position = end
    raise ValueError("too many chunks")


def _read_webp(data: bytes) -> Header:
    if len(data) < int.from_bytes(data[4:8], "little") + 8:
        raise IndexError("shorter than it says")
    chunk = data[12:16]
    orientation = 1
    if chunk == b"VP8 ":
        width, height = (n & 0x3FFF for n in struct.unpack_from("<HH", data, 26))
    elif chunk == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif chunk == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        position = 12
        while position + 8 <= len(data):
            part, length = struct.unpack_from("<4sI", data, position)
            if part == b"EXIF":
                block = data[position + 8 : position + 8 + length]
                orientation = exif_orientation(block.removeprefix(b"Exif\x00\x00"))
                break
            position += 8 + length + (length & 1)
    else:
        raise ValueError("an unknown first chunk")
    return Header("WebP", width, height, orientation, (data,))


def _read_heic(data: bytes) -> Header:
    position = 0
    boxes = set()
    for _ in range(_HEIC_BOXES_MAX):
        if position >= len(data):
            break
        boxes.add(data[position + 4 : position + 8])
        (size,) = struct.unpack_from(">I", data, position)
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, position + 8)
        if size == 0:  # the last box, up to the end
            break
        if position + size > len(data):
            raise IndexError("a box is incomplete")
        position += max(size, 8)
    if b"meta" not in boxes:
        raise IndexError("what describes the picture is missing")
    # Imported here: libheif takes memory, and most visitors never send a HEIC.
    from pillow_heif import open_heif

    try:
        width, height = open_heif(data).size
    except (OSError, ValueError, SyntaxError, RuntimeError, EOFError, KeyError) as error:
        raise ValueError(str(error)) from error
    # libheif turns the picture by the container's own rotation; the standard says that the EXIF
    # orientation beside it (phones write both) is not to be applied again.
    return Header("HEIC", width, height, 1, (data,))


_READERS = {"JPEG": _read_jpeg, "PNG": _read_png, "WebP": _read_webp, "HEIC": _read_heic}


def exif_orientation(block: bytes) -> int:
    """Read the orientation from an EXIF block.

    Only EXIF counts, as in web browsers, not an orientation in XMP.

    Args:
        block: EXIF without its ``Exif`` prefix: a TIFF header and directories.

    Returns:
        1 to 8; 1 (upright) where the block is broken or says nothing.
    """
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None:
        return 1
    try:
        (directory,) = struct.unpack_from(f"{order}I", block, 4)
        (entries,) = struct.unpack_from(f"{order}H", block, directory)
        for entry in range(directory + 2, directory + 2 + 12 * entries, 12):
            tag, kind = struct.unpack_from(f"{order}HH", block, entry)
            if tag == 0x0112:
                (value,) = struct.unpack_from(
                    f"{order}{'I' if kind == 4 else 'H'}", block, entry + 8
                )
                return int(value) if 1 <= value <= 8 else 1
    except struct.error:
        return 1
    return 1
