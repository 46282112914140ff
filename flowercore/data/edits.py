"""What people changed about a dataset: a list beside it, which can be undone.

The photos and their folders stay as they came. The last edit of a photo decides what becomes of it.
"""

from __future__ import annotations

import csv
import io
import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from flowercore.data.class_folders import EDITS
from flowercore.data.dataset import Dataset, Photo
from flowercore.data.names import shown, spreadsheet_cell
from flowercore.errors import DatasetError, NotFoundError, StorageError
from flowercore.files import storage_errors, write_json

RELABEL, EXCLUDE, KEEP = "relabel", "exclude", "keep"
ACTIONS = (RELABEL, EXCLUDE, KEEP)
_COLUMNS = ("photo", "action", "given", "label", "why", "made")


@dataclass(frozen=True)
class Edit:
    """One change to one photo.

    Attributes:
        key: The photo, such as ``rose/x.jpg``.
        sha256: Hash of its bytes: another photo under the same name is not meant.
        action: relabel, exclude, or keep: as it was given, and looked at.
        label: The class of a relabelled photo; else empty.
        why: What led to it, in words; may be empty.
        made: When, ISO 8601 in UTC.
        batch: Shared by edits that were made, and are undone, together.
    """

    key: str
    sha256: str
    action: str
    label: str = ""
    why: str = ""
    made: str = ""
    batch: str = ""


def read(root: Path) -> tuple[Edit, ...]:
    """Return the edits of a kept dataset, the oldest first.

    Args:
        root: The dataset's folder.

    Raises:
        StorageError: If the list is damaged or cannot be read.
    """
    if not (root / EDITS).is_file():
        return ()
    try:
        with storage_errors():
            values = json.loads((root / EDITS).read_bytes())
        edits = tuple(Edit(**{k: str(v) for k, v in one.items()}) for one in values)
    except (ValueError, TypeError, AttributeError) as error:
        raise StorageError(
            f"The edit list of '{shown(root.name)}' is damaged: it was changed by hand. Repair or "
            f"delete the file {EDITS} in the dataset's folder; the photos are not affected."
        ) from error
    if unknown := next((one.action for one in edits if one.action not in ACTIONS), None):
        raise StorageError(
            f"An edit must be one of {', '.join(ACTIONS)}. Received: '{shown(unknown)}' in the "
            f"file {EDITS} of '{shown(root.name)}', which was changed by hand."
        )
    return edits


def changed(root: Path) -> int:
    """Return when a dataset's edits changed last, nanoseconds since 1970; 0 for never."""
    try:
        return (root / EDITS).stat().st_mtime_ns
    except OSError:
        return 0


def add(
    dataset: Dataset,
    keys: Sequence[str],
    action: str,
    *,
    label: str = "",
    why: Sequence[str] | str = "",
) -> tuple[Edit, ...]:
    """Make an edit of one or many photos, undone together.

    Args:
        dataset: A kept dataset, mended or not.
        keys: Which photos, at least one.
        action: One of `ACTIONS`.
        label: For relabel, a class of the dataset as it came.
        why: What led to it: one text, or one a photo.

    Returns:
        The new edits.

    Raises:
        DatasetError: If the label is no class of the dataset, or nothing is chosen.
        NotFoundError: If the dataset has no such photo.
        StorageError: If the list cannot be written.
    """
    if action == RELABEL and label not in dataset.given_classes:
        raise DatasetError(
            "A photo's new label must be a class of its dataset. "
            f"Received: '{shown(label)}'. There is: {', '.join(dataset.given_classes)}."
        )
    if not keys:
        raise DatasetError("An edit must name at least one photo. Received: none.")
    photos = {one.key: one for one in (*dataset.photos, *dataset.excluded)}
    if missing := next((key for key in keys if key not in photos), None):
        raise NotFoundError(
            f"The photo must belong to the dataset '{shown(dataset.name)}'. "
            f"Received: '{shown(missing)}'."
        )
    reasons = [why] * len(keys) if isinstance(why, str) else list(why)
    batch, now = secrets.token_hex(4), datetime.now(UTC).isoformat(timespec="seconds")
    made = tuple(
        Edit(
            key, photos[key].sha256, action, label if action == RELABEL else "", reason, now, batch
        )
        for key, reason in zip(keys, reasons, strict=True)
    )
    with _alone(dataset.root):
        _write(dataset.root, (*read(dataset.root), *made))
    return made


def undo(root: Path, batch: str | None = None) -> tuple[Edit, ...]:
    """Take the last edit back, or a certain one, with all that was made together with it.

    Args:
        root: The dataset's folder.
        batch: Which; None for the last.

    Returns:
        What was taken back; nothing if there was nothing.

    Raises:
        StorageError: If the list is damaged or cannot be written.
    """
    with _alone(root):
        edits = read(root)
        if not edits:
            return ()
        gone = batch or edits[-1].batch
        _write(root, tuple(one for one in edits if one.batch != gone))
    return tuple(one for one in edits if one.batch == gone)


def apply(dataset: Dataset, edits: Sequence[Edit]) -> Dataset:
    """Return a dataset as its edits make it.

    Args:
        dataset: As it came.
        edits: The oldest first. Those of photos that are gone or have other bytes change nothing.
    """
    last = standing(edits)
    photos: list[Photo] = []
    excluded: list[Photo] = []
    for photo in dataset.photos:
        edit = last.get((photo.key, photo.sha256))
        if edit is None or edit.action == KEEP:
            photos.append(photo)
        elif edit.action == EXCLUDE:
            excluded.append(photo)
        else:
            photos.append(replace(photo, label=edit.label))
    return replace(
        dataset,
        classes=tuple(sorted({one.label for one in photos})),
        photos=tuple(photos),
        excluded=tuple(excluded),
    )


def standing(edits: Sequence[Edit]) -> dict[tuple[str, str], Edit]:
    """Return the last edit of each photo, by key and hash: the one that counts."""
    return {(one.key, one.sha256): one for one in edits}


def to_csv(edits: Sequence[Edit]) -> str:
    """Return edits as a table for a spreadsheet, a line each, the oldest first."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(_COLUMNS)
    for one in edits:
        row = asdict(one) | {"photo": one.key, "given": Photo.given_in(one.key)}
        table.writerow([spreadsheet_cell(row[name]) for name in _COLUMNS])
    return out.getvalue()


def plain(edits: Sequence[Edit]) -> list[dict[str, str]]:
    """Return edits as plain values, for their file."""
    return [asdict(one) for one in edits]


def _alone(root: Path) -> FileLock:
    if not root.is_dir():
        raise NotFoundError(f"The dataset '{shown(root.name)}' is no longer there.")
    return FileLock(root / ".edits.lock")


def _write(root: Path, edits: Sequence[Edit]) -> None:
    write_json(root / EDITS, plain(edits))
