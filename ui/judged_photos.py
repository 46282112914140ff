"""Photos that a run was asked about, page by page, each opening large with its reasons."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from flowercore.data.dataset import Dataset
from ui import loaders
from ui.judged import Judged
from ui.judged_photo import JudgedPhoto, judged_photos
from ui.look_closer import file_name
from ui.why_dialog import open_judged
from ui.words import many, percent, plain
from ui.wrong_label import Mendable, mendable, wrong_label

_PAGE = 12
_WIDTH = 160


def show_photos(judged: Judged, table: pd.DataFrame, *, key: str, mend: bool = False) -> None:
    """Show some photos of a judgement.

    Args:
        judged: The run on some photos.
        table: Rows of its judgement's photos, in the order wanted, at least one.
        key: Tells these photos from others; also names their page in the address.
        mend: Whether to offer changing their labels.
    """
    data, photos, missing = judged_photos(judged, table)
    if data is not None and photos:
        place = mendable(judged) if mend else None
        _pages(judged, data, photos, key, place)
    _without_picture(missing)


def _pages(
    judged: Judged, data: Dataset, photos: Sequence[JudgedPhoto], key: str, place: Mendable | None
) -> None:
    pages = math.ceil(len(photos) / _PAGE)
    # The pages are turned below the photos but decide which ones are shown.
    slot = st.container()
    number = 1
    if pages > 1:
        with st.container(horizontal=True, horizontal_alignment="center"):
            if st.session_state.get(key, 1) > pages:
                st.session_state[key] = pages
            number = st.pagination(pages, key=key, bind="query-params")
    first = (number - 1) * _PAGE
    shown = photos[first : first + _PAGE]
    pictures = loaders.tiles(data, [one.photo for one in shown])
    with slot, st.grid("auto", min_column_width=_WIDTH, gap="small"):
        for offset, (one, picture) in enumerate(zip(shown, pictures, strict=True)):
            with st.container(gap="xxsmall"):
                _tile(one, picture)
                if picture is not None and st.button(
                    "Why?",
                    key=f"{key}_open_{one.photo.key}",
                    icon=":material/zoom_in:",
                    type="tertiary",
                    help=f"Show {plain(file_name(one.photo))} large, and where the model saw what "
                    "it says",
                ):
                    open_judged(judged.run, data, photos, first + offset, key)
                if place is not None:
                    wrong_label(place, one, key)


def _tile(one: JudgedPhoto, picture: bytes | None) -> None:
    name = file_name(one.photo)
    if picture is None:
        st.caption(f":material/broken_image: {plain(name)} can no longer be read.")
        return
    said = f"taken for {one.predicted}" if one.predicted != one.label else "named right"
    st.image(picture, width="stretch", alt=f"{one.label}, {said}, photo {name}")
    sure = percent(one.probability, 0)
    st.caption(
        f"**{plain(one.label)}**, {sure}"
        if one.predicted == one.label
        else f"**{plain(one.label)}** taken for **{plain(one.predicted)}**, {sure}"
    )


def _without_picture(table: pd.DataFrame) -> None:
    if table.empty:
        return
    st.caption(
        f"{many(len(table), 'photo')} cannot be shown: the dataset has changed or is gone since "
        "they were judged."
    )
    st.dataframe(
        table[["key", "label", "predicted", "probability"]],
        column_config={
            "key": "Photo",
            "label": "True",
            "predicted": "Called",
            "probability": st.column_config.NumberColumn("Probability", format="percent"),
        },
        hide_index=True,
        alt="Photos that can no longer be shown, with what was said of them",
    )
