"""Asking a run about photos, and showing what it says."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from flowercore import figures
from flowercore.data.names import shown
from flowercore.data.photo import thumbnail
from flowercore.prediction.predictor import Prediction, PredictionFailure
from flowercore.prediction.verdict import verdict
from ui import loaders
from ui.threshold import threshold
from ui.words import many, percent, plain

_ANSWERS = "answers"
_PREVIEW_SIDE = 720
_AT_ONCE = 16
_PAGE_SIZE = 12


@dataclass(frozen=True)
class Answer:
    """What a run said of one photo.

    Attributes:
        outcome: Its verdict, or why the photo could not be read.
        preview: The photo upright, as a small JPEG; None if it could not be read.
        run: Label of the run that answered.
        truth: The class of the folder it lies in, for a sample.
    """

    outcome: Prediction | PredictionFailure
    preview: bytes | None
    run: str
    truth: str | None = None


def ask(
    run_id: str,
    label: str,
    photos: Sequence[tuple[str, Callable[[], bytes]]],
    truth: str | None = None,
) -> None:
    """Let a run judge photos; the answers stay until the visitor asks again or clears them.

    Args:
        run_id: Which run.
        label: How the run is called.
        photos: Name of each file, and what reads its content when its turn comes. Only a small
            preview of it is kept.
        truth: The true class, if it is known.

    Raises:
        NotFoundError: If the run has no trained head.
        StorageError: If its files are damaged or the backbone is not prepared.
    """
    predictor = loaders.predictor(run_id)
    answers: list[Answer] = []
    bar = st.progress(0.0, text="Looking …") if len(photos) > _AT_ONCE else None
    for start in range(0, len(photos), _AT_ONCE):
        batch = [(name, read()) for name, read in photos[start : start + _AT_ONCE]]
        for (name, data), outcome in zip(batch, predictor.predict(batch), strict=True):
            good = isinstance(outcome, Prediction)
            preview = thumbnail(data, name=name, side=_PREVIEW_SIDE) if good else None
            answers.append(Answer(outcome, preview, label, truth))
        if bar is not None:
            bar.progress(len(answers) / len(photos), text=f"{len(answers)} of {len(photos)}")
    st.session_state[_ANSWERS] = answers


def clear() -> None:
    """Forget all answers and previews."""
    st.session_state.pop(_ANSWERS, None)


def answers() -> list[Answer]:
    """Return what was answered last."""
    return st.session_state.get(_ANSWERS, [])


def show_answers(given: Sequence[Answer]) -> None:
    """Show answers: a single one large, several as cards in pages.

    Args:
        given: At least one.
    """
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.caption(f"Answered by {plain(given[0].run)}")
        st.button("Clear", icon=":material/close:", type="tertiary", on_click=clear)
    failed = [one.outcome for one in given if isinstance(one.outcome, PredictionFailure)]
    for failure in failed:
        st.error(plain(failure.error), title=plain(shown(failure.photo)), icon=":material/error:")
    good = [one for one in given if isinstance(one.outcome, Prediction)]
    if len(good) == 1:
        _large(good[0])
    elif good:
        _cards(good)


def _large(answer: Answer) -> None:
    photo, words = st.columns([1, 1], gap="large")
    with photo:
        _picture(answer)
    with words:
        _verdict(answer)


def _cards(given: Sequence[Answer]) -> None:
    pages = math.ceil(len(given) / _PAGE_SIZE)
    slot = st.container()
    number = 1
    if pages > 1:
        with st.container(horizontal=True, horizontal_alignment="center"):
            number = st.pagination(pages, key=f"answers_page_{len(given)}")
    first = (number - 1) * _PAGE_SIZE
    with slot, st.grid(2, min_column_width=400):
        for place, answer in enumerate(given[first : first + _PAGE_SIZE], start=first):
            with st.container(border=True, height="stretch"):
                photo, words = st.columns([2, 3])
                with photo:
                    _picture(answer)
                with words:
                    _verdict(answer, place)


def _picture(answer: Answer) -> None:
    if answer.preview is not None:
        st.image(
            answer.preview,
            width="stretch",
            alt=f"The photo {shown(answer.outcome.photo)}, upright",
        )


def _verdict(answer: Answer, place: int = 0) -> None:
    outcome = answer.outcome
    if not isinstance(outcome, Prediction):
        return
    st.subheader(plain(verdict(outcome.probabilities, threshold())), anchor=False)
    if answer.truth is not None:
        right = answer.truth == outcome.label
        st.markdown(
            f":green[:material/check_circle:] Right: it lies in the folder {plain(answer.truth)}."
            if right
            else f":orange[:material/cancel:] It lies in the folder {plain(answer.truth)}."
        )
    best = outcome.probabilities[outcome.label]
    st.plotly_chart(
        figures.probability_bars(outcome.probabilities),
        key=f"bars_{place}",
        config={"displayModeBar": False},
        alt=f"Probability of each of {many(len(outcome.probabilities), 'class', 'classes')}: "
        f"{outcome.label} first with {percent(best, 0)}",
    )
    calibrated = " · calibrated" if outcome.calibrated else ""
    st.caption(f"{plain(shown(outcome.photo))} · {outcome.seconds * 1000:.0f} ms{calibrated}")
