"""Who is looking: a random id, never a name."""

from __future__ import annotations

import streamlit as st

from ui.http import visitor_of

LOCAL = "local"


def visitor() -> str:
    """Return this browser's id.

    Returns:
        The id from the cookie that ``asgi.py`` sets, or ``local`` where there is none: started
        as plain ``streamlit run streamlit_app.py`` the dashboard has one visitor.
    """
    return visitor_of(st.context.cookies.to_dict()) or LOCAL
