"""The parts of a chapter that would not fit a screen as a whole: one of them is shown."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st


def choose_part(chapter: str, parts: Sequence[str]) -> str:
    """Let the visitor choose a part of a chapter.

    Args:
        chapter: Its name.
        parts: What the parts are called; the first one is the usual.

    Returns:
        One of them.
    """
    key = f"{chapter}_part"
    if st.session_state.get(key) not in parts:
        st.session_state[key] = parts[0]
    return st.radio(
        "Part of the chapter",
        parts,
        horizontal=True,
        key=key,
        label_visibility="collapsed",
        persist_state="session",
    )
