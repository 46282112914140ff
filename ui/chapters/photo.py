"""The photo that the chapters look at: a painted sample or one of the visitor's own.

Of an upload only a small copy stays, in the visitor's session.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from streamlit.typing import UploadedFile

from flowercore.data.names import shown
from flowercore.data.photo import thumbnail
from flowercore.teaching.pictures import square
from flowercore.teaching.samples import SAMPLES, sample
from ui.one_photo import take_photo
from ui.uploads import fresh_key, renew
from ui.words import plain

SIDE = 720
"""Longest side of the copy that is kept, pixels."""
_CHOSEN = "chapters_photo"
_UPLOADER, _POPOVER = "chapters_upload", "chapters_choose"
_TILE_WIDTH, _TILE = 90, 180


@dataclass(frozen=True)
class ChosenPhoto:
    """What the chapters look at.

    Attributes:
        name: How it is called; an upload by its file's name, as it came.
        picture: The upright photo, a JPEG of at most `SIDE` pixels.
        painted: Whether it is a sample.
    """

    name: str
    picture: bytes
    painted: bool

    @property
    def alt(self) -> str:
        """How a text alternative calls it."""
        return f"painted {self.name}" if self.painted else f"photo {shown(self.name)}"


def chosen_photo() -> ChosenPhoto:
    """Return the photo that was chosen last in this visit; a sample if none was."""
    chosen: ChosenPhoto | None = st.session_state.get(_CHOSEN)
    return chosen or _sample(next(iter(SAMPLES)))


def choose_photo() -> ChosenPhoto:
    """Say which photo is looked at, and let the visitor take another one.

    Returns:
        The photo.
    """
    chosen = chosen_photo()
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.popover(
            "Another photo", icon=":material/add_photo_alternate:", key=fresh_key(_POPOVER)
        ):
            _samples()
            _upload()
        st.caption(
            f"A painted {chosen.name}."
            if chosen.painted
            else f"Your photo {plain(shown(chosen.name))}."
        )
    return chosen


def _samples() -> None:
    st.markdown("**A painted sample**")
    with st.grid("auto", min_column_width=_TILE_WIDTH, gap="small"):
        for species in SAMPLES:
            with st.container(gap="xxsmall"):
                st.image(_tile(species), width="stretch", alt=f"A painted {species}")
                st.button(
                    species.capitalize(),
                    key=f"chapters_sample_{species}",
                    width="stretch",
                    on_click=_take,
                    args=(species,),
                )


def _upload() -> None:
    take_photo(
        "Or one of yours (JPEG, PNG, WebP or HEIC)",
        "It stays on this machine. Its file is dropped at once; the small copy goes when you take "
        "another photo or close the dashboard. On a phone the picker opens the camera.",
        _UPLOADER,
        _copy,
    )


def _copy(photo: UploadedFile) -> None:
    picture = thumbnail(photo.getvalue(), name=photo.name, side=SIDE)
    _choose(ChosenPhoto(photo.name, picture, painted=False))


def _take(species: str) -> None:
    _choose(_sample(species))


def _choose(photo: ChosenPhoto) -> None:
    st.session_state[_CHOSEN] = photo
    renew(_POPOVER)  # a new one is closed, so that the photo is seen


@st.cache_data(max_entries=len(SAMPLES), show_spinner=False)
def _sample(species: str) -> ChosenPhoto:
    return ChosenPhoto(species, sample(species), painted=True)


@st.cache_data(max_entries=len(SAMPLES), show_spinner=False)
def _tile(species: str) -> bytes:
    return square(_sample(species).picture, _TILE)
