"""One photo of the visitor's own: read, dropped, and an error told where the next one is taken."""

from __future__ import annotations

import math
from collections.abc import Callable

import streamlit as st
from streamlit.typing import UploadedFile

from flowercore.errors import FlowercoreError
from flowercore.settings import settings
from ui.guard import show_error
from ui.uploads import drop, fresh_key, renew


def megabytes(count: int) -> int:
    """Return bytes as Streamlit's uploaders count them: binary megabytes, rounded up."""
    return math.ceil(count / (1 << 20))


def take_photo(label: str, note: str, name: str, take: Callable[[UploadedFile], None]) -> None:
    """Ask for a photo; once there is one, use it, drop its bytes and run the page anew.

    Args:
        label: On the uploader.
        note: What becomes of the photo, as Markdown.
        name: Tells this uploader from others.
        take: Uses the photo and keeps what is wanted of it; an error that it raises on purpose is
            shown.
    """
    photo = st.file_uploader(
        label, max_upload_size=megabytes(settings().limits.photo_bytes), key=fresh_key(name)
    )
    st.caption(f":material/lock: {note}")
    refused: FlowercoreError | None = st.session_state.pop(f"{name}_refused", None)
    if refused is not None:
        show_error(refused)
    if photo is None:
        return
    try:
        take(photo)
    except FlowercoreError as error:
        # Told in the next run, beside a fresh uploader: nobody would look into the present one.
        st.session_state[f"{name}_refused"] = error
    finally:
        drop([photo])
        renew(name)
    st.rerun()
