"""Who is looking: a random id, never a name."""

from __future__ import annotations

import streamlit as st

from flowercore.data.catalog import LOCAL
from ui.http import visitor_of

__all__ = ["LOCAL", "visitor"]


def visitor() -> str:
    """Return this browser's id.

    Returns:
        The id from the cookie that ``asgi.py`` sets, or ``local`` where there is none: started
        as plain ``streamlit run streamlit_app.py`` the dashboard has one visitor.
    """
    return visitor_of(st.context.cookies.to_dict()) or LOCAL
