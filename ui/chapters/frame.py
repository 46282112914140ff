"""What all chapters share: the way to each, its heading, where to try it, the next one."""

from __future__ import annotations

import streamlit as st

from ui.chapters.chapters import CHAPTERS
from ui.view_choice import VIEW, choose_view


def course() -> None:
    """Show the chapter that the address names, and the way to the others."""
    names = list(CHAPTERS)
    chosen = choose_view({name: one.short for name, one in CHAPTERS.items()}, "learn")
    chapter = CHAPTERS[chosen]
    st.header(chapter.title, anchor=False)
    st.markdown(chapter.lead)
    chapter.show()
    place = names.index(chosen)
    before = names[place - 1] if place else None
    after = names[place + 1] if place + 1 < len(names) else None
    with st.container(horizontal=True, vertical_alignment="center"):
        if chapter.try_it is not None:
            st.page_link(
                chapter.try_it.page.file,
                label=chapter.try_it.label,
                icon=chapter.try_it.page.icon,
                query_params=dict(chapter.try_it.query_params),
            )
        st.space("stretch")
        for name, icon in ((before, ":material/arrow_back:"), (after, ":material/arrow_forward:")):
            if name is not None:
                st.button(
                    CHAPTERS[name].short,
                    key=f"chapter_{name}",
                    icon=icon,
                    icon_position="left" if name == before else "right",
                    on_click=_open,
                    args=(name,),
                )


def _open(name: str) -> None:
    st.query_params[VIEW] = name
