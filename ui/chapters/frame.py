"""What all chapters share: the way to each, its heading, where to try it, the next one."""

from __future__ import annotations

import streamlit as st

from ui.chapters.chapters import CHAPTERS
from ui.chapters.leads import COURSE, chapter_button, lead_to
from ui.view_choice import choose_view


def course() -> None:
    """Show the page: the chapter that the address names, and the way to the others."""
    names = list(CHAPTERS)
    # In one row, and close together: a chapter fits a screen.
    with st.container(gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            st.title("Learn", anchor=False, width="content")
            chosen = choose_view({name: one.short for name, one in CHAPTERS.items()}, COURSE)
        chapter = CHAPTERS[chosen]
        st.header(chapter.title, anchor=False)
        st.markdown(chapter.lead)
        chapter.show()
        place = names.index(chosen)
        before = names[place - 1] if place else None
        after = names[place + 1] if place + 1 < len(names) else None
        with st.container(horizontal=True, vertical_alignment="center"):
            if chapter.try_it is not None:
                lead_to(chapter.try_it, f"try_{chosen}")
            st.space("stretch")
            for name, icon in (
                (before, ":material/arrow_back:"),
                (after, ":material/arrow_forward:"),
            ):
                if name is not None:
                    key, right = f"chapter_{name}", name == after
                    chapter_button(CHAPTERS[name].short, name, key, icon=icon, right=right)
