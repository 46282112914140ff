"""What datasets can be had, by name; and bringing new ones in."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from flowercore.data import edits, staging
from flowercore.data.class_folders import MANIFEST, ignored
from flowercore.data.dataset import Dataset, Progress, scan
from flowercore.data.importing import (
    GARDEN,
    ImportReport,
    check_name,
    check_new_name,
    free_name,
    import_source,
)
from flowercore.data.names import shown
from flowercore.errors import NotFoundError
from flowercore.files import require_free_space, storage_errors
from flowercore.settings import MEGABYTE

__all__ = [
    "GARDEN",
    "LOCAL",
    "Entry",
    "ImportReport",
    "check_name",
    "check_new_name",
    "ensure_garden",
    "entries",
    "free_name",
    "import_source",
    "load",
    "may_change",
    "visible",
]

LOCAL = "local"
"""Visitor id of the operator: the one visitor of a dashboard that knows no others."""

GARDEN_ORIGIN = "painted by Flower Lab"
_GARDEN_BYTES = 100 * MEGABYTE


@dataclass(frozen=True)
class Entry:
    """A dataset that is kept in the home folder.

    Attributes:
        name: Its name.
        classes: Number of photos of each class.
        origin: Where the photos come from, in words.
        edited: When its edits changed last, nanoseconds since 1970; 0 for never.
        owner: Visitor id of who brought it in; empty for what everybody shares.
        changed: When its photos changed last, nanoseconds since 1970.
    """

    name: str
    classes: dict[str, int]
    origin: str
    edited: int = 0
    owner: str = ""
    changed: int = 0


def entries() -> list[Entry]:
    """List the kept datasets from their descriptions, without reading a photo.

    Returns:
        The painted garden first if it is there, then the others by name.

    Raises:
        StorageError: If the home folder cannot be read.
    """
    with storage_errors():
        folders = [
            path
            for path in staging.datasets_folder().iterdir()
            if not path.name.startswith(".") and (path / MANIFEST).is_file()
        ]
    found = []
    for folder in folders:
        with suppress(FileNotFoundError):  # deleted or renamed since the look
            found.append(_entry(folder))
    return sorted(found, key=lambda entry: (entry.name != GARDEN, entry.name.casefold()))


def visible(entry: Entry, visitor: str) -> bool:
    """Tell whether a visitor sees a dataset: what is shared, their own; the operator sees all."""
    return visitor == LOCAL or entry.owner in ("", visitor)


def may_change(entry: Entry, visitor: str) -> bool:
    """Tell whether a visitor may change a dataset: their own; the operator may change all.

    Args:
        entry: The dataset.
        visitor: Random id of who asks, or `LOCAL`.
    """
    return visitor == LOCAL or (entry.owner == visitor and visitor != "")


def load(name_or_folder: str, *, mended: bool = True) -> Dataset:
    """Scan a dataset of the catalog, or any folder of class folders.

    Args:
        name_or_folder: A name in the catalog, else the path of a folder.
        mended: Whether the edits of a kept dataset are applied.

    Returns:
        The dataset.

    Raises:
        NotFoundError: If it is neither.
        StorageError: If the home folder cannot be used.
    """
    known = {entry.name: entry for entry in entries()}
    if entry := known.get(name_or_folder):
        folder = staging.datasets_folder() / entry.name
        dataset = scan(folder, name=entry.name, origin=entry.origin)
        return edits.apply(dataset, edits.read(folder)) if mended else dataset
    # os.path, unlike Path, says no to a name too long for the file system.
    if name_or_folder.strip() and os.path.isdir(name_or_folder):  # noqa: PTH112
        folder = Path(name_or_folder).absolute()
        return scan(folder, name=folder.name, origin=f"the folder {folder.name}")
    there = ", ".join(f"'{name}'" for name in known) or "none yet"
    raise NotFoundError(
        "A dataset must be named as in the catalog, or be an existing folder. "
        f"Received: '{shown(name_or_folder)}'. There is: {there}."
    )


def ensure_garden(progress: Progress | None = None) -> Dataset:
    """Paint the sample dataset if it is not there yet.

    Two processes may call this at once: one paints, the other waits.

    Args:
        progress: Called with (pictures painted, total).

    Returns:
        The dataset ``garden``.

    Raises:
        StorageError: If the disk is full or refuses.
    """
    datasets = staging.datasets_folder()
    with storage_errors(), FileLock(datasets / f".{GARDEN}.lock"):
        if not (datasets / GARDEN / MANIFEST).is_file():
            # Imported here: painting is needed once in the life of a home folder.
            from flowercore.data.garden import paint_garden

            require_free_space(_GARDEN_BYTES)
            with staging.staged_folder() as folder:
                paint_garden(folder, progress=progress)
                return staging.publish(scan(folder, name=GARDEN, origin=GARDEN_ORIGIN))
    return load(GARDEN)


def _entry(folder: Path) -> Entry:
    edited, changed = edits.changed(folder), (folder / MANIFEST).stat().st_mtime_ns
    try:
        described = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        classes = {str(label): int(count) for label, count in described["classes"].items()}
        owner = str(described.get("owner", ""))
        return Entry(
            folder.name,
            classes,
            str(described["origin"]),
            edited,
            # What the operator brings in by the dashboard is there for the workshop as well.
            owner="" if owner == LOCAL else owner,
            changed=changed,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        # The photos are there all the same: count them, and say that the description is lost.
        labels = [path for path in folder.iterdir() if path.is_dir() and not ignored(path.name)]
        classes = {path.name: sum(1 for _ in path.iterdir()) for path in sorted(labels)}
        origin = "unknown: its description is damaged"
        return Entry(folder.name, classes, origin, edited, changed=changed)
