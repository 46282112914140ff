"""Which files of a folder of class folders are taken, and why others are not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from flowercore.data.names import shown

MANIFEST = "dataset.json"
EDITS = "edits.json"
"""What people changed about a kept dataset, beside its class folders."""

_OURS = {MANIFEST, EDITS}
_IGNORED = {"__macosx", "thumbs.db", "desktop.ini"}


@dataclass(frozen=True)
class Skipped:
    """A file that was left out, and why, in words for a person."""

    name: str
    reason: str


class ClassFile(NamedTuple):
    """A file in a class folder that may be a photo.

    Attributes:
        key: Posix path relative to the dataset's folder, such as ``rose/x.jpg``.
        label: Name of the class folder.
        place: The file's path. A ``Path`` would take half the time of listing a folder.
        size: Bytes.
        mtime_ns: Time of change, nanoseconds since 1970.
    """

    key: str
    label: str
    place: str
    size: int
    mtime_ns: int

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.place)


def ignored(name: str) -> bool:
    """Return whether a file or folder is passed over silently, by its own name."""
    return name.startswith(".") or name.lower() in _IGNORED


def reserved(name: str) -> bool:
    """Return whether a class folder of that name would not be seen as one."""
    return ignored(name) or name.casefold() in _OURS


def class_files(root: Path, skipped: list[Skipped]) -> Iterator[ClassFile]:
    """List the files in the class folders of a dataset.

    Links are followed only to what lies inside the folder.

    Args:
        root: The dataset's folder.
        skipped: Receives what is not taken.

    Yields:
        The files, sorted by folder and name.

    Raises:
        OSError: If a folder cannot be read.
    """
    inside = root.resolve()
    for folder in sorted(os.scandir(root), key=lambda entry: entry.name):
        if ignored(folder.name) or folder.name in _OURS:
            continue
        if reason := _unusable(folder, inside):
            skipped.append(Skipped(shown(folder.name), reason))
        elif not folder.is_dir():
            skipped.append(Skipped(shown(folder.name), "It lies beside the class folders."))
        else:
            yield from _files_of_class(folder, inside, skipped)


def _files_of_class(
    folder: os.DirEntry[str], inside: Path, skipped: list[Skipped]
) -> Iterator[ClassFile]:
    empty = True
    for entry in sorted(os.scandir(folder.path), key=lambda entry: entry.name):
        if ignored(entry.name):
            continue
        empty = False
        key = f"{folder.name}/{entry.name}"
        if reason := _unusable(entry, inside):
            skipped.append(Skipped(shown(key), reason))
        elif entry.is_dir():
            skipped.append(Skipped(shown(key), "It is a folder inside a class folder."))
        else:
            state = entry.stat()
            yield ClassFile(key, folder.name, entry.path, state.st_size, state.st_mtime_ns)
    if empty:
        skipped.append(Skipped(shown(folder.name), "The folder is empty."))


def _unusable(entry: os.DirEntry[str], inside: Path) -> str | None:
    try:
        entry.name.encode()
    except UnicodeEncodeError:
        return "Its name is not readable text (UTF-8)."
    if entry.is_symlink():
        target = Path(entry.path).resolve()
        if not target.exists():
            return "It is a link to nothing."
        if not target.is_relative_to(inside):
            return "It is a link that leads out of the dataset."
    return None
