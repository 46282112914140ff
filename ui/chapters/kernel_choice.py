"""Choosing a kernel: a known one, one of the visitor's own, or a filter of the real network."""

from __future__ import annotations

import math

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from flowercore import figures
from flowercore.backbones.first_filters import first_filters
from flowercore.mosaic_chart import mosaic
from flowercore.teaching.glossary import meaning
from flowercore.teaching.kernels import KERNELS
from flowercore.teaching.pictures import filter_tiles
from ui.words import many

_KIND, _FILTER, _MOSAIC = "convolution_kernel", "convolution_filter", "convolution_filters"
_OWN, _NETWORK = "own", "network"
_TITLES = {
    _NETWORK: "A filter of the real network",
    **{name: one.title for name, one in KERNELS.items()},
    _OWN: "Your own",
}
_LARGEST = 100.0
_COLUMNS = 8
_FIELD_WIDTH = 92  # three beside each other in a third of a page
_TILE = 48


def choose() -> np.ndarray | int:
    """Let the visitor choose.

    Returns:
        Weights of shape (3, 3), or the number of a filter of the network, from 0 on.

    Raises:
        WeightsError: If the network's file is missing or not the expected one.
    """
    kind = st.selectbox(
        "Kernel",
        list(_TITLES),
        index=1,
        format_func=_TITLES.__getitem__,
        key=_KIND,
        help=f"{meaning('kernel')} A network lays it on as it is; what mathematicians call a "
        "convolution turns it round first.",
        on_change=_fill,
        persist_state="session",
    )
    if kind == _NETWORK:
        return _filter()
    weights = _weights()
    st.caption(
        KERNELS[kind].meaning
        if kind in KERNELS
        else "Weights of your own: change any of them. If they add up to 0, plain areas vanish."
    )
    return weights


def _cells() -> dict[tuple[int, int], str]:
    return {(row, column): f"convolution_{row}{column}" for row in range(3) for column in range(3)}


def _weights() -> np.ndarray:
    usual = next(iter(KERNELS.values())).weights
    found = np.zeros((3, 3))
    for row in range(3):
        with st.container(horizontal=True, gap="xsmall"):
            for column in range(3):
                key = _cells()[row, column]
                if key not in st.session_state:
                    st.session_state[key] = float(usual[row][column])
                value = st.number_input(
                    f"Weight in row {row + 1}, column {column + 1}",
                    step=1.0,
                    format="%.4g",
                    key=key,
                    on_change=_edited,
                    label_visibility="collapsed",
                    persist_state="session",
                    width=_FIELD_WIDTH,
                )
                found[row, column] = _bounded(value)
    return found


def _bounded(value: float | None) -> float:
    # A browser may send anything, and a number without bounds has no tones.
    if value is None or not math.isfinite(value):
        return 0.0
    return min(max(value, -_LARGEST), _LARGEST)


def _fill() -> None:
    kernel = KERNELS.get(st.session_state[_KIND])
    if kernel is not None:
        for (row, column), key in _cells().items():
            st.session_state[key] = float(kernel.weights[row][column])


def _edited() -> None:
    st.session_state[_KIND] = _OWN


def _filter() -> int:
    count = len(first_filters())
    chosen = st.selectbox(
        "Filter",
        range(count),
        format_func=lambda place: f"Filter {place + 1} of {count}",
        key=_FILTER,
        help=meaning("filter"),
        persist_state="session",
    )

    def follow() -> None:
        points = st.session_state[_MOSAIC]["selection"]["points"]
        if points:
            st.session_state[_FILTER] = int(points[0]["customdata"])

    st.plotly_chart(
        _mosaic(chosen),
        key=_MOSAIC,
        on_select=follow,
        selection_mode="points",
        config=figures.CONFIG,
        alt=f"The {many(count, 'filter')} of the first layer as small colour pictures of 3 by 3 "
        f"weights, filter {chosen + 1} framed; the box above chooses one without a mouse",
    )
    st.caption(
        "Nobody thought these up: training on ImageNet made them. Each has 3 × 3 weights for each "
        "colour; grey is 0. The network uses stride 2 and padding same."
    )
    return chosen


@st.cache_resource(max_entries=40, show_spinner=False)
def _mosaic(chosen: int) -> go.Figure:
    tiles = filter_tiles(first_filters().weights, _TILE)
    return mosaic(
        tiles,
        [f"Filter {place + 1}" for place in range(len(tiles))],
        chosen,
        columns=_COLUMNS,
        height=160,
    )
