"""What the pages read again and again, kept in memory within bounds.

Nothing here keeps an uploaded photo.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from flowercore.data import catalog, looks
from flowercore.data.catalog import Entry
from flowercore.data.dataset import Dataset, Photo
from flowercore.data.photo import read_photo_bytes, thumbnail
from flowercore.errors import FlowercoreError, NotFoundError, StorageError
from flowercore.evaluation.metrics import Evaluation
from flowercore.prediction import loaded
from flowercore.prediction.predictor import Predictor
from flowercore.runs import results
from flowercore.runs.store import Run
from ui.visitor import visitor

LARGE_SIDE = 1000
"""Longest side of a photo that is shown large, pixels."""


def dataset(entry: Entry) -> Dataset:
    """Return a dataset of the catalog with its photos."""
    return _dataset(entry.name, _version(entry))


def dataset_of(run: Run) -> Dataset:
    """Return the dataset that a run was trained on, as it is now.

    Raises:
        NotFoundError: If it is no longer there, or is somebody else's.
    """
    return _named(run.config["data"])


def _named(name: str) -> Dataset:
    entry = next((one for one in catalog.entries() if one.name == name), None)
    if entry is not None and not catalog.visible(entry, visitor()):
        raise NotFoundError("These photos are another visitor's own.")
    return _dataset(name, _version(entry) if entry else ())


def dataset_behind(run: Run, on: str) -> Dataset | None:
    """Return the dataset whose photos a run is looked at by, or None if it is gone.

    Args:
        run: The run.
        on: Name of a dataset; empty for the run's own.
    """
    if run.status == "damaged":  # nobody knows its dataset
        return None
    try:
        return _named(on) if on else dataset_of(run)
    except FlowercoreError:  # deleted or renamed since: what needs no photos is shown
        return None


def _version(entry: Entry) -> tuple[object, ...]:
    return entry.edited, entry.changed, *sorted(entry.classes.items())


def photos_still_there(
    run: Run, keys: Iterable[str], hashes: Iterable[str]
) -> tuple[Dataset | None, list[Photo]]:
    """Return a run's dataset and those of some photos of it that can still be shown.

    Args:
        run: The run.
        keys: Names of the photos in the dataset.
        hashes: Hashes of their bytes when the run saw them.

    Returns:
        The dataset, None if it is gone, and the photos that are there unchanged, in their order.
    """
    if run.status == "damaged":  # nobody knows its dataset
        return None, []
    try:
        data = dataset_of(run)
    except FlowercoreError:  # deleted or renamed since: the list without pictures says so
        return None, []
    # The content must be the run's: another photo under the same name was never judged.
    there = {(one.key, one.sha256): one for one in data.photos}
    return data, [there[one] for one in zip(keys, hashes, strict=True) if one in there]


# A minute: files that somebody adds by hand show up, and moving through a gallery scans nothing.
@st.cache_resource(ttl=60, max_entries=8, show_spinner="Looking through the photos …")
def _dataset(name: str, version: tuple[object, ...]) -> Dataset:
    return catalog.load(name)


def tiles(data: Dataset, photos: Sequence[Photo]) -> list[bytes | None]:
    """Return square JPEG pictures for a gallery; None for a photo that cannot be shown."""
    # Not kept in memory as well: a page of them is read from the disk in a few milliseconds.
    return looks.tiles(data, photos)


@st.cache_data(ttl="1h", max_entries=40, show_spinner=False)
def large(path: Path, sha256: str) -> bytes:
    """Return a photo as JPEG, its longest side at most `LARGE_SIDE` pixels.

    Args:
        path: The photo's file.
        sha256: Hash of its bytes: another photo under the same name is another picture.

    Raises:
        PhotoError: If it is gone or cannot be read.
    """
    return thumbnail(read_photo_bytes(path), name=path.name, side=LARGE_SIDE)


@st.cache_data(ttl="1h", max_entries=500, show_spinner=False)
def _accuracy(run_id: str) -> float | None:
    return results.metrics(run_id).get("accuracy")


def accuracy_of(run_id: str) -> float | None:
    """Return a finished run's accuracy on its test photos, or None if it has none."""
    return _accuracy(run_id)


@st.cache_data(ttl="1h", max_entries=20, show_spinner=False)
def evaluation(run_id: str) -> Evaluation | None:
    """Return what an ended run did on its test photos, or None if there were none.

    Raises:
        StorageError: If its files are damaged.
    """
    values = results.metrics(run_id)
    try:
        return Evaluation.from_dict(values) if values else None
    except (KeyError, TypeError, ValueError) as error:
        raise StorageError(
            "The run's file metrics.json cannot be used: it was edited by hand. Train again; "
            "other runs are not affected."
        ) from error


@st.cache_data(ttl="1h", max_entries=20, show_spinner=False)
def test_photos(run_id: str) -> pd.DataFrame:
    """Return an ended run's predictions for its test photos.

    Returns:
        A row a photo: key, sha256, label, predicted, and ``probability`` of the predicted class.

    Raises:
        NotFoundError: If the run has no predictions.
        StorageError: If its files are damaged.
    """
    table = results.predictions(run_id)
    table = table[table["split"] == "test"]
    columns = [name for name in table.columns if name.startswith("p_")]
    best = table[columns].to_numpy(dtype=np.float64).max(axis=1, initial=0.0)
    return table[["key", "sha256", "label", "predicted"]].assign(probability=best)


def predictor(run_id: str) -> Predictor:
    """Return what answers with a run's head: the same one that programs ask.

    Raises:
        NotFoundError: If the run has no trained head.
        StorageError: If its files are damaged or the backbone is not prepared.
    """
    return loaded.predictor(run_id)
