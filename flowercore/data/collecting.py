"""From photos that were collected one by one to a dataset: a new one, or one that is there."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from flowercore.data import catalog, drafts, staging
from flowercore.data.class_folders import MANIFEST
from flowercore.data.dataset import Dataset, check_trainable, scan
from flowercore.data.drafts import Draft
from flowercore.data.importing import check_new_name
from flowercore.errors import DatasetError
from flowercore.files import link_or_copy, storage_errors, write_json

_ORIGIN = "collected photo by photo"
_HIDDEN = ".adding-"


@dataclass(frozen=True)
class Added:
    """What became of photos that were added to a dataset.

    Attributes:
        added: Number of photos by class.
        known: How many were left out since their class has them already.
    """

    added: dict[str, int]
    known: int


def make_dataset(visitor: str, name: str) -> Dataset:
    """Make a dataset of what a visitor has collected; the draft is then empty.

    Args:
        visitor: Id of the visitor, whose the dataset will be.
        name: As a person typed it.

    Returns:
        The new dataset.

    Raises:
        DatasetError: If the name is not allowed or taken, or the photos cannot be trained on; the
            draft stays.
        StorageError: If the disk is full or refuses.
    """
    name = check_new_name(name)
    with drafts.locked(visitor, ""), staging.staged_folder() as folder:
        for one in drafts.look(visitor).photos:
            target = folder / one.key
            target.parent.mkdir(exist_ok=True)
            link_or_copy(one.path, target)
        dataset = scan(folder, name=name, origin=_ORIGIN)
        check_trainable(dataset)
        dataset = staging.publish(dataset, owner=visitor)
        drafts.discard(visitor)
    return dataset


def add_to_dataset(visitor: str, name: str) -> Added:
    """Add what a visitor has collected for a dataset to it; the draft is then empty.

    All photos come in, or none. Edits of the dataset stay as they are.

    Args:
        visitor: Id of the visitor; whether the dataset is theirs was checked before.
        name: The dataset.

    Returns:
        What was added.

    Raises:
        NotFoundError: If there is no such dataset.
        DatasetError: If it could not be trained on afterwards; the draft stays.
        StorageError: If the disk is full or refuses; the dataset is as it was.
    """
    with drafts.locked(visitor, name):
        added = _put(name, drafts.look(visitor, name))
        drafts.discard(visitor, name)
    return added


def add_photo(visitor: str, name: str, label: str, data: bytes, *, photo: str) -> Added:
    """Add a single photo to a dataset; what was collected for it stays where it is.

    Args:
        visitor: Id of the visitor; whether the dataset is theirs was checked before.
        name: The dataset.
        label: The photo's class.
        data: The photo's file.
        photo: How messages call it.

    Returns:
        What was added: nothing if its class has the photo already.

    Raises:
        NotFoundError: If there is no such dataset.
        DatasetError: If the class name cannot be used.
        PhotoError: If it is no usable photo.
        StorageError: If the disk is full or refuses; the dataset is as it was.
    """
    label = drafts.check_class_name(label)
    with drafts.locked(visitor, name), staging.staged_folder() as folder:
        return _put(name, drafts.alone(folder, label, data, name=photo))


def _put(name: str, draft: Draft) -> Added:
    dataset = catalog.load(name, mended=False)
    moves, known = _moves(dataset, draft)
    if not moves and not known:
        raise DatasetError("At least one photo must be added. Received: none.")
    _check(dataset, [label for _, label, _ in moves])
    _place(dataset.root, moves)
    now = scan(dataset.root, name=name, origin=dataset.origin)
    _describe(now)
    added: dict[str, int] = {}
    for _, label, _ in moves:
        added[label] = added.get(label, 0) + 1
    return Added(added, known)


def _moves(dataset: Dataset, draft: Draft) -> tuple[list[tuple[Path, str, str]], int]:
    """Return (file, class, name in the class) of all photos that are new, and how many are not."""
    spelling = {label.casefold(): label for label in dataset.given_classes}
    there = {(one.given, one.sha256[:12]) for one in dataset.photos}
    taken = {one.key.casefold() for one in dataset.photos}
    moves, known = [], 0
    for one in draft.photos:
        label = spelling.get(one.label.casefold(), one.label)
        if (label, one.sha12) in there:
            known += 1
            continue
        file, number = f"added-{one.path.name[5:]}", 1
        while f"{label}/{file}".casefold() in taken:
            number += 1
            file = f"added-{number}-{one.path.name[5:]}"
        taken.add(f"{label}/{file}".casefold())
        moves.append((one.path, label, file))
    return moves, known


def _check(dataset: Dataset, labels: list[str]) -> None:
    if not dataset.photos:
        check_trainable(dataset)
    photo = dataset.photos[0]
    more = [replace(photo, key=f"{label}/{n}", label=label) for n, label in enumerate(labels)]
    classes = tuple(sorted({*dataset.classes, *labels}))
    check_trainable(replace(dataset, classes=classes, photos=(*dataset.photos, *more)))


def _place(root: Path, moves: list[tuple[Path, str, str]]) -> None:
    """Put photos into their class folders, all of them or none."""
    placed: list[Path] = []
    new = [
        root / label for label in {label for _, label, _ in moves} if not (root / label).is_dir()
    ]
    with storage_errors():
        try:
            for folder in new:
                folder.mkdir()
            # What takes room comes first, out of sight; showing it then takes none.
            for file, label, name in moves:
                placed.append(root / label / f"{_HIDDEN}{name}")
                link_or_copy(file, placed[-1])
            for number, (_, label, name) in enumerate(moves):
                placed[number] = placed[number].rename(root / label / name)
        except BaseException:
            for path in placed:
                path.unlink(missing_ok=True)
            for folder in new:
                shutil.rmtree(folder, ignore_errors=True)
            raise


def _describe(dataset: Dataset) -> None:
    path = dataset.root / MANIFEST
    try:
        described = json.loads(path.read_bytes())
        described = described if isinstance(described, dict) else {}
    except (OSError, ValueError):
        return  # its description is damaged, which is said wherever it is listed
    write_json(path, described | {"classes": dataset.counts()})
