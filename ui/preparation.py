"""The machine's one-time preparation, as it goes on."""

from __future__ import annotations

import streamlit as st

from flowercore.jobs import queue
from flowercore.jobs.preparation import Preparation
from ui.guard import in_words
from ui.words import plain

_SECONDS = 1.0


def preparation_progress() -> bool:
    """Show the preparation until it is done, then let the whole page begin anew.

    Returns:
        Whether everything is ready.
    """
    preparation = queue.preparation()
    # A place of its own: when it is done, what is below stays where it is, and what a visitor has
    # begun to type there stays as well.
    with st.container():
        if preparation.state == "ready":
            return True
        moving = preparation.state != "failed"
        st.fragment(_follow, run_every=_SECONDS if moving else None)()
    return False


def _follow() -> None:
    with in_words():
        preparation = queue.preparation()
        if preparation.state == "ready":
            st.rerun()
        with st.container(border=True):
            _show(preparation)


def _show(preparation: Preparation) -> None:
    if preparation.state == "failed":
        st.error(
            plain(preparation.reason or "The worker ended without a word."),
            title="The preparation did not work",
            icon=":material/error:",
        )
        st.button("Try again", icon=":material/refresh:", on_click=_again, key="prepare_again")
        return
    st.markdown("**Getting ready for the first time** :gray[about a minute, only once]")
    if preparation.state == "running":
        st.progress(
            min(1.0, preparation.done / max(1, preparation.total)),
            text=f"{plain(preparation.step)} …",
        )
        return
    st.progress(0.0, text="Starting a worker …")
    st.button("Start it by hand", key="prepare_now", type="tertiary", on_click=_again)


def _again() -> None:
    with in_words():
        queue.start_preparation()
