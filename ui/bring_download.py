"""Published datasets, fetched with a click where there is internet."""

from __future__ import annotations

import streamlit as st

from flowercore.data import sources
from flowercore.data.sources import Source
from ui.datasets import my_entries
from ui.task_progress import going_on, newest, start
from ui.words import listing, plain, size

_KIND = "download"


def bring_download() -> None:
    """Offer what can be fetched; show how far the one is that is being fetched."""
    task = newest(_KIND)
    name = plain(str(task.arguments.get("source"))) if task else ""
    if going_on(task, f"**Fetching {name}**", "It could not be fetched"):
        return
    st.markdown("These are published on the internet. Here they are for everybody to look at.")
    there = {entry.name for entry in my_entries()}
    for source in sources.sources():
        with st.container(border=True):
            _offer(source, source.name in there)


def _offer(source: Source, there: bool) -> None:
    st.markdown(f"**{plain(source.name)}** · {plain(source.title)}")
    known = (
        f"{size(source.size)}, checked by its SHA-256"
        if source.size and source.sha256
        else "size and hash are not on record, so it is checked by what is in it"
    )
    st.caption(
        f"{plain(listing(source.classes)).capitalize()}. From `{source.server}`; {known}. "
        f"{plain(source.licence)}."
    )
    if there:
        st.caption(":material/check: It is here already.")
        return
    st.button(
        f"Fetch {plain(source.name)}",
        key=f"fetch_{source.name}",
        icon=":material/cloud_download:",
        on_click=start,
        args=(_KIND, {"source": source.name}),
    )
