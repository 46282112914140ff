"""Photos as a grid of square pictures, page by page, each opening large with its facts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import streamlit as st

from flowercore.data.dataset import Dataset, Photo
from flowercore.errors import FlowercoreError
from ui import loaders
from ui.guard import show_error
from ui.words import plain, size

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
        st.session_state[f"{key}_large"] = index
        look_closer(data, photos, key)


@st.dialog("A closer look", width="large", icon=":material/zoom_in:")
def look_closer(data: Dataset, photos: Sequence[Photo], key: str) -> None:
    """Show one photo large with its facts; its neighbours are one click away.

    Args:
        data: Where the photos come from.
        photos: The gallery's photos.
        key: The gallery's key.
    """
    place = f"{key}_large"

    def step(by: int) -> None:
        st.session_state[place] = (st.session_state[place] + by) % len(photos)

    photo = photos[st.session_state[place]]
    picture, facts = st.columns([3, 2], gap="medium")
    with picture:
        try:
            large = loaders.large(data.path(photo), photo.sha256)
            st.image(large, width="stretch", alt=f"{photo.label}, photo {file_name(photo)}, large")
        except FlowercoreError as error:
            show_error(error)
    with facts:
        st.subheader(plain(photo.label), anchor=False)
        st.table(
            {
                "File": plain(file_name(photo)),
                "Size": f"{photo.width:,} × {photo.height:,} pixels",
                "Type": f"{photo.format}, {size(photo.bytes)}",
                "Fingerprint": f"`{photo.sha256[:12]}`",
            },
            border="horizontal",
            alt="Facts of this photo",
        )
        st.caption(f"{st.session_state[place] + 1:,} of {len(photos):,}")
        with st.container(horizontal=True):
            st.button("Previous", icon=":material/chevron_left:", on_click=step, args=(-1,))
            st.button(
                "Next",
                icon=":material/chevron_right:",
                icon_position="right",
                on_click=step,
                args=(1,),
            )


def file_name(photo: Photo) -> str:
    """Return a photo's file name without its class folder."""
    return photo.key.rpartition("/")[2]
