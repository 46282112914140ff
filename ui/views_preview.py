"""What augmented views of a photo look like, before anything is trained on them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image

from flowercore.data import views
from flowercore.data.catalog import Entry
from flowercore.data.photo import read_photo_bytes
from ui import loaders
from ui.gallery import file_name
from ui.guard import in_words
from ui.words import plain

SHOWN = 7
"""How many views are shown beside the plain photo."""

_SIDE = 160
_DRAW = "preview_draw"


def views_preview(entry: Entry, count: int, kinds: tuple[str, ...]) -> None:
    """Show a photo of the dataset as training would see it.

    Args:
        entry: The dataset.
        count: Augmented views that are asked for; with none, examples are shown all the same.
        kinds: Which changes make a view; nothing is shown without any.
    """
    if kinds:
        st.fragment(_preview)(entry, count, kinds)


def _preview(entry: Entry, count: int, kinds: tuple[str, ...]) -> None:
    with in_words():
        data = loaders.dataset(entry)
        rng = np.random.default_rng(st.session_state.get(_DRAW, 0))
        photo = data.photos[rng.integers(len(data.photos))]
        number = SHOWN if count < 1 else min(SHOWN, count)
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            st.caption(
                "What views would look like" if count < 1 else "What it learns from, for instance"
            )
            st.button(
                "Another photo",
                key="preview_other",
                type="tertiary",
                icon=":material/shuffle:",
                on_click=_draw_again,
            )
        pictures = _pictures(data.path(photo), photo.sha256, kinds, number)
        with st.grid(4, min_column_width=64, gap="xsmall"):
            for place, picture in enumerate(pictures):
                name = f"augmented view {place}" if place else "the plain view"
                st.image(
                    picture,
                    width="stretch",
                    alt=f"{photo.label}, photo {file_name(photo)}, {name}",
                )
        st.caption(f"{plain(photo.label)}: first as it is, then changed.")


def _draw_again() -> None:
    st.session_state[_DRAW] = st.session_state.get(_DRAW, 0) + 1


@st.cache_data(ttl="1h", max_entries=50, show_spinner=False)
def _pictures(path: Path, sha256: str, kinds: tuple[str, ...], count: int) -> list[bytes]:
    # The very views of this photo that a training draws, only smaller.
    wanted = (views.PLAIN, *views.augmented(count, kinds))
    arrays = views.pixels(read_photo_bytes(path), wanted, name=path.name, size=_SIDE, sha256=sha256)
    return [_jpeg(array) for array in arrays]


def _jpeg(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=88)
    return out.getvalue()
