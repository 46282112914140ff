"""The chapter on feature maps: what the network sees of the photo at five depths."""

from __future__ import annotations

import hashlib
import io
from html import escape
from typing import Literal

import numpy as np
import streamlit as st
from PIL import Image

from flowercore import figures
from flowercore.backbones import registry, runtime
from flowercore.backbones.depths import Depth, depths
from flowercore.mosaic_chart import mosaic
from flowercore.prediction.heat import overlay
from flowercore.teaching import feature_maps
from flowercore.teaching.feature_maps import Field
from flowercore.teaching.glossary import meaning
from flowercore.teaching.pictures import jpeg, marked
from ui.chapters.chapter import Chapter, TryIt
from ui.chapters.photo import ChosenPhoto, choose_photo, chosen_photo
from ui.chapters.shown import SIZE, as_shown
from ui.guard import in_words
from ui.pages import PREDICT
from ui.preparation import preparation_progress

_MOST, _COLUMNS, _TILE = 24, 6, 96
_MOSAIC_HEIGHT, _COLUMN_WIDTH, _SLIDER_WIDTH = 290, 330, 125
# So that an upright photo fits beside the maps; pixels.
_HEIGHT = 440
_OPACITY = "maps_opacity"
_FRESH = "maps_fresh"

# By the depth's name: what it is called, and what its cells can tell.
_WORDS = {
    "depth_stem": (
        "First layer",
        "Edges of one direction, and light or one colour: more does not fit into so few pixels.",
    ),
    "depth_block2b": (
        "Block 2",
        "Lines and borders, each channel its own direction and width.",
    ),
    "depth_block3b": (
        "Block 3",
        "Patterns and curves: what edges make together, such as the rim of a flower.",
    ),
    "depth_block4c": (
        "Block 4",
        "Parts: few cells answer, where several patterns meet as they do in some part of a thing.",
    ),
    "depth_head": (
        "Last layer",
        "Whole things. The mean of each map is one of the features that a head learns from.",
    ),
}


def _show() -> None:
    if not runtime.ready(registry.DEFAULT):
        choose_photo()
        st.markdown("The network is made ready for this machine first; then its maps appear here.")
        preparation_progress()
        return
    _chapter()


# What is moved here is drawn anew without the rest of the page.
@st.fragment
def _chapter() -> None:
    photo = chosen_photo()
    with in_words():
        grid = st.grid(2, min_column_width=_COLUMN_WIDTH, gap="large")
        left, right = grid.cell(), grid.cell()
        looked = depths(registry.DEFAULT)
        place = left.radio(
            "Depth",
            range(len(looked)),
            format_func=lambda one: _WORDS[looked[one].name][0],
            horizontal=True,
            key="maps_depth",
            help=meaning("feature map"),
            persist_state="session",
        )
        depth = looked[place]
        maps = runtime.depth_maps(registry.DEFAULT, as_shown(photo))[depth.name]
        # Of another photo other channels are lively.
        of = f"{depth.name}_{hashlib.sha256(photo.picture).hexdigest()[:8]}"
        with left:
            channel = _channels(photo, depth, maps, of)
            choose_photo()
        with right:
            _channel(photo, depth, maps, channel, of)


def _channels(photo: ChosenPhoto, depth: Depth, maps: np.ndarray, of: str) -> int:
    """Show the liveliest channels; return the chosen one, from 0 on."""
    lively = feature_maps.liveliest(maps, _MOST)
    key, chart = f"maps_channel_{of}", f"maps_mosaic_{of}"
    if key not in st.session_state:
        st.session_state[key] = lively[0] + 1

    def follow() -> None:
        points = st.session_state[chart]["selection"]["points"]
        if points:
            st.session_state[key] = lively[int(points[0]["customdata"])] + 1
            _afresh()

    chosen = _bounded(st.session_state[key], depth.channels)
    name, tells = _WORDS[depth.name]
    slot = st.container()
    st.number_input(
        "Channel",
        1,
        depth.channels,
        key=key,
        on_change=_afresh,
        help=f"{meaning('channel')} Any can be chosen, also those that are not above. Nobody gave "
        "them a meaning: look at what they answer to.",
        persist_state="session",
    )
    with slot:
        st.plotly_chart(
            mosaic(
                feature_maps.tiles(maps, lively, _TILE),
                [
                    escape(f"Channel {one + 1}: at most {_told(maps[:, :, one].max())}")
                    for one in lively
                ],
                lively.index(chosen) if chosen in lively else None,
                columns=_COLUMNS,
                height=_MOSAIC_HEIGHT,
            ),
            key=chart,
            on_select=follow,
            selection_mode="points",
            config=figures.CONFIG,
            alt=f"Feature maps of the {photo.alt}, {name.lower()}: the {_MOST} of "
            f"{depth.channels:,} channels that vary most; the box below chooses one without a "
            "mouse",
        )
        st.caption(
            f"The {_MOST} of {depth.channels:,} channels that vary most over the photo, each of "
            f"{depth.side} × {depth.side} cells. Dark blue is 0, pale yellow "
            f"{_told(feature_maps.ceiling(maps))}. "
            f"{tells}"
        )
    return chosen


