"""Photos that show the same, group by group, and merging them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from flowercore.audit.findings import ACROSS, EXACT
from flowercore.audit.open_problems import Twins
from flowercore.data.dataset import Dataset
from flowercore.data.edits import EXCLUDE, KEEP
from ui import loaders
from ui.look_closer import file_name, open_large
from ui.mending import edit_button
from ui.words import listing, many, plain

_PAGE = 8
_TILE_WIDTH = 170


def twin_groups(data: Dataset, groups: Sequence[Twins], *, allowed: bool) -> None:
    """Show groups of twins in pages.

    Args:
        data: The dataset.
        groups: At least one.
        allowed: Whether this visitor may change the dataset.
    """
    pages = math.ceil(len(groups) / _PAGE)
    slot = st.container()
    number = 1
    if pages > 1:
        with st.container(horizontal=True, horizontal_alignment="center"):
            if st.session_state.get("twins_page", 1) > pages:
                st.session_state["twins_page"] = pages
            number = st.pagination(pages, key="twins_page")
    with slot:
        if allowed:
            _merge_all(data, [one for one in groups if one.kind != ACROSS])
        for group in groups[(number - 1) * _PAGE : number * _PAGE]:
            with st.container(border=True):
                _group(data, group, allowed)


def _merge_all(data: Dataset, groups: Sequence[Twins]) -> None:
    if len(groups) < 2:
        return
    keys = [one.key for group in groups for one in group.others]
    why = [f"twin of {group.keep.key}" for group in groups for _ in group.others]
    edit_button(
        f"Merge all {len(groups)} groups of one class",
        data,
        keys,
        EXCLUDE,
        key="merge_all",
        why=why,
        icon=":material/merge:",
        stretch=False,
    )
    st.caption(
        f"Of each group the largest photo stays, and {many(len(keys), 'other')} "
        f"{'is' if len(keys) == 1 else 'are'} excluded. Undo brings them back."
    )


def _group(data: Dataset, group: Twins, allowed: bool) -> None:
    st.markdown(_what(group))
    with st.grid("auto", min_column_width=_TILE_WIDTH, gap="small"):
        photos = list(group.photos)
        for place, (photo, picture) in enumerate(
            zip(photos, loaders.tiles(data, photos), strict=True)
        ):
            with st.container(gap="xxsmall"):
                name = file_name(photo)
                if picture is not None:
                    st.image(picture, width="stretch", alt=f"Labelled {photo.label}, photo {name}")
                st.caption(
                    f"**{plain(photo.label)}**, {photo.width:,} × {photo.height:,}  \n{plain(name)}"
                )
                opened = st.button(
                    "Look closer",
                    key=f"twin_{group.number}_{photo.key}",
                    icon=":material/zoom_in:",
                    type="tertiary",
                )
                if opened:
                    open_large(data, photos, place, f"twins_{group.number}")
    if allowed:
        with st.container(horizontal=True):
            _actions(data, group)


def _actions(data: Dataset, group: Twins) -> None:
    if group.kind == ACROSS:
        for label in group.labels:
            stays = next(one for one in group.photos if one.label == label)
            _merge(data, group, stays.key, f"It is {plain(label)}: keep that one")
        _all(data, group, EXCLUDE, "Exclude all")
    else:
        _merge(data, group, group.keep.key, "Merge: keep the first")
    _all(data, group, KEEP, "Keep all")


def _merge(data: Dataset, group: Twins, stays: str, words: str) -> None:
    edit_button(
        words,
        data,
        [one.key for one in group.photos if one.key != stays],
        EXCLUDE,
        key=f"merge_{group.number}_{stays}",
        why=f"twin of {stays}",
        icon=":material/merge:",
        stretch=False,
    )


def _all(data: Dataset, group: Twins, action: str, words: str) -> None:
    edit_button(
        words,
        data,
        [one.key for one in group.photos],
        action,
        key=f"{action}_twins_{group.number}",
        why="twins",
        stretch=False,
    )


def _what(group: Twins) -> str:
    if group.kind == ACROSS:
        return (
            f":material/warning: The same picture as **{plain(listing(group.labels))}**: at least "
            "one label is wrong."
        )
    if group.kind == EXACT:
        return "The same file, byte for byte."
    return "Nearly the same picture: another size, another compression, or cut a little."
