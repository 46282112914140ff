"""Clearing the room, after it was said what goes."""

from __future__ import annotations

import streamlit as st

from flowercore.errors import FlowercoreError
from flowercore.jobs import clearing
from flowercore.jobs.clearing import Belongings
from flowercore.workshop import leaders
from ui.guard import show_error
from ui.visitor import visitor
from ui.words import listing, many

_OPEN, _ERROR, _TOLD = "clear_dialog", "clear_error", "cleared"


def offer_clear() -> None:
    """Offer to clear the room for the next group."""
    told = st.session_state.pop(_TOLD, None)
    if told is not None:
        st.success(told, icon=":material/check_circle:")
    st.markdown(
        "For the next group: ends what is at work and deletes all that the room's visitors made "
        "and brought. What you made yourself and the photos that all see stay, and so do the locks."
    )
    st.button("Clear the room …", icon=":material/mop:", key="clear_room", on_click=_open)
    if st.session_state.get(_OPEN):
        _dialog()


def _open() -> None:
    st.session_state[_OPEN] = True


def _close() -> None:
    for key in (_OPEN, _ERROR):
        st.session_state.pop(key, None)


@st.dialog("Clear the room?", icon=":material/mop:", on_dismiss=_close)
def _dialog() -> None:
    there = clearing.look()
    st.markdown(f"This deletes for good, of {many(there.visitors, 'visitor')}:")
    st.markdown("\n".join(f"- {line}" for line in _lines(there)))
    st.markdown("Leaders' runs and datasets, shared photos and the locks stay.")
    error = st.session_state.get(_ERROR)
    if error is not None:
        show_error(error)
    with st.container(horizontal=True):
        st.button(
            "Delete all of it",
            type="primary",
            icon=":material/delete_forever:",
            key="clear_now",
            on_click=_clear,
        )
        st.button("Keep it", key="clear_keep", on_click=_leave)


def _lines(there: Belongings) -> list[str]:
    stopped = f", {there.active} of them at work, which are stopped" if there.active else ""
    return [
        f"**{many(len(there.runs), 'run')}** with their models{stopped}",
        f"**{many(len(there.datasets), 'own dataset')}** with {many(there.photos, 'photo')}",
        "photos that were collected or uploaded and are no dataset yet",
        f"**{many(there.nicknames, 'nickname')}**",
    ]


def _clear() -> None:
    try:
        if leaders.is_leader(visitor()):
            there = clearing.clear()
            gone = [many(len(there.runs), "run"), many(len(there.datasets), "dataset")]
            st.session_state[_TOLD] = f"The room is cleared: {listing(gone)} deleted."
    except FlowercoreError as error:
        st.session_state[_ERROR] = error
        return
    _leave()


def _leave() -> None:
    _close()
    # The whole page anew, not the dialog alone.
    st.rerun()
