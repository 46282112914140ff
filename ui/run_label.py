"""Renaming a run, writing a note about it, deleting it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from flowercore.errors import FlowercoreError
from flowercore.runs import store
from flowercore.runs.label import NAME_LENGTH, NOTE_LENGTH
from flowercore.runs.store import Run
from ui.guard import show_error
from ui.words import plain

# What is open stands in the session: a dialog is then the same after each run of the page.
_OPEN = "run_dialog"
_ERROR = "run_dialog_error"
_DELETED = "run_dialog_deleted"
_NAME = "run_dialog_name"
_NOTE = "run_dialog_note"


def offer_changes(run: Run, name: str) -> None:
    """Show the buttons that open the dialogs of a run.

    Args:
        run: The run.
        name: What it is called on this page.
    """
    st.button(
        "Rename",
        icon=":material/edit:",
        type="tertiary",
        key=f"rename_{run.id}",
        help=f"Rename {plain(name)}, or write a note about it",
        on_click=_open,
        args=("rename", run.id),
    )
    st.button(
        "Delete",
        icon=":material/delete:",
        type="tertiary",
        key=f"delete_{run.id}",
        disabled=run.active,
        help="It must have ended first: stop it on the Train page."
        if run.active
        else f"Delete {plain(name)}",
        on_click=_open,
        args=("delete", run.id),
    )


def dialogs(names: Mapping[str, str], gone: Callable[[str], None]) -> None:
    """Show the dialog that is open, if one is.

    Args:
        names: What each run is called on this page, by id.
        gone: Is told the id of a run that was deleted.
    """
    deleted = st.session_state.pop(_DELETED, None)
    if deleted is not None:
        st.toast(f"Deleted {plain(deleted)}", icon=":material/delete:")
    kind, run_id = st.session_state.get(_OPEN, ("", ""))
    if run_id not in names:
        return
    if kind == "rename":
        _rename(run_id)
    elif kind == "delete":
        _delete(run_id, names[run_id], gone)


def _open(kind: str, run_id: str) -> None:
    close()
    st.session_state[_OPEN] = (kind, run_id)


def close() -> None:
    """Close the dialog that is open."""
    for key in (_OPEN, _ERROR):
        st.session_state.pop(key, None)


@st.dialog("Rename, or write a note", icon=":material/edit:", on_dismiss=close)
def _rename(run_id: str) -> None:
    run = store.get(run_id)
    st.text_input(
        "Name",
        value=run.given_name,
        max_chars=NAME_LENGTH,
        key=f"{_NAME}_{run_id}",
        help="Left empty, the run is called as when it was started.",
    )
    st.text_area(
        "Note",
        value=run.note,
        max_chars=NOTE_LENGTH,
        key=f"{_NOTE}_{run_id}",
        placeholder="What did you try, and what did you learn?",
    )
    _tell()
    with st.container(horizontal=True):
        st.button("Save", type="primary", key="rename_save", on_click=_save, args=(run_id,))
        st.button("Cancel", key="rename_cancel", on_click=_leave)


@st.dialog("Delete this run?", icon=":material/delete:", on_dismiss=close)
def _delete(run_id: str, name: str, gone: Callable[[str], None]) -> None:
    st.markdown(
        f"**{plain(name)}** goes with its model, its curves and its results, for everybody who "
        "uses this dashboard. It cannot be brought back. The photos stay."
    )
    _tell()
    with st.container(horizontal=True):
        st.button(
            "Delete for good",
            type="primary",
            icon=":material/delete_forever:",
            key="delete_sure",
            on_click=_remove,
            args=(run_id, name, gone),
        )
        st.button("Keep it", key="delete_keep", on_click=_leave)


def _tell() -> None:
    error = st.session_state.get(_ERROR)
    if error is not None:
        show_error(error)


def _save(run_id: str) -> None:
    try:
        store.label(
            run_id,
            name=st.session_state[f"{_NAME}_{run_id}"],
            note=st.session_state[f"{_NOTE}_{run_id}"],
        )
    except FlowercoreError as error:
        st.session_state[_ERROR] = error
        return
    _leave()


def _remove(run_id: str, name: str, gone: Callable[[str], None]) -> None:
    try:
        store.delete(run_id)
    except FlowercoreError as error:
        st.session_state[_ERROR] = error
        return
    gone(run_id)
    st.session_state[_DELETED] = name
    _leave()


def _leave() -> None:
    close()
    # The whole page anew, not the dialog alone.
    st.rerun()
