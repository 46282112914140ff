"""Packing a kept dataset into a zip that can be brought in again anywhere."""

from __future__ import annotations

import zipfile
from pathlib import Path

from flowercore.data import catalog, edits
from flowercore.data.dataset import Progress
from flowercore.files import require_free_space, storage_errors

EDIT_LIST = "edits.csv"


def pack(name: str, into: Path, *, progress: Progress | None = None) -> Path:
    """Pack a dataset as it came, with what was changed about it as a table.

    Args:
        name: A dataset of the catalog.
        into: An existing folder for the zip.
        progress: Called with (photos packed, total); may raise CancelledError to stop.

    Returns:
        The zip, called by the dataset. It holds ``<name>/<class>/<file>``, and ``<name>/edits.csv``
        if there are edits.

    Raises:
        NotFoundError: If there is no such dataset.
        StorageError: If the disk is full or refuses; no zip stays.
    """
    dataset = catalog.load(name, mended=False)
    changes = edits.read(dataset.root)
    require_free_space(sum(photo.bytes for photo in dataset.photos))
    target = into / f"{dataset.name}.zip"
    try:
        # Photos are compressed already: packing them again takes time and saves nothing.
        with storage_errors(), zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as packed:
            for done, photo in enumerate(dataset.photos, start=1):
                packed.write(dataset.path(photo), f"{dataset.name}/{photo.key}")
                if progress is not None:
                    progress(done, len(dataset.photos))
            if changes:
                packed.writestr(f"{dataset.name}/{EDIT_LIST}", edits.to_csv(changes))
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return target
