"""Uploaded files: read once, then dropped from the server's memory.

Streamlit keeps the bytes of an upload until its visitor leaves, also when the widget is gone.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.typing import UploadedFile


def drop(files: Sequence[UploadedFile]) -> None:
    """Forget the bytes of uploads; the widget that took them must then be renewed."""
    context = get_script_run_ctx()
    if context is None:
        return
    remove = getattr(context.uploaded_file_mgr, "remove_file", None)
    for file in files:
        file.close()
        if remove is not None:
            remove(session_id=context.session_id, file_id=file.file_id)


def fresh_key(name: str) -> str:
    """Return the key of the present uploader of that name."""
    return f"{name}_{st.session_state.get(_counter(name), 0)}"


def renew(name: str) -> None:
    """Let the next run show an empty uploader in place of the one of that name."""
    st.session_state[_counter(name)] = st.session_state.get(_counter(name), 0) + 1


def _counter(name: str) -> str:
    return f"{name}_generation"
