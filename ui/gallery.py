"""Photos as a grid of square pictures, page by page, each opening large with its facts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import streamlit as st

from flowercore.data.dataset import Dataset, Photo
from ui import loaders
from ui.look_closer import file_name, look_closer, open_large
from ui.words import plain

__all__ = ["PAGE_SIZE", "TILE_WIDTH", "Caption", "file_name", "gallery", "look_closer"]

PAGE_SIZE = 24
TILE_WIDTH = 150

Caption = Callable[[Photo], str]
"""Returns Markdown that stands below a photo; names in it must be made `plain`."""


def gallery(
    data: Dataset, photos: Sequence[Photo], *, key: str, caption: Caption | None = None
) -> None:
    """Show photos in pages.

    Args:
        data: Where the photos come from.
        photos: Which of them, at least one, in their order.
        key: Tells this gallery from others; also names its page in the address.
        caption: What stands below each photo; None for nothing but its button.
    """
    pages = math.ceil(len(photos) / PAGE_SIZE)
    # The pages are turned below the photos but decide which ones are shown.
    slot = st.container()
    number = 1
    if pages > 1:
        with st.container(horizontal=True, horizontal_alignment="center"):
            if st.session_state.get(key, 1) > pages:
                st.session_state[key] = pages
            number = st.pagination(pages, key=key, bind="query-params")
    first = (number - 1) * PAGE_SIZE
    shown = photos[first : first + PAGE_SIZE]
    with slot, st.grid("auto", min_column_width=TILE_WIDTH, gap="small"):
        for offset, picture in enumerate(loaders.tiles(data, shown)):
            with st.container(gap="xxsmall"):
                _tile(data, photos, first + offset, picture, key, caption)


def _tile(
    data: Dataset,
    photos: Sequence[Photo],
    index: int,
    picture: bytes | None,
    key: str,
    caption: Caption | None,
) -> None:
    photo = photos[index]
    name = file_name(photo)
    if picture is None:
        st.caption(f":material/broken_image: {plain(name)} can no longer be read.")
        return
    st.image(picture, width="stretch", alt=f"{photo.label}, photo {name}")
    if caption is not None:
        st.caption(caption(photo))
    opened = st.button(
        plain(photo.label) if caption is None else "Look closer",
        key=f"{key}_open_{photo.key}",
        icon=":material/zoom_in:",
        type="tertiary",
        help=f"Show {plain(name)} large",
        width="stretch",
    )
    if opened:
        open_large(data, photos, index, key)
