"""Finding the EXIF block of a photo, and reading its few simple tags.

Pillow is not asked: it reads every tag of a block, and warns of each broken one.
"""

from __future__ import annotations

import struct

_SEGMENTS_MAX = 10_000
_ENTRIES_MAX = 500
_TEXT_MAX = 500
_EXIF_FOLDER, _POSITION_FOLDER = 0x8769, 0x8825
# Of the types that matter here: how one value of it is laid out.
_TEXT, _SHORT, _LONG, _RATIO, _SIGNED_RATIO = 2, 3, 4, 5, 10
_LAYOUTS = {_SHORT: "H", _LONG: "I", _RATIO: "II", _SIGNED_RATIO: "ii"}

Value = str | float


def exif_block(data: bytes, kind: str) -> bytes:
    """Return the EXIF of a photo without its ``Exif`` prefix; empty if there is none.

    Args:
        data: The whole file.
        kind: JPEG, PNG, WebP or HEIC.
    """
    try:
        return _FINDERS[kind](data).removeprefix(b"Exif\x00\x00")
    except (struct.error, IndexError):
        return b""


def tags(block: bytes) -> tuple[dict[int, Value], bool]:
    """Read an EXIF block: a TIFF header and directories.

    Args:
        block: Without its ``Exif`` prefix.

    Returns:
        Texts and numbers by tag (the first of several numbers; a ratio of something to 0 is left
        out), of the photo and of how it was taken; and whether there is a position.
    """
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None:
        return {}, False
    found: dict[int, Value] = {}
    try:
        found |= _directory(block, order, *struct.unpack_from(f"{order}I", block, 4))
        if isinstance(inner := found.get(_EXIF_FOLDER), float):
            found |= _directory(block, order, int(inner))
        position = found.get(_POSITION_FOLDER)
        return found, isinstance(position, float) and bool(_directory(block, order, int(position)))
    except struct.error:
        return found, _POSITION_FOLDER in found


def _directory(block: bytes, order: str, start: int) -> dict[int, Value]:
    (entries,) = struct.unpack_from(f"{order}H", block, start)
    found: dict[int, Value] = {}
    for entry in range(start + 2, start + 2 + 12 * min(entries, _ENTRIES_MAX), 12):
        tag, kind, count = struct.unpack_from(f"{order}HHI", block, entry)
        try:
            value = _value(block, order, kind, count, entry + 8)
        except (struct.error, ZeroDivisionError):
            continue
        if value is not None:
            found.setdefault(tag, value)
    return found


def _value(block: bytes, order: str, kind: int, count: int, place: int) -> Value | None:
    if kind != _TEXT and kind not in _LAYOUTS:
        return None
    layout = order + _LAYOUTS.get(kind, "")
    size = count if kind == _TEXT else struct.calcsize(layout) * count
    if size > 4:  # what does not fit in lies elsewhere
        (place,) = struct.unpack_from(f"{order}I", block, place)
    if kind == _TEXT:
        return block[place : place + min(count, _TEXT_MAX)].decode("utf-8", "replace")
    first, *below = struct.unpack_from(layout, block, place)
    return first / below[0] if below else float(first)


def _in_jpeg(data: bytes) -> bytes:
    position = 2
    for _ in range(_SEGMENTS_MAX):
        marker, length = struct.unpack_from(">HH", data, position)
        if marker == 0xFFE1 and data.startswith(b"Exif\x00\x00", position + 4):
            return data[position + 4 : position + 2 + length]
        if marker == 0xFFDA or not 0xFF00 <= marker <= 0xFFFE:
            return b""
        position += 2 + length
    return b""


def _in_png(data: bytes) -> bytes:
    position = 8
    for _ in range(_SEGMENTS_MAX):
        length, chunk = struct.unpack_from(">I4s", data, position)
        if chunk == b"eXIf":
            return data[position + 8 : position + 8 + length]
        position += 12 + length
    return b""


def _in_webp(data: bytes) -> bytes:
    position = 12
    for _ in range(_SEGMENTS_MAX):
        chunk, length = struct.unpack_from("<4sI", data, position)
        if chunk == b"EXIF":
            return data[position + 8 : position + 8 + length]
        position += 8 + length + (length & 1)
    return b""


def _in_heic(data: bytes) -> bytes:
    # Imported here: libheif takes memory, and most visitors never send a HEIC.
    from pillow_heif import open_heif

    try:
        return open_heif(data).info.get("exif") or b""
    except (OSError, ValueError, SyntaxError, RuntimeError, EOFError, KeyError):
        return b""


_FINDERS = {"JPEG": _in_jpeg, "PNG": _in_png, "WebP": _in_webp, "HEIC": _in_heic}
