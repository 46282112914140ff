"""One photo large: what a run says of it, and where it saw that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

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
from ui.map_choice import map_choices, map_meaning
from ui.words import many, percent, plain

_BARS = 12
# So that an upright photo fits into a window; pixels.
_HEIGHT = 640


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
    why_dialog(run, data, photos, key)


@st.dialog("A closer look", width="large", icon=":material/zoom_in:")
def why_dialog(run: Run, data: Dataset, photos: Sequence[JudgedPhoto], key: str) -> None:
    """Show one photo large with its probabilities and its map; its neighbours are one click away.

    Args:
        run: The run that judged them.
        data: Where they come from.
        photos: The photos, through which one can leaf.
        key: Tells these photos from others; ``<key>_large`` in the session says which photo.
    """
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
        _bars(one, key)
        shown_class, opacity = map_choices(_classes(one), key, one.photo.key)
        meaning = st.empty()
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
        said = _picture(run, data, one, shown_class, opacity)
    meaning.caption(said)


def _said(one: JudgedPhoto) -> str:
    return f"{one.predicted}, {percent(one.probability, 0)}"


def _bars(one: JudgedPhoto, key: str) -> None:
    own = one.probabilities.get(one.label, 0.0)
    shown, rest = bars(one.probabilities, one.label)
    st.plotly_chart(
        figures.probability_bars(shown),
        key=f"{key}_bars",
        config=figures.CONFIG,
        alt=f"Probability of {'each' if not rest else 'the most probable'} class: {one.predicted} "
        f"first with {percent(one.probability, 0)}, its label {one.label} {percent(own, 0)}",
    )
    if rest:
        st.caption(rest)


def bars(probabilities: Mapping[str, float], label: str) -> tuple[dict[str, float], str]:
    """Return the bars that are drawn of a photo's probabilities, and a sentence on all others.

    Args:
        probabilities: By class.
        label: The true class; it is always among the bars, and marked.
    """
    order = sorted(probabilities, key=lambda name: -probabilities[name])
    first = order[:_BARS]
    if label not in first:
        first[-1] = label
    shown = {f"{one} (its label)" if one == label else one: probabilities[one] for one in first}
    left = len(order) - len(first)
    if not left:
        return shown, ""
    share = max(0.0, 1 - sum(shown.values()))
    return shown, f"{many(left, 'other class', 'other classes')}: {percent(share)} together."


def _classes(one: JudgedPhoto) -> list[str]:
    rest = sorted(one.probabilities, key=lambda name: -one.probabilities[name])
    order = dict.fromkeys((one.predicted, one.label, *rest))
    return [name for name in order if name in one.probabilities]


def _picture(run: Run, data: Dataset, one: JudgedPhoto, name: str, opacity: float) -> str:
    """Draw the photo with its map, or say what is wrong; return what the map means."""
    path = data.path(one.photo)
    ratio = one.photo.width / one.photo.height
    width: int | Literal["stretch"] = max(1, round(_HEIGHT * ratio)) if ratio < 1 else "stretch"
    alt = f"{one.label}, photo {file_name(one.photo)}, large"
    try:
        large = loaders.large(path, one.photo.sha256)
    except FlowercoreError as error:
        show_error(error)
        return ""
    try:
        found = _explained(run.id, data, one)
        laid = overlay(large, found.heat(name), squeezed=found.squeezed, opacity=opacity)
    except FlowercoreError as error:
        st.image(large, width=width, alt=alt)
        show_error(error)
        return ""
    st.image(laid, width=width, alt=f"{alt}, with a map of what speaks for {name}")
    if not opacity:
        return "The photo alone."
    return map_meaning(
        found,
        name,
        square=one.photo.width == one.photo.height,
        mirrored=bool(run.config.get("flip_average")),
    )


def _explained(run_id: str, data: Dataset, one: JudgedPhoto) -> Explanation:
    return _explanation(run_id, one.photo.sha256, one.photo.key, data)


@st.cache_resource(ttl="1h", max_entries=200, show_spinner=False)
def _explanation(run_id: str, sha256: str, key: str, _data: Dataset) -> Explanation:
    return explain(loaders.predictor(run_id), key, read_photo_bytes(_data.path(key)))
