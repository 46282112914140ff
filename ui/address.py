"""When the address decides: as a page is opened, by a link, and on the way back and forward.

In between the page decides and the address follows. A browser that is slow to hear of a new address
sends the old one for a while, with clicks and with parts that are drawn anew by themselves, and
nothing tells such an address from one that was chosen.
"""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

_PAGE, _ARRIVALS = "address_page", "address_arrivals"


def arrive() -> None:
    """Note whether the browser comes by an address now; for the start of a page's script."""
    context = get_script_run_ctx()
    if context is None:  # no browser asks
        return
    if context.page_script_hash != st.session_state.get(_PAGE) or context.is_history_navigation:
        st.session_state[_PAGE] = context.page_script_hash
        st.session_state[_ARRIVALS] = st.session_state.get(_ARRIVALS, 0) + 1


def is_news(topic: str) -> bool:
    """Tell, once after each arrival, that the address decides about a topic.

    A run of the script that was broken off before it came to the topic has not used it up.

    Args:
        topic: What is asked about, such as a key of the address.
    """
    now = st.session_state.get(_ARRIVALS, 0)
    before, st.session_state[_heard(topic)] = st.session_state.get(_heard(topic)), now
    return before != now


def overrule(topic: str) -> None:
    """Let the page decide about a topic from now on, whatever the address says of it."""
    st.session_state[_heard(topic)] = st.session_state.get(_ARRIVALS, 0)


def _heard(topic: str) -> str:
    return f"address_heard_{topic}"
