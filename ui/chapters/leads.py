"""The way from a chapter to where its idea happens: another page, or another chapter."""

from __future__ import annotations

import streamlit as st

from ui.chapters.chapter import TryIt
from ui.pages import LEARN
from ui.view_choice import VIEW, open_view

COURSE = "learn"
"""Whose views the chapters are."""


def lead_to(place: TryIt, key: str) -> None:
    """Offer the way to a place.

    Args:
        place: A page, or a chapter: the course with a view in its address.
        key: Names the offer among others of the page.
    """
    if place.page is LEARN:
        # The page stays, and as long as it is open it decides, not the address of a link.
        chapter_button(place.label, place.query_params[VIEW], key, icon=LEARN.icon)
    else:
        st.page_link(
            place.page.file,
            label=place.label,
            icon=place.page.icon,
            query_params=dict(place.query_params),
        )


def chapter_button(label: str, name: str, key: str, *, icon: str, right: bool = False) -> None:
    """Offer the way to another chapter.

    Args:
        label: Words on the button.
        name: The chapter's name in the address.
        key: Names the button among others of the page.
        icon: Its symbol.
        right: Whether the symbol stands behind the words.
    """
    st.button(
        label,
        key=key,
        icon=icon,
        icon_position="right" if right else "left",
        on_click=open_view,
        args=(name, COURSE),
    )
