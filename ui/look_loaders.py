"""What is known of a dataset's photos and of what is wrong with them, kept in memory.

All comes from what workers have found out: nothing is computed here but what a click waits for.
"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from flowercore.audit import store
from flowercore.audit.findings import Audit
from flowercore.audit.open_problems import undecided
from flowercore.data import edits, looks
from flowercore.data.dataset import Dataset, Photo
from flowercore.errors import FlowercoreError
from flowercore.runs import results
from flowercore.runs.store import Run, runs
from ui.photo_table import photo_table

Who = tuple[str, str]
"""Key and hash of a photo: another photo under the same name is another photo."""


def audit(data: Dataset) -> Audit | None:
    """Return the last check of a dataset, or None if there was none."""
    stamp = store.stamp(data.name)
    return None if stamp is None else _audit(data.name, stamp)


@st.cache_resource(max_entries=8, show_spinner=False)
def _audit(name: str, stamp: str) -> Audit | None:
    return store.load(name)


def seen(data: Dataset) -> pd.DataFrame:
    """Return what is known of the photos' looks; see `flowercore.data.looks.known`."""
    return _seen(data.name, data.identity, store.stamp(data.name), data)


# A check ends with a new stamp; looks that came otherwise, by an import, are seen within minutes.
@st.cache_resource(ttl="2m", max_entries=8, show_spinner=False)
def _seen(name: str, identity: str, stamp: str | None, _data: Dataset) -> pd.DataFrame:
    found, checked = looks.known(_data), audit(_data)
    if checked is not None and found["brightness"].isna().any():
        # The cache may have been deleted since the check, which kept what it saw.
        kept = checked.photos.drop_duplicates("sha256").set_index("sha256")
        for number in ("brightness", "sharpness"):
            found[number] = found[number].fillna(found["sha256"].map(kept[number]))
    return found


def table(data: Dataset) -> pd.DataFrame:
    """Return all that photos are filtered and sorted by; see `ui.photo_table.photo_table`."""
    return _table(*_version(data), data)


@st.cache_resource(ttl="2m", max_entries=8, show_spinner=False)
def _table(
    name: str, identity: str, stamp: str | None, edited: int, _data: Dataset
) -> pd.DataFrame:
    return photo_table(_data, seen(_data), problems(_data))


def problems(data: Dataset) -> pd.DataFrame | None:
    """Return what the last check found and nobody has decided yet; None without a check."""
    return _problems(*_version(data), data)


@st.cache_resource(max_entries=8, show_spinner=False)
def _problems(
    name: str, identity: str, stamp: str | None, edited: int, _data: Dataset
) -> pd.DataFrame | None:
    found = audit(_data)
    if found is None:
        return None
    return undecided(found.problems, edits.read(_data.root))


def _version(data: Dataset) -> tuple[str, str, str | None, int]:
    return data.name, data.identity, store.stamp(data.name), edits.changed(data.root)


def problems_of(data: Dataset, photo: Photo) -> list[tuple[str, str]]:
    """Return what is still said of a photo: kind of problem and why."""
    found = problems(data)
    if found is None:
        return []
    rows = found[(found["key"] == photo.key) & (found["sha256"] == photo.sha256)]
    return [(str(kind), str(why)) for kind, why in zip(rows["kind"], rows["why"], strict=True)]


def split_runs(data: Dataset) -> list[Run]:
    """Return the runs that have divided a dataset, the newest first."""
    return [
        run for run in runs() if run.status == "finished" and run.config.get("data") == data.name
    ]


@st.cache_data(ttl="1h", max_entries=20, show_spinner=False)
def parts(run_id: str) -> dict[Who, str]:
    """Return what a run used each photo for: train, validation or test; empty if nobody knows."""
    try:
        found = results.predictions(run_id)
    except FlowercoreError:
        return {}
    columns = (found[name] for name in ("key", "sha256", "split"))
    return {(key, sha256): part for key, sha256, part in zip(*columns, strict=True)}
