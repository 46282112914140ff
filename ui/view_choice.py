"""Which view of a page is looked at, kept in the address by a short name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, ParamSpec

import streamlit as st

from flowercore.data.names import shown
from ui.words import plain

VIEW = "view"
"""In the address: the short name of the view."""
Shown = ParamSpec("Shown")


@dataclass(frozen=True)
class View(Generic[Shown]):
    """One way of looking at what a page shows.

    Attributes:
        title: What it is called.
        show: Draws it; what it is given is the same for all views of a page.
    """

    title: str
    show: Callable[Shown, None]


def choose_view(views: Mapping[str, str], page: str) -> str:
    """Let the visitor choose a view; the address decides, then what was chosen before.

    Args:
        views: What each view is called on the screen, by its short name; the first one is the
            usual.
        page: Whose views; each page remembers its own.

    Returns:
        A short name.
    """
    memory, widget = f"chosen_view_{page}", f"choose_view_{page}"
    address = st.query_params.get(VIEW)
    if address is not None and address in views:
        chosen = address
    else:
        if address is not None:
            st.warning(
                f"There is no view “{plain(shown(address))}” here: the address was cut off, or "
                "comes from another version. You see another one instead.",
                icon=":material/link_off:",
            )
        before: str | None = st.session_state.get(memory)
        chosen = before if before is not None and before in views else next(iter(views))
    st.session_state[widget] = chosen

    def follow() -> None:
        # A browser that is behind may send what is no view: no choice.
        if st.session_state[widget] in views:
            _keep(memory, st.session_state[widget])

    st.radio(
        "View",
        list(views),
        format_func=views.__getitem__,
        horizontal=True,
        key=widget,
        on_change=follow,
        label_visibility="collapsed",
    )
    if address is None or address in views:
        # A bad address stays until something is chosen, and so does the warning about it.
        _keep(memory, chosen)
    return chosen


def _keep(memory: str, view: str) -> None:
    st.session_state[memory] = view
    st.query_params[VIEW] = view
