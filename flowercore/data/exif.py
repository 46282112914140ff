"""What a camera wrote into a photo, as a few facts that may be shown; never where it was taken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flowercore.data.exif_block import Value, exif_block, tags
from flowercore.data.names import shown
from flowercore.data.photo import read_photo_bytes
from flowercore.data.photo_header import read_header
from flowercore.errors import PhotoError

_TURNS = {
    1: "upright",
    2: "mirrored",
    3: "upside down",
    4: "upside down, mirrored",
    5: "on its side, mirrored",
    6: "on its side",
    7: "on its side, mirrored",
    8: "on its side",
}


def exif(path: Path) -> dict[str, str]:
    """Return what the camera says about a photo.

    Args:
        path: The file.

    Returns:
        Facts by name, in the order in which they are shown; values are cleaned and cut. Of a
        position is said only that there is one. Empty where there is no EXIF, it is broken, or the
        file is no photo.
    """
    try:
        data = read_photo_bytes(path)
        kind = read_header(data, name=path.name).format
    except PhotoError:
        return {}
    found, position = tags(exif_block(data, kind))
    facts = {}
    for name, (tag, words) in _FACTS.items():
        if tag in found and (text := words(found[tag])):
            facts[name] = text
    return facts | ({"Holds a position": "yes"} if position else {})


def _text(value: Value) -> str:
    if not isinstance(value, str):
        return ""
    return shown(" ".join(value.replace("\0", " ").split())).strip()


def _time(value: Value) -> str:
    # EXIF writes 2026:05:31 14:03:59.
    day, _, hour = _text(value).partition(" ")
    return f"{day.replace(':', '-')} {hour}".strip()


def _number(pattern: str) -> Callable[[Value], str]:
    def words(value: Value) -> str:
        return pattern.format(value) if isinstance(value, float) and value > 0 else ""

    return words


def _seconds(value: Value) -> str:
    if not isinstance(value, float) or value <= 0:
        return ""
    return f"{value:.3g} s" if value >= 0.3 else f"1/{1 / value:.0f} s"


def _flash(value: Value) -> str:
    fired = isinstance(value, float) and int(value) & 1
    return "fired" if fired else "did not fire"


def _turn(value: Value) -> str:
    return _TURNS.get(int(value), "") if isinstance(value, float) else ""


_FACTS: dict[str, tuple[int, Callable[[Value], str]]] = {
    "Maker": (0x010F, _text),
    "Camera": (0x0110, _text),
    "Lens": (0xA434, _text),
    "Taken": (0x9003, _time),
    "Exposure": (0x829A, _seconds),
    "Aperture": (0x829D, _number("f/{:.3g}")),
    "Sensitivity": (0x8827, _number("ISO {:.0f}")),
    "Focal length": (0x920A, _number("{:.3g} mm")),
    "Flash": (0x9209, _flash),
    "Stored": (0x0112, _turn),
    "Software": (0x0131, _text),
}
