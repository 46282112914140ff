"""What a dataset holds: in a line, as counts, and as photos."""

from __future__ import annotations

from itertools import zip_longest

import streamlit as st

from flowercore import figures
from flowercore.data.dataset import Dataset, Photo, contradictions
from ui.gallery import gallery
from ui.pages import TRAIN
from ui.words import balance, many, plain

_ALL = "All"
_SIDE_BY_SIDE = 8
_PAGE = "page"


def what_is_here(data: Dataset) -> None:
    """Say in a line what this is, and where to go with it."""
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(
            f"**{many(len(data.photos), 'photo')}** in "
            f"**{many(len(data.classes), 'class', 'classes')}**, {plain(data.origin)}"
        )
        st.page_link(TRAIN.file, label="Train on these", icon=TRAIN.icon)
    if data.skipped:
        with st.expander(f"{many(len(data.skipped), 'file')} left out", icon=":material/rule:"):
            st.dataframe(
                {
                    "File": [one.name for one in data.skipped],
                    "Why": [one.reason for one in data.skipped],
                },
                hide_index=True,
                alt="Files that are no photos of a class, and why",
            )
    doubtful = contradictions(data)
    if doubtful:
        st.warning(
            f"{many(len(doubtful), 'photo lies', 'photos lie')} in two classes at once, such as "
            f"{plain(doubtful[0][0].key)} and {plain(doubtful[0][1].key)}. Training leaves all "
            "copies out, since a label must be wrong.",
            icon=":material/content_copy:",
        )


def class_balance(data: Dataset) -> None:
    """Show how many photos each class has, with a verdict."""
    counts = data.counts()
    st.subheader("How many of each?", anchor=False)
    st.markdown(plain(balance(counts)))
    st.plotly_chart(
        figures.class_counts(counts),
        key="class_counts",
        config={"displayModeBar": False},
        alt=f"Photos in each of {many(len(counts), 'class', 'classes')}. {balance(counts)}",
    )


def photos_of_class(data: Dataset) -> None:
    """Show the photos, all or those of one class."""
    st.subheader("What do they look like?", anchor=False)
    label = _choose_class(data)
    photos = _mixed(data) if label == _ALL else [one for one in data.photos if one.label == label]
    if photos:
        gallery(data, photos, key=_PAGE)


def _mixed(data: Dataset) -> list[Photo]:
    """Return one photo of each class in turn: the first page then shows every class."""
    rows = zip_longest(
        *([one for one in data.photos if one.label == label] for label in data.classes)
    )
    return [one for row in rows for one in row if one is not None]


def _choose_class(data: Dataset) -> str:
    counts = data.counts()
    options = [_ALL, *counts]
    if len(options) > _SIDE_BY_SIDE:
        return st.selectbox("Class", options, key="class", bind="query-params", on_change=_first)
    return st.radio(
        "Class",
        options,
        horizontal=True,
        key="class",
        bind="query-params",
        on_change=_first,
        label_visibility="collapsed",
    )


def _first() -> None:
    st.session_state[_PAGE] = 1
