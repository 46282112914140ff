"""Answers on the page: a single one large, a few as cards, each with what speaks for it."""

from __future__ import annotations

import io
from collections.abc import Sequence

import streamlit as st
from PIL import Image
from streamlit.delta_generator import DeltaGenerator

from flowercore import figures
from flowercore.data.names import shown
from flowercore.prediction.heat import overlay
from flowercore.prediction.predictor import Prediction, PredictionFailure
from flowercore.prediction.verdict import verdict
from ui import answers, what_if
from ui.answers import Answer
from ui.guard import in_words
from ui.keep_photo import keep_photo
from ui.looks_like import looks_like
from ui.map_choice import map_choices, map_meaning
from ui.novelty_view import how_it_knows
from ui.second_opinion import second_opinion
from ui.threshold import threshold
from ui.words import many, percent, plain

_PHOTO, _MAP, _COVER = "Photo", "What speaks for it", "Cover a part"


def show_answers(given: Sequence[Answer]) -> None:
    """Show answers: a single one large, several as cards.

    Args:
        given: At least one.
    """
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.caption(f"Answered by {plain(given[0].run)}")
        st.button("Clear", icon=":material/close:", type="tertiary", on_click=answers.clear)
    failed = [one.outcome for one in given if isinstance(one.outcome, PredictionFailure)]
    for failure in failed:
        st.error(plain(failure.error), title=plain(shown(failure.photo)), icon=":material/error:")
    good = [one for one in given if isinstance(one.outcome, Prediction)]
    if len(good) == 1:
        _large(good[0], alone=True)
        _more(good[0])
    elif good:
        with in_words():
            second_opinion(good)
        _cards(good)


def _cards(given: Sequence[Answer]) -> None:
    with st.grid(2, min_column_width=400):
        for answer in given:
            with st.container(border=True, height="stretch"):
                photo, words = st.columns([2, 3])
                with photo:
                    _picture(answer)
                with words:
                    _verdict(answer, "card")
                    if st.button("Why?", icon=":material/help:", key=f"why_{answer.key}"):
                        _closer(answer)


@st.dialog("A closer look", width="large", icon=":material/zoom_in:")
def _closer(answer: Answer) -> None:
    _large(answer, alone=False)
    _more(answer)


# What is moved here is drawn anew without the rest of the page.
@st.fragment
def _large(answer: Answer, *, alone: bool) -> None:
    photo, words = st.columns([1, 1], gap="large")
    with photo:
        look = st.radio(
            "Look at",
            [_PHOTO, _MAP, _COVER] if answer.explanation else [_PHOTO, _COVER],
            horizontal=True,
            key=f"look_{answer.key}",
            label_visibility="collapsed",
        )
        slot = st.container()
        if look == _MAP:
            _map(answer, slot)
        elif look == _COVER:
            part = what_if.choose_part(answer.key)
            with slot:
                what_if.show_covered(answer.preview or b"", answer.outcome.photo, part)
        else:
            with slot:
                _picture(answer)
    with words, in_words():
        if look == _COVER:
            what_if.show_change(answer.preview or b"", answer.run_id, part, answer.key)
        else:
            _verdict(answer, "large")
            if alone:  # else it stands above all of them
                second_opinion([answer])
            _how(answer)


def _map(answer: Answer, slot: DeltaGenerator) -> None:
    """Show the photo with its map above the widgets that choose the map."""
    found, outcome = answer.explanation, answer.outcome
    if found is None or answer.preview is None or not isinstance(outcome, Prediction):
        return
    names = sorted(found.classes, key=lambda name: -outcome.probabilities[name])
    name, opacity = map_choices(names, "answer", answer.key)
    heat = found.heat(name)
    slot.image(
        overlay(answer.preview, heat, squeezed=found.squeezed, opacity=opacity),
        width="stretch",
        alt=f"The photo {shown(outcome.photo)}, with a map of what speaks for {name}",
    )
    width, height = Image.open(io.BytesIO(answer.preview)).size
    meaning = map_meaning(found, name, square=width == height, mirrored=answer.mirrored)
    st.caption(meaning if opacity else "The photo alone.")


def _more(answer: Answer) -> None:
    outcome = answer.outcome
    if answer.preview is None or not isinstance(outcome, Prediction):
        return
    with in_words():
        looks_like(answer.run_id, outcome.photo, answer.preview, novel=bool(outcome.novel))
    keep_photo(answer.preview, outcome, answer.key)


def _picture(answer: Answer) -> None:
    if answer.preview is not None:
        st.image(
            answer.preview,
            width="stretch",
            alt=f"The photo {shown(answer.outcome.photo)}, upright",
        )


def _verdict(answer: Answer, where: str) -> None:
    outcome = answer.outcome
    if not isinstance(outcome, Prediction):
        return
    novel = bool(outcome.novel)
    st.subheader(plain(verdict(outcome.probabilities, threshold(), novel=novel)), anchor=False)
    if answer.truth is not None:
        right = answer.truth == outcome.label and not novel
        st.markdown(
            f":green[:material/check_circle:] Right: it lies in the folder {plain(answer.truth)}."
            if right
            else f":orange[:material/cancel:] It lies in the folder {plain(answer.truth)}."
        )
    if novel:
        st.caption("If it were one of them:")
    best = outcome.probabilities[outcome.label]
    st.plotly_chart(
        figures.probability_bars(outcome.probabilities, secondary=novel),
        key=f"bars_{where}_{answer.key}",
        config={"displayModeBar": False},
        alt=f"Probability of each of {many(len(outcome.probabilities), 'class', 'classes')}: "
        f"{outcome.label} first with {percent(best, 0)}",
    )
    calibrated = " · calibrated" if outcome.calibrated else ""
    st.caption(f"{plain(shown(outcome.photo))} · {outcome.seconds * 1000:.0f} ms{calibrated}")


def _how(answer: Answer) -> None:
    outcome = answer.outcome
    if isinstance(outcome, Prediction) and outcome.novel is not None and answer.limit is not None:
        how_it_knows(outcome, answer.limit, answer.run_id)
