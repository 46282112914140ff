"""Filling a new dataset out of sight and putting it in its place in one step."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from flowercore.data import photo_index
from flowercore.data.class_folders import MANIFEST
from flowercore.data.dataset import Dataset
from flowercore.data.names import shown
from flowercore.errors import DatasetError
from flowercore.files import home_folder, storage_errors, write_json

DELETED = ".deleted-"
"""Begins the name of a dataset that is being deleted."""

_PREFIX = ".import-"


def datasets_folder() -> Path:
    """Return the folder of all kept datasets, made if it was not there."""
    return home_folder("datasets")


@contextmanager
def staged_folder() -> Iterator[Path]:
    """Give a hidden empty folder beside the datasets; what is left in it afterwards is removed.

    Folders whose process was killed are removed on the way: their lock is free.

    Yields:
        The folder.

    Raises:
        StorageError: If the home folder cannot be written.
    """
    datasets = datasets_folder()
    folder = datasets / f"{_PREFIX}{secrets.token_hex(8)}"
    lock = FileLock(_lock_of(folder))
    with storage_errors():
        # Nobody looks for stale folders between the making of this one's lock and its taking.
        with one_at_a_time():
            _remove_stale(datasets)
            lock.acquire()
        try:
            folder.mkdir()
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            lock.release()
            # Windows refuses while another process looks whether this lock is stale; that process
            # then removes it.
            with suppress(OSError):
                _lock_of(folder).unlink()


def publish(dataset: Dataset, *, owner: str = "") -> Dataset:
    """Describe a staged dataset and put it in its place.

    Args:
        dataset: Scanned in a folder from ``staged_folder``, with a checked name.
        owner: Visitor id of whose it will be; empty for everybody's.

    Returns:
        The dataset in its final folder.

    Raises:
        DatasetError: If the name was taken meanwhile.
        StorageError: If the home folder cannot be written.
    """
    write_json(
        dataset.root / MANIFEST,
        {
            "name": dataset.name,
            "origin": dataset.origin,
            "owner": owner,
            "classes": dataset.counts(),
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
        },
    )
    final = datasets_folder() / dataset.name
    with storage_errors(), one_at_a_time():
        require_free_name(dataset.name)
        # First the index: what it says of a folder that does not come to be does no harm.
        photo_index.move(dataset.root, final)
        dataset.root.rename(final)
    return replace(dataset, root=final)


def taken_names() -> set[str]:
    """Return the names that datasets have, without regard to case."""
    with storage_errors():
        return {entry.name.casefold() for entry in datasets_folder().iterdir()}


def require_free_name(name: str) -> None:
    """Refuse a name that a dataset has, without regard to case.

    Raises:
        DatasetError: If it is taken.
    """
    if name.casefold() in taken_names():
        raise DatasetError(
            f"A new dataset must have a name of its own. Received: '{shown(name)}', "
            "which is taken. Choose another name, or delete that dataset first."
        )


def one_at_a_time() -> FileLock:
    """Return the lock under which datasets get and lose their names."""
    return FileLock(datasets_folder() / ".staging.lock")


def _lock_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.lock")


def _remove_stale(datasets: Path) -> None:
    for path in datasets.glob(f"{DELETED}*"):  # whoever deleted it was killed
        shutil.rmtree(path, ignore_errors=True)
    for path in datasets.glob(f"{_PREFIX}*"):
        folder = path.with_suffix("") if path.suffix == ".lock" else path
        try:
            with FileLock(_lock_of(folder), timeout=0):
                shutil.rmtree(folder, ignore_errors=True)
            _lock_of(folder).unlink(missing_ok=True)
        except Timeout:
            continue  # its import is still going on
