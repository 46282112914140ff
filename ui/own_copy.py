"""A shared dataset is everybody's: to mend it, one makes a copy of one's own."""

from __future__ import annotations

import streamlit as st

from flowercore.data import copying
from flowercore.data.catalog import Entry
from flowercore.errors import FlowercoreError
from ui import choices
from ui.guard import show_error
from ui.in_room import LOCKED, my_locks
from ui.visitor import visitor
from ui.words import plain


def own_copy(entry: Entry) -> None:
    """Offer a copy of a dataset that the visitor may not change.

    Args:
        entry: The dataset.
    """
    if not my_locks().own_photos:
        st.caption(f"{LOCKED} The leader has switched off copies: everybody sees the same photos.")
        return
    with st.container(border=True):
        st.markdown(
            f"“{plain(entry.name)}” is shared by all who use this dashboard, so you can look but "
            "not change. A copy of your own can be mended; it takes no time and hardly any room."
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input("Name of your copy", value=f"my {entry.name}", key="copy_name")
            go = st.button("Make my copy", type="primary", icon=":material/content_copy:")
    if not go:
        return
    try:
        with st.spinner("Copying …"):
            copy = copying.copy_dataset(entry.name, name, owner=visitor())
    except FlowercoreError as error:
        show_error(error)
        return
    choices.remember(choices.DATA, copy.name)
    st.rerun()
