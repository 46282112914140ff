"""How good a run is in one glance: a number, its uncertainty, and what it is worth."""

from __future__ import annotations

import streamlit as st

from flowercore.data.garden import SPECIES
from flowercore.evaluation.intervals import Interval
from flowercore.evaluation.metrics import Evaluation, largest_confusions
from flowercore.teaching.glossary import meaning
from ui.judged import Judged
from ui.words import listing, many, of_hundred, percent, plain

NOTEBOOK = 0.72
"""Accuracy of the course's notebook on its own test of the five flowers."""


def headline(judged: Judged) -> None:
    """Show the numbers with their intervals, and what they mean in words.

    Args:
        judged: The run on some photos.
    """
    evaluation = judged.judgement.evaluation
    photos = "test photo" if not judged.on else "photo"
    with st.grid(4, min_column_width=170):
        _metric(
            "Test accuracy" if not judged.on else "Accuracy",
            percent(evaluation.accuracy),
            _percents(evaluation.accuracy_interval),
            "Share of the photos whose most probable class is the true one.",
        )
        _metric(
            "Balanced accuracy",
            percent(evaluation.balanced_accuracy),
            _percents(evaluation.balanced_accuracy_interval),
            meaning("balanced accuracy"),
        )
        _metric(
            "Macro F1",
            percent(evaluation.macro_f1),
            _percents(evaluation.macro_f1_interval),
            meaning("macro F1"),
        )
        _metric(
            "Log loss",
            f"{evaluation.loss:.3f}",
            _numbers(evaluation.loss_interval),
            f"{meaning('log loss')} Being sure and wrong costs most.",
        )
    low, high = evaluation.accuracy_interval
    st.markdown(
        f"It named **{evaluation.right:,} of {many(evaluation.count, photos)}** right. Expect "
        f"{of_hundred(low, high)} to be right. {_against(evaluation)} {_confusions(evaluation)}"
    )


def _metric(label: str, value: str, interval: str, help: str) -> None:
    st.metric(
        label,
        value,
        interval,
        delta_color="off",
        delta_arrow="off",
        border=True,
        help=f"{help} Below: its 95 % interval. Very many photos like these would give a number "
        "within it, 19 times of 20.",
    )


def _percents(interval: Interval | None) -> str:
    if interval is None:
        return "one photo: anything"
    low, high = interval
    return f"{percent(low, 0)} to {percent(high, 0)}"


def _numbers(interval: Interval | None) -> str:
    return "one photo: anything" if interval is None else f"{interval[0]:.3f} to {interval[1]:.3f}"


def _against(evaluation: Evaluation) -> str:
    """Say how that compares with what one gets without learning, and with the course."""
    support = evaluation.confusion_matrix.sum(axis=1)
    largest = evaluation.classes[int(support.argmax())]
    low = evaluation.accuracy_interval[0]
    always = f"Always saying {plain(largest)} would get {percent(evaluation.baseline, 0)}"
    if set(evaluation.classes) != set(SPECIES):
        return f"{always}{'' if low > evaluation.baseline else ': it is not clearly better'}."
    course = f"the course's notebook got {percent(NOTEBOOK, 0)}"
    beaten = (evaluation.baseline < low, low > NOTEBOOK)
    if all(beaten):
        return f"{always}, {course}: it is better than both."
    if beaten[0]:
        return f"{always}, {course}: it is better than the first, not clearly than the second."
    return f"{always}, {course}: it is not clearly better than either."


def _confusions(evaluation: Evaluation) -> str:
    worst = largest_confusions(evaluation, k=2)
    if not worst:
        return "It made no mistake on these."
    if worst[0][2] == 1:
        wrong = evaluation.count - evaluation.right
        if wrong > 1:
            return f"No two of its {wrong} mistakes are alike."
    named = [
        f"**{plain(true)}** taken for **{plain(said)}** ({many(count, 'photo')})"
        for true, said, count in worst
    ]
    return f"What it mixes up most: {listing(named)}."
