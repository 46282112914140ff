"""The lock on the leader's page: the token that the terminal printed when the workshop began."""

from __future__ import annotations

import streamlit as st

from flowercore.data.catalog import LOCAL
from flowercore.errors import FlowercoreError
from flowercore.workshop import leaders
from ui.guard import show_error
from ui.visitor import visitor

TOKEN = "token"
"""In the address: the token, once. It is taken out of it at once."""

_BOX, _ERROR = "leader_token", "leader_error"


def unlocked() -> bool:
    """Tell whether this visitor leads the workshop; ask for the token if they do not."""
    if leaders.is_leader(visitor()):
        # Used already, or left over: it must not stay in an address that is projected.
        st.query_params.pop(TOKEN, None)
        return True
    given = st.query_params.pop(TOKEN, None)
    if given is not None:
        _try(given)
        if leaders.is_leader(visitor()):
            st.rerun()
    _ask()
    return False


def _ask() -> None:
    if visitor() == LOCAL:
        st.info(
            "Here all browsers count as one visitor, so that a leader cannot be told from the "
            "room. Start the dashboard with `make workshop`.",
            icon=":material/lock:",
        )
        return
    with st.container(border=True):
        st.markdown(
            ":material/lock: This page is the leader's. It opens with the token that the terminal "
            "printed when the workshop was started, and then stays open in this browser."
        )
        error = st.session_state.pop(_ERROR, None)
        if error is not None:
            show_error(error)
        st.text_input("Leader's token", type="password", key=_BOX, autocomplete="off")
        st.button("Open", type="primary", icon=":material/lock_open:", on_click=_typed)


def _typed() -> None:
    _try(st.session_state[_BOX])
    st.session_state[_BOX] = ""


def _try(given: str) -> None:
    try:
        leaders.unlock(visitor(), given)
    except FlowercoreError as error:
        st.session_state[_ERROR] = error
