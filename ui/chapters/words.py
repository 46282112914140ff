"""The glossary: what each technical word of the dashboard means."""

from __future__ import annotations

import streamlit as st

from flowercore.teaching.glossary import TERMS
from ui.chapters.chapter import Chapter


def _show() -> None:
    sought = st.text_input(
        "Find a word", placeholder="epoch, logit, fine-tuning …", key="words_sought"
    )
    asked = sought.strip().casefold()
    found = {
        word: meaning
        for word, meaning in sorted(TERMS.items(), key=lambda one: one[0].casefold())
        if asked in word.casefold() or asked in meaning.casefold()
    }
    if not found:
        st.info(
            "No word here has that in it. Clear the field to see all of them.",
            icon=":material/search_off:",
        )
        return
    with st.grid("auto", min_column_width=300, gap="small"):
        for word, meaning in found.items():
            with st.container(border=True, gap="xxsmall"):
                st.markdown(f"**{word[0].upper()}{word[1:]}**")
                st.markdown(meaning)


WORDS = Chapter(
    short="Words",
    title="The words",
    lead="Each word that the pages use, in a sentence or two. Most of them have a chapter of their "
    "own here.",
    show=_show,
)
