"""Renaming and deleting kept datasets: at one stroke, so that nobody sees half of one."""

from __future__ import annotations

import json
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

from flowercore.data import photo_index, staging
from flowercore.data.class_folders import MANIFEST
from flowercore.data.importing import GARDEN, check_name
from flowercore.data.names import shown
from flowercore.errors import DatasetError, NotFoundError, StorageError
from flowercore.files import storage_errors, write_json


def folder(name: str) -> Path:
    """Return the folder of a kept dataset.

    Raises:
        NotFoundError: If there is none of that name.
    """
    datasets = staging.datasets_folder()
    with storage_errors():
        there = {path.name: path for path in datasets.iterdir() if not path.name.startswith(".")}
        if name not in there or not (there[name] / MANIFEST).is_file():
            raise NotFoundError(f"There is no dataset of that name. Received: '{shown(name)}'.")
    return there[name]


def rename(name: str, new_name: str) -> str:
    """Give a dataset another name. Its edits go with it; runs remember the old name.

    Args:
        name: Its name.
        new_name: As a person typed it.

    Returns:
        The new name.

    Raises:
        NotFoundError: If there is no such dataset.
        DatasetError: If the new name is not allowed or taken, or it is the garden.
        StorageError: If the home folder cannot be written.
    """
    root = folder(name)
    _refuse_garden(name, "renamed")
    new_name = check_name(new_name)
    if new_name == name:
        return name
    final = root.with_name(new_name)
    with storage_errors(), staging.one_at_a_time():
        # Another spelling of the same name is no other dataset.
        if new_name.casefold() != name.casefold():
            staging.require_free_name(new_name)
        photo_index.move(root, final)
        root.rename(final)
        described = _described(final)
        if described:
            write_json(final / MANIFEST, described | {"name": new_name})
    return new_name


def share(name: str) -> None:
    """Make a visitor's own dataset everybody's: all see it, and nobody but the operator changes it.

    Args:
        name: Its name.

    Raises:
        NotFoundError: If there is no such dataset.
        StorageError: If its description is damaged or the home folder cannot be written.
    """
    root = folder(name)
    with staging.one_at_a_time():
        described = _described(root)
        if not described:
            raise StorageError(
                f"The description of '{shown(name)}' is damaged, so that nobody knows whose it "
                "is. Bring it in again."
            )
        if described.get("owner"):
            write_json(root / MANIFEST, described | {"owner": ""})


def delete(name: str) -> None:
    """Delete a dataset with its edits. Runs that were trained on it stay.

    Args:
        name: Its name.

    Raises:
        NotFoundError: If there is no such dataset.
        DatasetError: If it is the garden.
        StorageError: If the disk refuses.
    """
    root = folder(name)
    _refuse_garden(name, "deleted")
    gone = root.with_name(f"{staging.DELETED}{secrets.token_hex(8)}")
    with storage_errors():
        with staging.one_at_a_time():
            root.rename(gone)
        photo_index.update(root, {}, photo_index.load(root))
        shutil.rmtree(gone)


def _refuse_garden(name: str, what: str) -> None:
    if name == GARDEN:
        raise DatasetError(
            f"The painted sample cannot be {what}: it is what a workshop without internet relies "
            f"on. Received: '{GARDEN}'."
        )


def _described(root: Path) -> dict[str, object]:
    with suppress(OSError, ValueError):
        described = json.loads((root / MANIFEST).read_bytes())
        if isinstance(described, dict):
            return described
    return {}
