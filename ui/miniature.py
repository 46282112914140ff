"""The whole idea on one picture: what it shows, where that was seen, how sure the model is."""

from __future__ import annotations

import math
from dataclasses import dataclass

import streamlit as st

from flowercore import figures
from flowercore.data import catalog
from flowercore.data.dataset import Dataset, Photo
from flowercore.data.photo import read_photo_bytes
from flowercore.prediction.explain import Explanation, explain
from flowercore.prediction.heat import overlay
from flowercore.prediction.predictor import Prediction, PredictionFailure
from flowercore.runs import starter
from flowercore.teaching.glossary import meaning
from ui import loaders
from ui.gallery import file_name
from ui.guard import in_words
from ui.pages import LEARN
from ui.words import percent, plain

_FLOWER, _DRAW = "miniature_flower", "miniature_draw"
_OPACITY = 0.6


def miniature() -> None:
    """Let the starter judge a painted flower, here and now; nothing while it is not ready."""
    garden = next((one for one in catalog.entries() if one.name == catalog.GARDEN), None)
    if garden is None or not starter.available():
        return
    with in_words():
        data = loaders.dataset(garden)
        if data.photos:
            _live(data)


# Choosing another flower draws nothing else anew.
@st.fragment
def _live(data: Dataset) -> None:
    with st.container(border=True), in_words():
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            label = st.radio(
                "Show it a painted",
                data.classes,
                horizontal=True,
                key=_FLOWER,
                format_func=plain,
            )
            st.button("Another one", icon=":material/shuffle:", type="tertiary", on_click=_next)
        photos = sorted((one for one in data.photos if one.label == label), key=_far_from_square)
        photo = photos[st.session_state.get(_DRAW, 0) % len(photos)]
        _answered(data, photo)


def _far_from_square(photo: Photo) -> float:
    # A picture that is as high as wide is seen whole beside its map.
    return abs(math.log(photo.width / photo.height))


def _next() -> None:
    st.session_state[_DRAW] = st.session_state.get(_DRAW, 0) + 1


def _answered(data: Dataset, photo: Photo) -> None:
    found = _judged(photo.sha256, photo.key, data)
    if isinstance(found, PredictionFailure):
        st.error(plain(found.error), icon=":material/error:")
        return
    outcome, picture = found.outcome, loaders.large(data.path(photo), photo.sha256)
    pictures, said = st.columns([2, 1], gap="medium")
    # A grid: side by side on a phone as well.
    with pictures, st.grid(2, min_column_width=120, gap="small"):
        with st.container(gap="xsmall"):
            alt = f"{photo.label}, {data.origin}, {file_name(photo)}"
            st.image(picture, width="stretch", alt=alt)
            st.caption("What it is shown")
        with st.container(gap="xsmall"):
            heat = found.explanation.heat(outcome.label)
            squeezed = found.explanation.squeezed
            st.image(
                overlay(picture, heat, squeezed=squeezed, opacity=_OPACITY),
                width="stretch",
                alt=f"The same picture, with a map of what speaks for {outcome.label}",
            )
            st.caption(
                f"Pale yellow: what speaks for {plain(outcome.label)}",
                help=meaning("class activation map"),
            )
    with said:
        st.subheader(plain(outcome.verdict), anchor=False)
        st.plotly_chart(
            figures.probability_bars(outcome.probabilities, secondary=bool(outcome.novel)),
            key="miniature_bars",
            config=figures.CONFIG,
            alt=f"Probability of each class: {outcome.label} first with "
            f"{percent(outcome.probabilities[outcome.label], 0)}",
        )
        st.caption(
            f"Computed here in {outcome.seconds * 1000:.0f} ms, by a model that has seen real "
            "photos only."
        )
        st.page_link(LEARN.file, label="How does it do that?", icon=LEARN.icon)


@dataclass(frozen=True, eq=False)
class _Found:
    outcome: Prediction
    explanation: Explanation


# One picture a visitor looks at again costs nothing; the time that is told is the first one's.
@st.cache_resource(ttl="1h", max_entries=30, show_spinner=False)
def _judged(sha256: str, key: str, _data: Dataset) -> _Found | PredictionFailure:
    predictor = loaders.predictor(starter.NAME)
    content = read_photo_bytes(_data.path(key))
    (outcome,) = predictor.predict([(key, content)])
    if isinstance(outcome, PredictionFailure):
        return outcome
    return _Found(outcome, explain(predictor, key, content))
