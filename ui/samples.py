"""Photos to try a model on when none is at hand, and which it never learned from.

They are test photos of the run, or the painted garden for the starter.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from flowercore.data import catalog
from flowercore.data.dataset import Dataset, Photo
from flowercore.data.photo import read_photo_bytes
from flowercore.errors import FlowercoreError
from flowercore.runs import starter
from flowercore.runs.store import Run
from ui import answers, loaders
from ui.gallery import TILE_WIDTH, file_name
from ui.words import data_of, plain

_HOW_MANY = 6
_DRAW = "samples_draw"


def samples(run: Run, label: str) -> None:
    """Offer a handful of a run's test photos; for the starter, of the painted garden.

    Args:
        run: An ended run.
        label: How the run is called.
    """
    found = _found(run)
    if found is None:
        return
    data, photos = found
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(
            "**No photo at hand?** Painted flowers; the model has seen real photos only:"
            if run.id == starter.NAME
            else f"**No photo at hand?** Test photos of {plain(data_of(run))}, never learned from:"
        )
        st.button(
            "Others", icon=":material/shuffle:", type="tertiary", on_click=_draw_again, key="others"
        )
    with st.grid("auto", min_column_width=TILE_WIDTH, gap="small"):
        for photo, picture in zip(photos, loaders.tiles(data, photos), strict=True):
            with st.container(gap="xxsmall"):
                _sample(run, label, data, photo, picture)


def _sample(run: Run, label: str, data: Dataset, photo: Photo, picture: bytes | None) -> None:
    name = file_name(photo)
    if picture is None:
        st.caption(f":material/broken_image: {plain(name)} can no longer be read.")
        return
    st.image(picture, width="stretch", alt=f"Sample photo {name}")
    asked = st.button(
        "What is this?", key=f"sample_{photo.key}", width="stretch", help=plain(photo.key)
    )
    if asked:
        answers.ask(
            run.id, label, [(name, lambda: read_photo_bytes(data.path(photo)))], photo.label
        )
        st.rerun()


def _found(run: Run) -> tuple[Dataset, list[Photo]] | None:
    if run.id == starter.NAME:
        garden = next((one for one in catalog.entries() if one.name == catalog.GARDEN), None)
        data = loaders.dataset(garden) if garden else None
        return (data, _drawn(data.photos)) if data and data.photos else None
    try:
        table = loaders.test_photos(run.id)
        data = loaders.dataset_of(run)
    except (
        FlowercoreError
    ):  # no test photos, or their dataset is gone: uploading works all the same
        return None
    tested = set(zip(table["key"], table["sha256"], strict=True))
    photos = [one for one in data.photos if (one.key, one.sha256) in tested]
    return (data, _drawn(photos)) if photos else None


def _drawn(photos: Sequence[Photo]) -> list[Photo]:
    rng = np.random.default_rng(st.session_state.get(_DRAW, 0))
    drawn = rng.permutation(len(photos))[:_HOW_MANY]
    return [photos[index] for index in drawn]


def _draw_again() -> None:
    st.session_state[_DRAW] = st.session_state.get(_DRAW, 0) + 1
