"""What a visitor has collected so far: tiles by class, and what to do with them."""

from __future__ import annotations

import io
from pathlib import Path

import streamlit as st
from PIL import Image, ImageOps

from flowercore.data import catalog, collecting, drafts
from flowercore.data.drafts import Draft, DraftPhoto
from flowercore.data.photo import read_photo_bytes, thumbnail
from flowercore.errors import FlowercoreError, PhotoError
from flowercore.settings import settings
from ui import choices
from ui.guard import in_words, show_error
from ui.view_choice import open_view
from ui.visitor import visitor
from ui.words import many, plain

_TILE_SIDE = 160
_TILE_WIDTH = 84
_SHOWN = 12


def draft_view(draft: Draft, target: str) -> None:
    """Show a draft and offer to make something of it.

    Args:
        draft: What is in it.
        target: The dataset that the photos are for; empty for a new one.
    """
    if not draft.photos:
        st.markdown(
            ":material/photo_camera: **Nothing collected yet**  \n"
            ":gray[What you take appears here, class by class, and stays when you reload the page.]"
        )
        return
    for label, count in draft.counts().items():
        _class(draft, target, label, count)
    st.divider()
    if target:
        _add(draft, target)
    else:
        _make(draft)


def _class(draft: Draft, target: str, label: str, count: int) -> None:
    photos = [one for one in draft.photos if one.label == label][::-1]
    st.markdown(f"**{plain(label)}** · {many(count, 'photo')}{_wanting(target, count)}")
    everything = len(photos) <= _SHOWN or st.toggle(
        f"Show all {len(photos):,} of {plain(label)}", key=f"all_{target}_{label}"
    )
    with st.grid("auto", min_column_width=_TILE_WIDTH, gap="xsmall"):
        for photo in photos if everything else photos[:_SHOWN]:
            with st.container(gap="xxsmall"):
                _tile(photo, target)


def _wanting(target: str, count: int) -> str:
    least = settings().limits.photos_per_class_min
    if target or count >= least:
        return ""
    return f" :orange[at least {least} are needed, better 20]"


def _tile(photo: DraftPhoto, target: str) -> None:
    picture = _thumbnail(str(photo.path))
    if picture is not None:
        st.image(picture, width="stretch", alt=f"{photo.label}, collected photo {photo.path.stem}")
    st.button(
        "Remove",
        key=f"remove_{target}_{photo.key}",
        icon=":material/close:",
        type="tertiary",
        help="Take this photo out again",
        on_click=_remove,
        args=(target, photo.key),
    )


@st.cache_data(ttl="1h", max_entries=2_000, show_spinner=False)
def _thumbnail(path: str) -> bytes | None:
    try:
        small = thumbnail(read_photo_bytes(Path(path)), name="photo", side=2 * _TILE_SIDE)
    except PhotoError:
        return None
    out = io.BytesIO()
    ImageOps.fit(Image.open(io.BytesIO(small)), (_TILE_SIDE, _TILE_SIDE)).save(out, "JPEG")
    return out.getvalue()


def _make(draft: Draft) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            "Name for these photos", value=catalog.free_name("our photos"), key="draft_name"
        )
        go = st.button("Make it a dataset", type="primary", icon=":material/done_all:")
        _discard(draft, "")
    if not go:
        return
    try:
        with st.spinner("Making it a dataset …"):
            dataset = collecting.make_dataset(visitor(), name)
    except FlowercoreError as error:
        show_error(error)
        return
    choices.remember(choices.DATA, dataset.name)
    open_view("photos", "explore")
    st.toast(
        f"“{plain(dataset.name)}” is in: {many(len(dataset.photos), 'photo')}.",
        icon=":material/check_circle:",
    )
    st.rerun()


def _add(draft: Draft, target: str) -> None:
    with st.container(horizontal=True):
        go = st.button(
            f"Add {many(len(draft.photos), 'photo')} to “{plain(target)}”",
            type="primary",
            icon=":material/done_all:",
            key=f"add_to_{target}",
        )
        _discard(draft, target)
    if not go:
        return
    try:
        added = collecting.add_to_dataset(visitor(), target)
    except FlowercoreError as error:
        show_error(error)
        return
    known = (
        f" {many(added.known, 'photo was', 'photos were')} in it already." if added.known else ""
    )
    st.toast(f"{many(sum(added.added.values()), 'photo')} added.{known}", icon=":material/check:")
    st.rerun()


def _discard(draft: Draft, target: str) -> None:
    with st.popover("Discard …", icon=":material/delete:"):
        st.markdown(f"Throw {many(len(draft.photos), 'collected photo')} away for good?")
        st.button(
            "Throw away",
            key=f"discard_{target}",
            icon=":material/delete_forever:",
            on_click=_throw_away,
            args=(target,),
        )


def _throw_away(target: str) -> None:
    with in_words():
        drafts.discard(visitor(), target)


def _remove(target: str, key: str) -> None:
    with in_words():
        drafts.remove(visitor(), target, key)
