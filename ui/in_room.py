"""A visitor in a workshop: what they are called, and what the leader allows them."""

from __future__ import annotations

import streamlit as st

from flowercore.data.catalog import LOCAL
from flowercore.errors import FlowercoreError
from flowercore.workshop import names, room
from flowercore.workshop.locks import Locks
from flowercore.workshop.permission import locks_for
from ui.guard import show_error
from ui.visitor import visitor
from ui.words import plain

LOCKED = ":material/lock:"
"""Stands before the reason why something cannot be chosen."""


def my_locks() -> Locks:
    """Return what is locked for this visitor."""
    return locks_for(visitor())


def in_the_room() -> None:
    """Note that the visitor is here, and show in the sidebar what they are called.

    Outside a workshop nothing happens, and nothing is shown.
    """
    if not room.is_open() or visitor() == LOCAL:
        return
    room.arrive(visitor())
    with st.sidebar:
        my_name("sidebar")


def my_name(place: str) -> None:
    """Say what the visitor is called on the leader's board, and let them change it.

    Args:
        place: Where on the page it is shown; each place has boxes of its own.
    """
    if not room.is_open() or visitor() == LOCAL:
        return
    called = room.name_of(visitor())
    with st.popover(
        plain(called),
        icon=":material/badge:",
        help="What you are called on the board of this workshop",
        key=f"my_name_{place}",
    ):
        st.markdown(f"On the leader's board: **{plain(called)}**")
        st.caption("It shows your numbers. Nobody sees your own photos.")
        key = f"nickname_{place}"
        st.text_input(
            "Your nickname",
            value=room.read().members.get(visitor(), ""),
            max_chars=names.LONGEST,
            placeholder=names.invented_for(room.read().members).get(visitor(), called),
            key=key,
        )
        error = st.session_state.pop(f"{key}_error", None)
        if error is not None:
            show_error(error)
        st.button(
            "Use this name",
            key=f"call_{place}",
            type="primary",
            icon=":material/check:",
            on_click=_call,
            args=(key,),
        )
        st.caption("Leave it empty for the invented name.")


def _call(key: str) -> None:
    try:
        st.session_state[key] = room.call(visitor(), st.session_state[key])
    except FlowercoreError as error:
        st.session_state[f"{key}_error"] = error
