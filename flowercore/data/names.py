"""Names from outside: shown in a message, or made safe as the name of a file or folder."""

from __future__ import annotations

import re
import unicodedata

SHOWN_LENGTH = 80
_SAFE_LENGTH = 80
_SAFE_BYTES = 200  # file systems stop at 255 bytes; a collision suffix must still fit
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')  # what Windows refuses, and what means a path elsewhere
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
# Control, format (turns the writing direction) and surrogate (bytes that were not UTF-8).
_INVISIBLE = {"Cc", "Cf", "Cs"}


def shown(name: str) -> str:
    """Shorten a name for a message.

    Args:
        name: Any name, also one that was made to break a page or a terminal.

    Returns:
        At most 80 characters without control characters; the end stays, since it tells the type.
    """
    text = "".join(c for c in name if unicodedata.category(c) not in _INVISIBLE)
    if len(text) <= SHOWN_LENGTH:
        return text
    return f"{text[: SHOWN_LENGTH - 20]}…{text[-19:]}"


def spreadsheet_cell(text: str) -> str:
    """Make a text safe in a table for a spreadsheet, which takes some beginnings for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def safe_name(name: str) -> str:
    """Make a name that every operating system takes for one file or folder.

    Args:
        name: A single name from an archive or a foreign folder.

    Returns:
        The name in Unicode normal form C without separators, control characters, a leading dot,
        a trailing dot or space, or a name that Windows keeps for devices; at most 80 characters
        with the ending kept; ``unnamed`` if nothing else is left.
    """
    text = "".join(
        "_" if unicodedata.category(c) == "Cs" else c
        for c in unicodedata.normalize("NFC", name)
        if unicodedata.category(c) not in {"Cc", "Cf"}
    )
    text = _FORBIDDEN.sub("_", text).lstrip(". ").rstrip(". ")
    if _RESERVED.fullmatch(text):
        stem, dot, ending = text.partition(".")
        text = f"{stem}_{dot}{ending}"
    return _shortened(text) or "unnamed"


def with_number(name: str, number: int) -> str:
    """Put a number before the ending: ``a.jpg``, 2 → ``a_2.jpg``."""
    stem, ending = split_ending(name)
    return f"{stem}_{number}{ending}"


def split_ending(name: str) -> tuple[str, str]:
    """Split ``a.jpg`` into ``a`` and ``.jpg``; a long last part is no ending."""
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending) > 10:
        return name, ""
    return stem, dot + ending


def _shortened(text: str) -> str:
    stem, ending = split_ending(text)
    stem = stem[: _SAFE_LENGTH - len(ending)]
    while len((stem + ending).encode()) > _SAFE_BYTES:
        stem = stem[:-1]
    return (stem.rstrip(". ") or "unnamed") + ending if stem else ""
