"""Single photos that an audit found fault with, each with what can be done about it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from flowercore.audit.findings import SUSPECT
from flowercore.data.dataset import Dataset, Photo
from flowercore.data.edits import EXCLUDE, KEEP, RELABEL
from ui import loaders
from ui.look_closer import file_name, open_large
from ui.mending import edit_button
from ui.words import plain

_PAGE = 12
_TILE_WIDTH = 190


def problem_photos(data: Dataset, found: pd.DataFrame, kind: str, *, allowed: bool) -> None:
    """Show the photos of one kind of problem, the worst first, in pages.

    Args:
        data: The dataset.
        found: Open problems of that kind, at least one, by rank.
        kind: Which kind.
        allowed: Whether this visitor may change the dataset.
    """
    pages = math.ceil(len(found) / _PAGE)
    place = f"problems_{kind}"
    slot = st.container()
    number = 1
    if pages > 1:
        with st.container(horizontal=True, horizontal_alignment="center"):
            if st.session_state.get(place, 1) > pages:
                st.session_state[place] = pages
            number = st.pagination(pages, key=place)
    part = found.iloc[(number - 1) * _PAGE : number * _PAGE]
    rows = [{str(name): value for name, value in row.items()} for row in part.to_dict("records")]
    photos = {one.key: one for one in data.photos}
    shown = [photos[row["key"]] for row in rows]
    with slot:
        if allowed:
            _in_bulk(data, rows, kind)
        with st.grid("auto", min_column_width=_TILE_WIDTH, gap="medium"):
            for row, photo, picture in zip(rows, shown, loaders.tiles(data, shown), strict=True):
                with st.container(gap="xsmall", border=True):
                    _tile(data, shown, photo, picture, row, kind, allowed)


def _in_bulk(data: Dataset, rows: Sequence[Mapping[str, Any]], kind: str) -> None:
    if len(rows) < 2:
        return
    keys, why = [row["key"] for row in rows], [str(row["why"]) for row in rows]
    suggested = {str(row["suggested"]) for row in rows if row["suggested"]}
    with st.container(horizontal=True, vertical_alignment="center"):
        if kind == SUSPECT and len(suggested) == 1:
            label = next(iter(suggested))
            _bulk(f"All {len(rows)} are {plain(label)}", data, keys, RELABEL, kind, why, label)
        _bulk(f"Exclude all {len(rows)}", data, keys, EXCLUDE, kind, why)
        _bulk(f"Keep all {len(rows)}", data, keys, KEEP, kind, why)


def _bulk(
    words: str,
    data: Dataset,
    keys: Sequence[str],
    action: str,
    kind: str,
    why: Sequence[str],
    label: str = "",
) -> None:
    edit_button(
        words,
        data,
        keys,
        action,
        key=f"all_{action}_{kind}",
        label=label,
        why=why,
        stretch=False,
    )


def _tile(
    data: Dataset,
    shown: list[Photo],
    photo: Photo,
    picture: bytes | None,
    row: Mapping[str, Any],
    kind: str,
    allowed: bool,
) -> None:
    name = file_name(photo)
    if picture is None:
        st.caption(f":material/broken_image: {plain(name)}")
    else:
        st.image(picture, width="stretch", alt=f"Labelled {photo.label}, photo {name}")
    st.markdown(f"**{plain(photo.label)}**" + _arrow(row))
    st.caption(plain(str(row["why"])))
    if picture is not None and st.button(
        "Look closer",
        key=f"{kind}_closer_{photo.key}",
        icon=":material/zoom_in:",
        type="tertiary",
        help=f"Show {plain(name)} large",
    ):
        open_large(data, shown, shown.index(photo), f"problem_{kind}")
    if allowed:
        _actions(data, photo, row, kind)


def _arrow(row: Mapping[str, Any]) -> str:
    if not row["suggested"]:
        return ""
    return f" :material/arrow_forward: **{plain(str(row['suggested']))}**?"


def _actions(data: Dataset, photo: Photo, row: Mapping[str, Any], kind: str) -> None:
    why, suggested = str(row["why"]), str(row["suggested"] or "")
    ending = f"{kind}_{photo.key}"
    if suggested:
        edit_button(
            f"It is {plain(suggested)}",
            data,
            [photo.key],
            RELABEL,
            key=f"relabel_{ending}",
            label=suggested,
            icon=":material/new_label:",
            why=why,
        )
    keep = f"It is {plain(photo.label)}" if suggested else "Keep"
    edit_button(
        keep, data, [photo.key], KEEP, key=f"keep_{ending}", icon=":material/check:", why=why
    )
    edit_button(
        "Exclude",
        data,
        [photo.key],
        EXCLUDE,
        key=f"exclude_{ending}",
        icon=":material/block:",
        why=why,
    )
    _another_label(data, photo, ending, why, {photo.label, suggested})


def _another_label(data: Dataset, photo: Photo, ending: str, why: str, told: set[str]) -> None:
    others = [label for label in data.given_classes if label not in told]
    if not others:
        return
    with st.popover("Another class", icon=":material/label:", width="stretch"):
        label = st.selectbox("Its class", others, key=f"label_{ending}")
        edit_button(
            f"Relabel as {plain(label)}",
            data,
            [photo.key],
            RELABEL,
            key=f"other_{ending}",
            label=label,
            why=why,
        )
