"""What a click on an edit does, and how it is taken back. Shared by all that mends photos."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from flowercore.data import catalog, edits
from flowercore.data.catalog import Entry
from flowercore.data.dataset import Dataset
from flowercore.data.edits import EXCLUDE, RELABEL, Edit
from flowercore.errors import FlowercoreError
from ui.guard import show_error
from ui.visitor import visitor
from ui.words import many, plain

_FAILED = "edit_failed"


def may_mend(entry: Entry) -> bool:
    """Tell whether this visitor may change a dataset."""
    return catalog.may_change(entry, visitor())


def edit_button(
    words: str,
    data: Dataset,
    keys: Sequence[str],
    action: str,
    *,
    key: str,
    label: str = "",
    why: Sequence[str] | str = "",
    icon: str | None = None,
    stretch: bool = True,
) -> None:
    """Offer an edit as a button; it is made before the page is drawn again.

    Args:
        words: What stands on it.
        data: The dataset.
        keys: Which photos.
        action: relabel, exclude or keep.
        key: Of the button.
        label: The new class, for relabel.
        why: One text for all photos, or one a photo.
        icon: Material symbol.
        stretch: Whether it takes the whole width.
    """
    st.button(
        words,
        key=key,
        icon=icon,
        width="stretch" if stretch else "content",
        on_click=_edit,
        args=(data, tuple(keys), action, label, why),
    )


def undo_bar(data: Dataset, made: Sequence[Edit], *, allowed: bool, next_step: str = "") -> None:
    """Say what was done last and offer to take it back; say what went wrong if something did.

    Args:
        data: The dataset.
        made: Its edits.
        allowed: Whether this visitor may change it.
        next_step: What to do with the changes, as Markdown.
    """
    failed: FlowercoreError | None = st.session_state.pop(_FAILED, None)
    if failed is not None:
        show_error(failed)
    if not made or not allowed:
        return
    last = [one for one in made if one.batch == made[-1].batch]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Undo",
            key="undo_edit",
            icon=":material/undo:",
            on_click=_undo,
            args=(data, last[0].batch),
        )
        st.caption(f"Last change: {describe(last)}", width="content")
        if next_step:
            st.markdown(next_step, width="content")


def describe(batch: Sequence[Edit]) -> str:
    """Say in a few words what was done together, as Markdown."""
    first = batch[0]
    what = many(len(batch), "photo") if len(batch) > 1 else plain(first.key)
    if first.action == RELABEL:
        return f"{what} relabelled as {plain(first.label)}"
    return f"{what} {'excluded' if first.action == EXCLUDE else 'kept as given'}"


def _edit(
    data: Dataset, keys: Sequence[str], action: str, label: str, why: Sequence[str] | str
) -> None:
    try:
        edits.add(data, keys, action, label=label, why=why)
    except FlowercoreError as error:
        # A callback draws above the page: what it says would stand at the wrong place.
        st.session_state[_FAILED] = error


def _undo(data: Dataset, batch: str) -> None:
    try:
        edits.undo(data.root, batch)
    except FlowercoreError as error:
        st.session_state[_FAILED] = error
