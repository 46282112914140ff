"""The ways in which photos come in: a zip, the camera, the internet."""

from __future__ import annotations

import streamlit as st

from ui.bring_archive import bring_archive
from ui.bring_download import bring_download
from ui.collect_photos import collect
from ui.import_report import came_in, import_report
from ui.in_room import my_locks

__all__ = ["bring_photos", "import_report"]

_WAYS = {
    "A zip of folders": bring_archive,
    "Camera or single photos": lambda: _collect(),
    "From the internet": bring_download,
}


def bring_photos() -> None:
    """Offer all ways of bringing photos in; what a worker does with them goes on meanwhile."""
    came_in()
    if not my_locks().own_photos:
        st.info(
            "The leader has switched off bringing photos in: everybody works with those that are "
            "there.",
            icon=":material/lock:",
        )
        return
    way = st.radio(
        "How do the photos come?",
        list(_WAYS),
        horizontal=True,
        key="way",
        bind="query-params",
    )
    _WAYS[way]()


def _collect() -> None:
    st.markdown(
        "As in a classroom: name a class, take pictures of it one after another, name the next "
        "class. When there are enough of each, make them a dataset."
    )
    collect()
