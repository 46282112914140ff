"""One photo large: its facts, what is wrong with it, and the photos that are most like it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from flowercore.data import looks
from flowercore.data.dataset import Dataset, Photo
from flowercore.errors import FlowercoreError
from ui import loaders, look_loaders
from ui.guard import show_error
from ui.problem_words import problem_name
from ui.similar import like_photo
from ui.words import percent, plain, size

_NEIGHBOURS = 6
_NEIGHBOUR_WIDTH = 90


def file_name(photo: Photo) -> str:
    """Return a photo's file name without its class folder."""
    return photo.key.rpartition("/")[2]


def open_large(data: Dataset, photos: Sequence[Photo], index: int, key: str) -> None:
    """Open one of a gallery's photos large.

    Args:
        data: Where the photos come from.
        photos: The gallery's photos.
        index: Which of them.
        key: The gallery's key.
    """
    st.session_state[f"{key}_large"] = index
    st.session_state.pop(f"{key}_trail", None)
    look_closer(data, photos, key)


@st.dialog("A closer look", width="large", icon=":material/zoom_in:")
def look_closer(data: Dataset, photos: Sequence[Photo], key: str) -> None:
    """Show one photo large with its facts; its neighbours are one click away.

    Args:
        data: Where the photos come from.
        photos: The gallery's photos.
        key: The gallery's key; ``<key>_large`` in the session says which photo.
    """
    place, trail = f"{key}_large", f"{key}_trail"

    def step(by: int) -> None:
        st.session_state[place] = (st.session_state[place] + by) % len(photos)
        st.session_state.pop(trail, None)

    def follow(one: Photo) -> None:
        before = _trail(key)
        st.session_state[trail] = (st.session_state[place], (*before, one))

    def back() -> None:
        st.session_state[trail] = (st.session_state[place], _trail(key)[:-1])

    visited = _trail(key)
    photo = visited[-1] if visited else photos[st.session_state[place]]
    picture, facts = st.columns([3, 2], gap="medium")
    with picture:
        try:
            large = loaders.large(data.path(photo), photo.sha256)
            st.image(large, width="stretch", alt=f"{photo.label}, photo {file_name(photo)}, large")
        except FlowercoreError as error:
            show_error(error)
    with facts:
        st.subheader(plain(photo.label), anchor=False)
        _problems(data, photo)
        _facts(data, photo)
        if visited:
            st.button("Back", icon=":material/undo:", on_click=back, key=f"{key}_back")
        else:
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
    _more_like_this(data, photo, key, follow)


def _trail(key: str) -> tuple[Photo, ...]:
    """Return the neighbours that were followed from the gallery's present photo."""
    begun, visited = st.session_state.get(f"{key}_trail", (None, ()))
    return visited if begun == st.session_state[f"{key}_large"] else ()


def _problems(data: Dataset, photo: Photo) -> None:
    found = look_loaders.problems_of(data, photo)
    for kind, why in found:
        st.markdown(f":orange[:material/flag:] **{problem_name(kind)}.** {plain(why)}")


def _facts(data: Dataset, photo: Photo) -> None:
    facts = {
        "File": plain(file_name(photo)),
        "Size": f"{photo.width:,} × {photo.height:,} pixels",
        "Type": f"{photo.format}, {size(photo.bytes)}",
        "Fingerprint": f"`{photo.sha256[:12]}`",
    }
    camera = looks.exif(data.path(photo))
    facts |= {plain(name): plain(text) for name, text in camera.items()}
    st.table(facts, border="horizontal", alt="Facts of this photo")
    if not camera:
        st.caption("The file holds no camera facts (EXIF).")


def _more_like_this(data: Dataset, photo: Photo, key: str, follow: Callable[[Photo], None]) -> None:
    st.markdown("**More like this**")
    found = like_photo(data, photo, _NEIGHBOURS)
    if not found:
        st.caption(
            "The photos most like this one are known once a check or a training has looked at all "
            "of them."
        )
        return
    pictures = loaders.tiles(data, [one for one, _ in found])
    with st.grid(_NEIGHBOURS, min_column_width=_NEIGHBOUR_WIDTH, gap="small"):
        for (one, similarity), picture in zip(found, pictures, strict=True):
            with st.container(gap="xxsmall"):
                if picture is None:
                    st.caption(f":material/broken_image: {plain(file_name(one))}")
                    continue
                st.image(picture, width="stretch", alt=f"Like it: {one.label}, {file_name(one)}")
                st.button(
                    plain(one.label),
                    key=f"{key}_like_{one.key}",
                    type="tertiary",
                    width="stretch",
                    help=f"Open {plain(file_name(one))}, {percent(similarity, 0)} alike",
                    on_click=follow,
                    args=(one,),
                )