def _channel(photo: ChosenPhoto, depth: Depth, maps: np.ndarray, channel: int, of: str) -> None:
    """Show one channel large over the photo, with what a cell of it can have seen."""
    values = maps[:, :, channel]
    best = feature_maps.strongest(values)
    slot = st.container()
    cell = _cell(depth, best, of)
    field = feature_maps.field(depth, cell)
    with slot:
        _picture(photo, maps, channel, field)
    st.caption(_said(depth, values, cell, best, field), help=meaning("receptive field"))


def _cell(depth: Depth, best: tuple[int, int], of: str) -> tuple[int, int]:
    keys = (f"maps_row_{of}", f"maps_column_{of}")
    # Only then: set anew in each run, they would jump back under quick keys.
    if st.session_state.pop(_FRESH, False) or not all(key in st.session_state for key in keys):
        for key, place in zip(keys, best, strict=True):
            st.session_state[key] = place + 1
    st.session_state.setdefault(_OPACITY, 60)
    with st.grid(3, min_column_width=_SLIDER_WIDTH, gap="medium"):
        column, row = (
            st.slider(f"Cell from the {side}", 1, depth.side, key=key, persist_state="session")
            for side, key in (("left", keys[1]), ("top", keys[0]))
        )
        st.slider(
            "Strength of the map",
            0,
            100,
            step=10,
            format="%d %%",
            key=_OPACITY,
            persist_state="session",
        )
    if (row - 1, column - 1) != best:
        st.button(
            "To the strongest cell",
            icon=":material/my_location:",
            type="tertiary",
            key="maps_strongest",
            on_click=_afresh,
        )
    return _bounded(row, depth.side), _bounded(column, depth.side)


def _afresh() -> None:
    st.session_state[_FRESH] = True


def _bounded(number: int | None, most: int) -> int:
    """Return a place from 0 on for a number from 1 on; a browser may send any, or none."""
    return min(max(int(number or 1), 1), most) - 1


def _picture(photo: ChosenPhoto, maps: np.ndarray, channel: int, field: Field) -> None:
    heat = feature_maps.scaled(maps[:, :, channel], feature_maps.ceiling(maps))
    opacity = st.session_state[_OPACITY] / 100
    laid = Image.open(io.BytesIO(overlay(photo.picture, heat, squeezed=False, opacity=opacity)))
    ratio = laid.width / laid.height
    width: int | Literal["stretch"] = max(1, round(_HEIGHT * ratio)) if ratio < 1 else "stretch"
    st.image(
        jpeg(marked(laid, field.on(*laid.size))),
        width=width,
        alt=f"The {photo.alt} under the map of channel {channel + 1}, with the receptive field of "
        "the chosen cell framed",
    )


def _said(
    depth: Depth,
    values: np.ndarray,
    cell: tuple[int, int],
    best: tuple[int, int],
    field: Field,
) -> str:
    row, column = cell
    alike = int((values == values[best]).sum())
    of = f"one of {alike:,} strongest cells" if alike > 1 else "the strongest cell"
    here = f"The cell in row {row + 1}, column {column + 1} is {_told(values[cell])}"
    if not values.any():
        here = "This channel finds nothing in this photo: all its cells are 0"
    elif values[cell] == values[best]:
        here += f", {of}"
    else:
        here += f"; {of}, {_told(values[best])}, is in row {best[0] + 1}, column {best[1] + 1}"
    size = f"{field.extent} × {field.extent} pixels"
    seen = (
        f"A cell sees {size} of {SIZE} × {SIZE}: those in the frame."
        if field.extent < SIZE
        else f"A cell could see {size}, more than the photo has: the middle counts most."
    )
    return f"{here}. {seen}"


def _told(value: float) -> str:
    return f"{value:.1f}"


FEATURE_MAPS = Chapter(
    short="Feature maps",
    title="What a ConvNet sees",
    lead="Layer upon layer of convolutions, each on the maps of the one before: the cells become "
    "fewer, each sees more of the photo, and what they answer to grows from edges to parts and "
    "whole things. These are the maps of EfficientNet-Lite0 for this very photo.",
    show=_show,
    try_it=TryIt(PREDICT, "See which places speak for an answer"),
)
