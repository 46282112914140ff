"""Which view of a page is looked at, kept in the address by a short name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, ParamSpec

import streamlit as st

from flowercore.data.names import shown
from ui.address import is_news, overrule
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
    """Let the visitor choose a view; as a page is opened the address decides.

    Args:
        views: What each view is called on the screen, by its short name; the first one is the
            usual.
        page: Whose views; each page remembers its own.

    Returns:
        A short name.
    """
    memory, widget = _memory(page), f"choose_view_{page}"
    lost = st.query_params.get(VIEW) if is_news(memory) else st.session_state.get(_lost(page))
    before: str | None = st.session_state.get(memory)
    if lost in views:
        before, lost = lost, None
    chosen = before if before is not None and before in views else next(iter(views))
    if lost is not None:
        st.session_state[_lost(page)] = lost
        st.warning(
            f"There is no view “{plain(shown(lost))}” here: the address was cut off, or "
            "comes from another version. You see another one instead.",
            icon=":material/link_off:",
        )
    st.session_state[widget] = chosen

    def follow() -> None:
        # A browser that is behind may send what is no view: no choice.
        if st.session_state[widget] in views:
            open_view(st.session_state[widget], page)

    st.radio(
        "View",
        list(views),
        format_func=views.__getitem__,
        horizontal=True,
        key=widget,
        on_change=follow,
        label_visibility="collapsed",
    )
    if lost is None:
        # A bad address stays until something is chosen, and so does the warning about it.
        open_view(chosen, page)
    return chosen


def open_view(view: str, page: str) -> None:
    """Choose a view on the visitor's behalf; the page, which is open, and the address follow.

    Args:
        view: Its short name.
        page: Whose view it is.
    """
    overrule(_memory(page))
    st.session_state.pop(_lost(page), None)
    st.session_state[_memory(page)] = view
    st.query_params[VIEW] = view


def _memory(page: str) -> str:
    return f"chosen_view_{page}"


def _lost(page: str) -> str:
    return f"lost_view_{page}"
