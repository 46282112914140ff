"""The chapter on convolution: a kernel over the photo, and one place of it in numbers."""

from __future__ import annotations

import numpy as np
import streamlit as st

from flowercore import figures
from flowercore.convolution_chart import number, products
from flowercore.teaching.convolution import Axis, Padding, Window, axis
from flowercore.teaching.filtering import Filtering, by_hand, by_network
from flowercore.teaching.glossary import meaning
from flowercore.teaching.pictures import Box, enlarged, jpeg, marked, scaled
from ui.chapters import kernel_choice
from ui.chapters.chapter import Chapter, TryIt
from ui.chapters.photo import ChosenPhoto, choose_photo, chosen_photo
from ui.chapters.shown import SIZE, as_shown
from ui.guard import in_words
from ui.pages import TRAIN
from ui.words import many

_SCALE = 3
_COLUMN_WIDTH = 285  # for three fields of the kernel beside each other
_SLIDER_WIDTH = 130
_PADDINGS: dict[Padding, str] = {
    "same": "same: zeros around",
    "valid": "valid: none",
}
_COLORS = ("red", "green", "blue")


# What is moved here is drawn anew without the rest of the page.
@st.fragment
def _show() -> None:
    photo = chosen_photo()
    with in_words():
        pixels = as_shown(photo)
        grid = st.grid(3, min_column_width=_COLUMN_WIDTH, gap="medium")
        left, middle, right = (grid.cell() for _ in range(3))
        with middle:
            chosen = kernel_choice.choose()
            stride, padding = _movement()
        done = (
            by_network(pixels, chosen, stride, padding)
            if isinstance(chosen, int)
            else by_hand(pixels, chosen, stride, padding)
        )
        below = st.container()
        with below:
            place = _worked(done)
        with left:
            _picture(photo, done, place)
            choose_photo()
        with right:
            _result(photo, done, place)


def _movement() -> tuple[int, Padding]:
    one, other = st.columns(2, gap="small")
    stride = one.radio(
        "Stride",
        [1, 2, 3],
        horizontal=True,
        key="convolution_stride",
        help=meaning("stride"),
        persist_state="session",
    )
    padding = other.radio(
        "Padding",
        list(_PADDINGS),
        format_func=_PADDINGS.__getitem__,
        key="convolution_padding",
        help=meaning("padding"),
        persist_state="session",
    )
    return stride, padding


def formula(side: Axis) -> str:
    """Return how the size of the result comes about, as Markdown with the numbers filled in."""
    zeros = side.before + side.after
    return (
        rf"$\left\lfloor\tfrac{{{side.size} + {zeros} - {side.kernel}}}{{{side.stride}}}"
        rf"\right\rfloor + 1 = {side.places}$"
    )


def _worked(done: Filtering) -> Window:
    """Show one place in numbers; return which."""
    with st.container(border=True):
        grid = st.grid(2, min_column_width=_COLUMN_WIDTH, gap="large", vertical_alignment="center")
        choice, numbers = grid.cell(), grid.cell()
        with choice:
            st.markdown("**One place in numbers**")
            with st.grid(2, min_column_width=_SLIDER_WIDTH, gap="small"):
                column = _place("From the left", "convolution_column")
                row = _place("From the top", "convolution_row")
        window = done.window((row, column))
        with numbers:
            channel = 0
            if done.channels > 1:
                channel = st.radio(
                    "Colour",
                    range(done.channels),
                    format_func=lambda one: _COLORS[one].capitalize(),
                    horizontal=True,
                    key="convolution_channel",
                    help="A filter of the network has nine weights for each of the three colours.",
                    persist_state="session",
                )
            values, weights = window.values[:, :, channel], done.weights[:, :, channel]
            st.plotly_chart(
                products(values, weights, window.inside, done.seen(values)),
                key="convolution_products",
                config=figures.CONFIG,
                alt=f"Nine pixels, nine weights and their products: {_rows(values)} times "
                f"{_rows(weights)} is {_rows(values * weights)}",
            )
            st.markdown(_sum(done, window), help=meaning("ReLU6") if done.relu else None)
    return window


