"""Empty states: nothing here yet, and what to do about it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ui.pages import EXPLORE, Page

_FLOWER = str(Path(__file__).with_name("assets") / "mark.svg")


def empty(title: str, text: str, page: Page | None = None, label: str = "") -> None:
    """Say that there is nothing to show yet, and offer the way to change that.

    Args:
        title: What is missing, in a few words.
        text: What to do, in a sentence or two.
        page: Where to do it; None for a state that has no next step elsewhere.
        label: Words on the button that leads there.
    """
    with st.container(border=True, horizontal_alignment="center", gap="small"):
        st.space("small")
        st.image(_FLOWER, width=56, alt="")
        st.subheader(title, text_alignment="center", anchor=False)
        st.markdown(text, text_alignment="center")
        # Leaving by code is allowed here: no widget that the address carries is on the page.
        if page is not None and st.button(
            label, type="primary", icon=page.icon, key=f"empty_{page.title}"
        ):
            st.switch_page(page.file)
        st.space("small")


def no_photos() -> None:
    """Say that there is no dataset yet, and where to bring one."""
    empty(
        "No photos yet",
        "The painted garden is on its way; or bring photos of your own.",
        EXPLORE,
        "Bring photos",
    )
