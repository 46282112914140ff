"""One photo large: what a run says of it, and where it saw that."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from flowercore import figures
from flowercore.data.dataset import Dataset
from flowercore.data.photo import read_photo_bytes
from flowercore.errors import FlowercoreError
from flowercore.prediction.explain import Explanation, explain
from flowercore.prediction.heat import overlay
from flowercore.runs.store import Run
from ui import loaders
from ui.guard import show_error
from ui.judged_photo import JudgedPhoto
from ui.look_closer import file_name
from ui.words import percent, plain

_OPACITY = "map_opacity"


def open_judged(
    run: Run, data: Dataset, photos: Sequence[JudgedPhoto], index: int, key: str
) -> None:
    """Open one of some photos large.

    Args:
        run: The run that judged them.
        data: Where they come from.
        photos: The photos, through which one can leaf.
        index: Which of them.
        key: Tells these photos from others.
    """
    st.session_state[f"{key}_large"] = index
    _why(run, data, photos, key)


@st.dialog("A closer look", width="large", icon=":material/zoom_in:")
def _why(run: Run, data: Dataset, photos: Sequence[JudgedPhoto], key: str) -> None:
    place = f"{key}_large"

    def step(by: int) -> None:
        st.session_state[place] = (st.session_state[place] + by) % len(photos)

    one = photos[st.session_state[place]]
    picture, words = st.columns([3, 2], gap="medium")
    with words:
        st.subheader(plain(_said(one)), anchor=False)
        right = one.predicted == one.label
        st.markdown(
            f":green[:material/check_circle:] Right: it is {plain(one.label)}."
            if right
            else f":orange[:material/cancel:] Its label is **{plain(one.label)}**."
        )
        st.plotly_chart(
            figures.probability_bars(one.probabilities),
            key=f"{key}_bars",
            config=figures.CONFIG,
            alt=f"Probability of each class: {one.predicted} first with "
            f"{percent(one.probability, 0)}, {one.label} {percent(_own(one), 0)}",
        )
        shown_class, opacity = _map_choices(one, key)
        st.caption(plain(file_name(one.photo)))
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
    with picture:
        _picture(run, data, one, shown_class, opacity)


def _said(one: JudgedPhoto) -> str:
    return f"{one.predicted}, {percent(one.probability, 0)}"


def _own(one: JudgedPhoto) -> float:
    return one.probabilities.get(one.label, 0.0)


def _map_choices(one: JudgedPhoto, key: str) -> tuple[str, float]:
    rest = sorted(one.probabilities, key=lambda name: -one.probabilities[name])
    order = list(dict.fromkeys((one.predicted, one.label, *rest)))
    chosen = st.selectbox(
        "What speaks for",
        [name for name in order if name in one.probabilities],
        key=f"{key}_class_{one.photo.key}",
        help="The class activation map: light places speak for this class and against the others. "
        "Each place's share in the answer is exact, not guessed.",
    )
    # Widgets are forgotten with the photo; how strong the map shall be is not.
    widget = f"{key}_opacity"
    st.session_state[widget] = st.session_state.get(_OPACITY, 50)

    def follow() -> None:
        st.session_state[_OPACITY] = st.session_state[widget]

    opacity = st.slider(
        "Strength of the map", 0, 100, step=10, format="%d %%", key=widget, on_change=follow
    )
    return chosen, opacity / 100


def _picture(run: Run, data: Dataset, one: JudgedPhoto, name: str, opacity: float) -> None:
    path = data.path(one.photo)
    alt = f"{one.label}, photo {file_name(one.photo)}, large"
    try:
        large = loaders.large(path, one.photo.sha256)
    except FlowercoreError as error:
        show_error(error)
        return
    try:
        found = _explained(run.id, data, one)
        laid = overlay(large, found.heat(name), squeezed=found.squeezed, opacity=opacity)
    except FlowercoreError as error:
        st.image(large, width="stretch", alt=alt)
        show_error(error)
        return
    st.image(laid, width="stretch", alt=f"{alt}, with a map of what speaks for {name}")
    outside = "" if found.squeezed else " The dark rim was not shown to the network."
    st.caption(
        f"Light: speaks for {plain(name)} and against the others. Dark: does not.{outside}"
        if opacity
        else "The photo alone."
    )


def _explained(run_id: str, data: Dataset, one: JudgedPhoto) -> Explanation:
    return _explanation(run_id, one.photo.sha256, one.photo.key, data)


@st.cache_resource(ttl="1h", max_entries=200, show_spinner=False)
def _explanation(run_id: str, sha256: str, key: str, _data: Dataset) -> Explanation:
    return explain(loaders.predictor(run_id), key, read_photo_bytes(_data.path(key)))
