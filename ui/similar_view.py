"""Photos of a dataset that are most like one that a visitor uploads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
from streamlit.typing import UploadedFile

from flowercore.audit.neighbours import vector
from flowercore.data.dataset import Dataset
from flowercore.data.names import shown
from flowercore.data.photo import thumbnail
from ui import audit_start
from ui.gallery import gallery
from ui.one_photo import take_photo
from ui.similar import like_vector
from ui.words import percent, plain

_UPLOADER = "like_upload"
_ASKED = "like_asked"
_PREVIEW_SIDE = 360
_FOUND = 24


@dataclass(frozen=True)
class _Asked:
    """What is kept of an upload: its name, a small picture and what the network sees in it."""

    name: str
    preview: bytes
    features: np.ndarray


def like_an_upload(data: Dataset) -> None:
    """Take a photo and show those of a dataset that are most like it.

    Args:
        data: The dataset, with at least one photo.
    """
    asked: _Asked | None = st.session_state.get(_ASKED)
    with st.expander(
        "Find photos like one of yours", icon=":material/image_search:", expanded=asked is not None
    ):
        if asked is None:
            _ask()
        else:
            _answer(data, asked)


def _ask() -> None:
    take_photo(
        "A photo (JPEG, PNG, WebP or HEIC)",
        "Your photo stays on this machine. Its file is dropped as soon as it was looked at; the "
        "small picture goes when you clear it or close the dashboard.",
        _UPLOADER,
        _look,
    )


def _look(photo: UploadedFile) -> None:
    content = photo.getvalue()
    st.session_state[_ASKED] = _Asked(
        photo.name,
        thumbnail(content, name=photo.name, side=_PREVIEW_SIDE),
        vector(content, name=photo.name),
    )


def _answer(data: Dataset, asked: _Asked) -> None:
    yours, found = st.columns([1, 4], gap="medium")
    with yours:
        name = shown(asked.name)
        st.image(asked.preview, width="stretch", alt=f"Your photo {name}", caption=plain(name))
        st.button("Clear", icon=":material/close:", on_click=_clear, key="like_clear")
    with found:
        nearest = like_vector(data, asked.features, _FOUND)
        if not nearest:
            words = "No photo of this dataset was looked at yet. A check looks at all of them."
            if audit_start.running(data):
                st.markdown("The check has not looked at the photos yet.")
            else:
                audit_start.offer(data, words, second=True)
            return
        alike = {one.key: similarity for one, similarity in nearest}
        gallery(
            data,
            [one for one, _ in nearest],
            key="like_page",
            caption=lambda one: f"**{plain(one.label)}** {percent(alike[one.key], 0)} alike",
        )


def _clear() -> None:
    st.session_state.pop(_ASKED, None)