def _place(label: str, key: str) -> int:
    if key not in st.session_state:
        # Only then: set anew in each run, it would jump back under quick keys.
        st.session_state[key] = SIZE // 2
    return st.slider(label, 1, SIZE, key=key, format="pixel %d", persist_state="session") - 1


def _rows(values: np.ndarray) -> str:
    return "; ".join(" ".join(number(float(one)) for one in row) for row in values)


def _sum(done: Filtering, window: Window) -> str:
    where = f"the result in row {window.row + 1}, column {window.column + 1}"
    outside = int((~window.inside).sum())
    padded = (
        f" {many(outside, 'pixel lies', 'pixels lie')} outside the photo and count as 0."
        if outside
        else ""
    )
    if done.channels == 1:
        return f"The nine products add up to **{number(window.total)}**: {where}.{padded}"
    parts = window.products.sum(axis=(0, 1))
    added = " + ".join(
        f"{color} {number(float(part))}" for color, part in zip(_COLORS, parts, strict=True)
    )
    before = window.total + done.bias
    return (
        f"{added} + bias {number(done.bias)} = {number(before)}. ReLU6 keeps what lies between 0 "
        f"and 6: **{number(done.activated(before))}** is {where}.{padded}"
    )


def _picture(photo: ChosenPhoto, done: Filtering, place: Window) -> None:
    box = (place.left, place.top, place.left + 3, place.top + 3)
    st.image(
        _marked(done.picture, box),
        width="stretch",
        alt=f"The {photo.alt}, {SIZE} by {SIZE} pixels, with the place of the kernel framed",
    )
    numbers = (
        "pixels, 0 black to 255 white."
        if done.channels == 1
        else "pixels of red, green, blue: −1 to 1."
    )
    st.caption(
        f"{SIZE} × {SIZE} {numbers}",
        help="The photo as the network gets it: squeezed to a square. For a kernel of your own its "
        "colours become one grey; a filter of the network looks at all three, scaled to between "
        "−1 and 1.",
    )


def _result(photo: ChosenPhoto, done: Filtering, place: Window) -> None:
    height, width = done.result.shape
    box = (place.column, place.row, place.column + 1, place.row + 1)
    # As large as it is beside the photo: a stride of 2 halves it.
    spot = st.container()
    if done.stride > 1:
        spot = st.columns([width, SIZE - width], gap=None, wrap=False)[0]
    spot.image(
        _marked(done.drawn, box),
        width="stretch",
        alt=f"The {photo.alt} after the convolution, {width} by {height} places, with the same "
        "place framed",
    )
    st.caption(f"The result: {width} × {height} places. {_tones(done)}")
    st.markdown(
        formula(axis(SIZE, done.weights.shape[0], done.stride, done.padding)),
        help="Places across and down: the photo's size, plus the rows of zeros around it, minus "
        "the kernel's size; divided by the stride and rounded down; plus one.",
    )


def _marked(pixels: np.ndarray, box: Box) -> bytes:
    return jpeg(marked(enlarged(pixels, _SCALE), scaled(box, _SCALE), hairs=True))


def _tones(done: Filtering) -> str:
    tones = done.tones
    if tones.signed:
        return (
            f"Grey is 0, white is {number(tones.white)} and more, black {number(tones.black)} and "
            "less."
        )
    most = "" if done.relu else " and more"
    return f"Black is {number(tones.black)}, white is {number(tones.white)}{most}."


CONVOLUTION = Chapter(
    short="Convolution",
    title="What a convolution does",
    lead="It slides a small square of weights, the **kernel**, over the photo. At each place it "
    "multiplies the nine pixels below with the nine weights and adds up. The weights alone decide "
    "what comes out: edges, a blur, or what a network has found useful to look for.",
    show=_show,
    try_it=TryIt(
        TRAIN,
        "Let a small network learn filters of its own",
        {"backbone": "Small ConvNet from scratch", "fine_tune": "true", "from": "conv1"},
    ),
)
