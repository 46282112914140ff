"""What people call a run and say about it: ``label.json`` in the run's folder.

A file of its own, so that a worker that writes ``run.json`` at the same time takes nothing back.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import asdict, dataclass
from pathlib import Path

from flowercore.data.names import shown
from flowercore.errors import ConfigError
from flowercore.files import write_json

NAME_LENGTH = 100
NOTE_LENGTH = 1000

# Control and surrogate; and the format characters that turn the direction of what follows.
_FORBIDDEN = {"Cc", "Cs"}
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True)
class Label:
    """A name and a note; either may be empty."""

    name: str = ""
    note: str = ""


def checked_name(text: str) -> str:
    """Return a name as it is kept.

    Raises:
        ConfigError: If it is too long or holds control characters.
    """
    return _checked("A run's name", text, NAME_LENGTH)


def checked_note(text: str) -> str:
    """Return a note as it is kept; line breaks are allowed.

    Raises:
        ConfigError: If it is too long or holds other control characters.
    """
    return _checked("A note", text.replace("\r\n", "\n"), NOTE_LENGTH, breaks=True)


def write(folder: Path, label: Label) -> None:
    """Write the label of the run in this folder.

    Raises:
        StorageError: If the disk refuses.
    """
    write_json(folder / "label.json", asdict(label))


def read(folder: Path) -> Label:
    """Return the label of the run in this folder; an empty one if there is none.

    One that was edited by hand into something else counts as none: a run can do without.
    """
    try:
        values = json.loads((folder / "label.json").read_bytes())
        return Label(checked_name(values["name"]), checked_note(values["note"]))
    except (OSError, ValueError, TypeError, AttributeError, KeyError, ConfigError):
        return Label()


def _checked(what: str, text: str, length: int, *, breaks: bool = False) -> str:
    text = text.strip()
    allowed = "\n" if breaks else ""
    if any(_forbidden(character) for character in text if character not in allowed):
        besides = " besides line breaks" if breaks else ""
        raise ConfigError(
            f"{what} must not hold control characters{besides}. Received: {shown(text)!r}."
        )
    if len(text) > length:
        raise ConfigError(
            f"{what} may have {length:,} characters at most. Received: {len(text):,}."
        )
    return text


def _forbidden(character: str) -> bool:
    return character in _TURNING or unicodedata.category(character) in _FORBIDDEN
