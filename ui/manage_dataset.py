"""What can be done with a dataset as a whole: taken home, added to, renamed, deleted."""

from __future__ import annotations

import streamlit as st

from flowercore.data import catalog
from flowercore.data.catalog import GARDEN, Entry
from flowercore.errors import FlowercoreError
from flowercore.jobs import dataset_changes
from ui import choices
from ui.collect_photos import collect
from ui.guard import show_error
from ui.pack_dataset import pack_dataset
from ui.visitor import visitor
from ui.words import many, plain

_OPEN, _ERROR, _TOLD = "dataset_dialog", "dataset_error", "dataset_changed"
_NAME = "rename_dataset"


def manage(entry: Entry) -> None:
    """Offer what this visitor may do with a dataset.

    Args:
        entry: The dataset.
    """
    told = st.session_state.pop(_TOLD, None)
    if told is not None:
        st.toast(plain(told), icon=":material/check:")
    mine = catalog.may_change(entry, visitor())
    st.subheader(f"“{plain(entry.name)}” as a whole", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        pack_dataset(entry)
        if mine and entry.name != GARDEN:
            st.button("Rename", icon=":material/edit:", on_click=_open, args=("rename", entry.name))
            st.button(
                "Delete", icon=":material/delete:", on_click=_open, args=("delete", entry.name)
            )
    if not mine:
        st.caption("It is shared by all who use this dashboard: look, train, take it home.")
    elif entry.name != GARDEN:
        with st.expander("Add photos to a class", icon=":material/add_photo_alternate:"):
            collect(entry.name, sorted(entry.classes), first="Files")
    kind, name = st.session_state.get(_OPEN, ("", ""))
    if name == entry.name and mine:
        {"rename": _rename, "delete": _delete}[kind](entry)


def _open(kind: str, name: str) -> None:
    _close()
    st.session_state[_OPEN] = (kind, name)


def _close() -> None:
    for key in (_OPEN, _ERROR):
        st.session_state.pop(key, None)


@st.dialog("Rename these photos", icon=":material/edit:", on_dismiss=_close)
def _rename(entry: Entry) -> None:
    st.text_input("Name", value=entry.name, max_chars=60, key=f"{_NAME}_{entry.name}")
    st.caption("Runs that were trained on them remember the old name, and show no photos then.")
    _tell()
    with st.container(horizontal=True):
        st.button("Save", type="primary", key="dataset_rename", on_click=_save, args=(entry.name,))
        st.button("Cancel", key="dataset_cancel", on_click=_leave)


@st.dialog("Delete these photos?", icon=":material/delete:", on_dismiss=_close)
def _delete(entry: Entry) -> None:
    photos = many(sum(entry.classes.values()), "photo")
    st.markdown(
        f"**{plain(entry.name)}** goes with its {photos} and all that was changed about them. It "
        "cannot be brought back. Runs that were trained on it stay, without its pictures."
    )
    _tell()
    with st.container(horizontal=True):
        st.button(
            "Delete for good",
            type="primary",
            icon=":material/delete_forever:",
            key="dataset_delete",
            on_click=_remove,
            args=(entry.name,),
        )
        st.button("Keep them", key="dataset_keep", on_click=_leave)


def _tell() -> None:
    error = st.session_state.get(_ERROR)
    if error is not None:
        show_error(error)


def _save(name: str) -> None:
    try:
        new_name = dataset_changes.rename(name, st.session_state[f"{_NAME}_{name}"], visitor())
    except FlowercoreError as error:
        st.session_state[_ERROR] = error
        return
    choices.remember(choices.DATA, new_name)
    st.session_state[_TOLD] = f"It is called {new_name} now."
    _leave()


def _remove(name: str) -> None:
    try:
        dataset_changes.delete(name, visitor())
    except FlowercoreError as error:
        st.session_state[_ERROR] = error
        return
    choices.forget(choices.DATA)
    st.session_state[_TOLD] = f"{name} is deleted."
    _leave()


def _leave() -> None:
    _close()
    # The whole page anew, not the dialog alone.
    st.rerun()
