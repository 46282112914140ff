"""The photos of a dataset: filtered, sorted, page by page, and those like one that is shown."""

from __future__ import annotations

import streamlit as st

from flowercore.data.catalog import Entry
from flowercore.data.dataset import Dataset
from ui import audit_start, look_loaders, photo_filters
from ui.gallery import gallery
from ui.photo_table import matching
from ui.similar_view import like_an_upload
from ui.words import many


def photos(entry: Entry, data: Dataset) -> None:
    """Show the photos that the visitor asks for.

    Args:
        entry: The dataset in the catalog.
        data: The dataset with its photos.
    """
    if not data.photos:
        st.info("Every photo was excluded. The list of edits under *Problems* brings them back.")
        return
    audit_start.follow(data)
    table = look_loaders.table(data)
    wanted, filters, beside = photo_filters.filters(data, table)
    found = [data.photos[row] for row in matching(table, wanted)]
    with beside:
        _how_many(data, len(found), filters)
    if found:
        gallery(data, found, key=photo_filters.PAGE)
    else:
        with st.container(border=True, horizontal_alignment="center"):
            st.markdown("**No photo is like that.** Widen a filter, or clear them all.")
    like_an_upload(data)


def _how_many(data: Dataset, count: int, filters: int) -> None:
    if not filters:
        st.markdown(many(count, "photo"), width="content")
        return
    st.button(
        f"Clear {many(filters, 'filter')}",
        icon=":material/filter_alt_off:",
        type="tertiary",
        key="clear_filters",
        on_click=photo_filters.clear,
        args=(data,),
    )
    st.markdown(f"**{count:,}** of {many(len(data.photos), 'photo')}", width="content")
