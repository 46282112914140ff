"""What a dataset holds, in a line, and what about it is doubtful at first sight."""

from __future__ import annotations

import streamlit as st

from flowercore.data.dataset import Dataset, contradictions
from ui.pages import TRAIN
from ui.words import many, plain


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


def doubts(data: Dataset) -> None:
    """Say which files were left out, and which photos contradict each other."""
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
