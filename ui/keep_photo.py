"""Adding a photo that was answered to one of the visitor's own datasets."""

from __future__ import annotations

import streamlit as st

from flowercore.data import catalog, collecting
from flowercore.data.catalog import Entry
from flowercore.data.names import shown
from flowercore.errors import FlowercoreError
from flowercore.prediction.predictor import Prediction
from ui.guard import show_error
from ui.mending import may_mend
from ui.visitor import visitor
from ui.words import plain

_TOLD = "kept_photo"


def keep_photo(preview: bytes, outcome: Prediction, key: str) -> None:
    """Offer to add a photo to a dataset; nothing where the visitor has none.

    Args:
        preview: The upright photo, as a small JPEG: all that is left of it.
        outcome: What the model said of it.
        key: Tells this photo from others.
    """
    own = [one for one in catalog.entries() if may_mend(one) and one.name != catalog.GARDEN]
    if not own:
        return
    with st.expander("Add it to a dataset of yours", icon=":material/add_photo_alternate:"):
        _form({one.name: one for one in own}, preview, outcome, key)


def _form(own: dict[str, Entry], preview: bytes, outcome: Prediction, key: str) -> None:
    name = st.selectbox("Add to", list(own), key=f"keep_in_{key}")
    if name is None:
        return
    classes = list(own[name].classes)
    first = classes.index(outcome.label) if outcome.label in classes else 0
    label = st.selectbox("As", classes, index=first, key=f"keep_as_{key}_{name}")
    st.caption(
        "The photo's file was dropped when it was answered: what is added is the copy that you "
        "see, at most 720 pixels wide or high, without camera facts. Explore shows it."
    )
    st.button(
        "Add the photo",
        icon=":material/add:",
        key=f"keep_{key}",
        disabled=label is None,
        on_click=_keep,
        args=(name, label, preview, outcome.photo, key),
    )
    told = st.session_state.get(_TOLD)
    if told is None or told[0] != key:
        return
    if isinstance(told[1], FlowercoreError):
        show_error(told[1])
    else:
        st.success(told[1], icon=":material/check_circle:")


def _keep(name: str, label: str, preview: bytes, photo: str, key: str) -> None:
    said: str | FlowercoreError
    try:
        # Asked anew: it may have become somebody else's since the page was drawn.
        if not any(one.name == name and may_mend(one) for one in catalog.entries()):
            return
        added = collecting.add_photo(visitor(), name, label, preview, photo=shown(photo))
        said = (
            f"Added to {plain(name)} as {plain(label)}."
            if added.added
            else f"{plain(name)} has this photo as {plain(label)} already."
        )
    except FlowercoreError as error:
        said = error
    st.session_state[_TOLD] = (key, said)
