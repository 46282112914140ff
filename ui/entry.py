"""Entering the dashboard, by its front door or by a deep link."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st
from threadpoolctl import threadpool_limits

from flowercore import memory
from ui import address

ROOT = Path(__file__).resolve().parents[1]


_INSIDE = "entered"


@contextmanager
def inside() -> Iterator[None]:
    """Mark that the entrypoint is running, for the page that it runs."""
    st.session_state[_INSIDE] = True
    try:
        yield
    finally:
        # First: a page that stopped itself is broken off at the next touch of its state.
        memory.pass_over_what_stays()
        st.session_state[_INSIDE] = False


def enter() -> None:
    """Make sure that a page runs inside the dashboard, and note whether it was just opened.

    On a server that nobody visited yet Streamlit answers a deep link with the page's file alone:
    no page config, no navigation, labels from file names. The entrypoint is then run instead, and
    it runs the page in turn.
    """
    if not st.session_state.get(_INSIDE):
        # From __file__: the working directory may be another.
        runpy.run_path(str(ROOT / "streamlit_app.py"), run_name="__main__")
        st.stop()
    address.arrive()


@st.cache_resource(show_spinner=False)
def warm_up() -> None:
    """Begin, once a server, what the first visitor would otherwise wait for."""
    from flowercore.jobs import queue  # with pandas: a server answers before it is there

    memory.share_arenas()
    # An answer multiplies small matrices: threads that wait for each other beside workers made it
    # twice as long.
    threadpool_limits(1, user_api="blas")
    queue.start_preparation()
