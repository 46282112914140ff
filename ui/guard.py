"""Errors in words: what went wrong and what to do, never a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from flowercore import errors
from ui.words import plain

_TITLES: tuple[tuple[type[errors.FlowercoreError], str], ...] = (
    (errors.NotFoundError, "That is not here"),
    (errors.ConfigError, "This setting cannot be used"),
    (errors.PhotoError, "This photo cannot be used"),
    (errors.ArchiveError, "This archive cannot be used"),
    (errors.DatasetError, "These photos cannot be used"),
    (errors.WeightsError, "The pretrained network is not in order"),
    (errors.StorageError, "The place where things are kept has a problem"),
    (errors.JobError, "This cannot be started"),
)


@contextmanager
def in_words() -> Iterator[None]:
    """Show an error that Flower Lab raised on purpose instead of the rest of the block."""
    try:
        yield
    except errors.FlowercoreError as error:
        show_error(error)


def show_error(error: errors.FlowercoreError) -> None:
    """Show an error with a title that says what kind of thing went wrong."""
    title = next((words for kind, words in _TITLES if isinstance(error, kind)), "That did not work")
    st.error(plain(str(error)), title=title, icon=":material/error:")


def unexpected(error: Exception) -> bool:
    """Show a fault of the program in words; the server's log has the rest.

    Args:
        error: What nobody expected.

    Returns:
        True: it was shown.
    """
    st.error(
        "This is a fault of the dashboard and not yours; it was written to the server's log. "
        f"Load the page again, and report it if it comes back ({type(error).__name__}).",
        title="Something broke",
        icon=":material/error:",
    )
    return True
