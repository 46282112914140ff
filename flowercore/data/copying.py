"""A dataset of one's own, made from one that others use too."""

from __future__ import annotations

from dataclasses import replace

from flowercore.data import catalog, edits, staging
from flowercore.data.catalog import Entry
from flowercore.data.class_folders import EDITS
from flowercore.data.dataset import Dataset, scan
from flowercore.data.importing import check_new_name
from flowercore.files import link_or_copy, require_free_space, write_json

_ORIGIN = "copied from "


def copied_from(dataset: Dataset | Entry) -> str | None:
    """Return the name of the dataset that another is a copy of; None if it is no copy."""
    found = dataset.origin.removeprefix(_ORIGIN)
    return found if found != dataset.origin else None


def copy_dataset(name: str, new_name: str, *, owner: str = "") -> Dataset:
    """Copy a kept dataset with its edits; on most disks its photos take no room a second time.

    Args:
        name: A dataset of the catalog.
        new_name: Name of the copy.
        owner: Visitor id of whose it will be; empty for everybody's.

    Returns:
        The copy, mended as the original is.

    Raises:
        NotFoundError: If there is no such dataset.
        DatasetError: If the new name is not allowed or taken.
        StorageError: If the disk is full or refuses.
    """
    new_name = check_new_name(new_name)
    source = catalog.load(name, mended=False)
    kept = edits.read(source.root)
    require_free_space()
    with staging.staged_folder() as folder:
        for photo in source.photos:
            target = folder / photo.key
            target.parent.mkdir(exist_ok=True)
            link_or_copy(source.path(photo), target)
        if kept:
            write_json(folder / EDITS, edits.plain(kept))
        copy = scan(folder, name=new_name, origin=f"{_ORIGIN}{source.name}")
        copy = staging.publish(replace(copy, skipped=()), owner=owner)
    return edits.apply(copy, kept)
