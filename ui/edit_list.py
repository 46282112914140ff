"""All that was changed about a dataset, each change with its way back, and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import pandas as pd
import streamlit as st

from flowercore.data import edits
from flowercore.data.dataset import Dataset
from flowercore.data.edits import Edit
from flowercore.errors import FlowercoreError
from ui.guard import show_error
from ui.mending import describe
from ui.words import many, when

_SHOWN = 500


def edit_list(data: Dataset, made: Sequence[Edit], *, allowed: bool) -> None:
    """Show the edits of a dataset.

    Args:
        data: The dataset.
        made: Its edits, at least one, the oldest first.
        allowed: Whether this visitor may change it.
    """
    newest = list(reversed(made))[:_SHOWN]
    zone = st.context.timezone
    with st.expander(
        f"{many(len(made), 'change')} to these photos", icon=":material/history:", key="edit_list"
    ):
        st.caption("The photos themselves are as they came: this list is kept beside them.")
        st.dataframe(
            pd.DataFrame(
                {
                    "Photo": [one.key for one in newest],
                    "Change": [one.action for one in newest],
                    "New label": [one.label for one in newest],
                    "Why": [one.why for one in newest],
                    "When": [when(one.made, zone) for one in newest],
                }
            ),
            hide_index=True,
            alt="Changes to the photos of this dataset, the newest first",
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.download_button(
                "Download as CSV",
                data=lambda: edits.to_csv(made),
                file_name=f"{data.name}-edits.csv",
                mime="text/csv",
                icon=":material/download:",
                key="edits_csv",
                on_click="ignore",
            )
            if allowed:
                _take_back(data, made)


def _take_back(data: Dataset, made: Sequence[Edit]) -> None:
    batches = [list(of) for _, of in groupby(made, key=lambda one: one.batch)]
    numbered = {str(len(batches) - place): batch for place, batch in enumerate(reversed(batches))}
    chosen = st.selectbox(
        "Take one change back",
        list(numbered),
        format_func=lambda number: f"{number}: {describe(numbered[number])}".replace("\\", ""),
        key="take_back",
    )
    if st.button("Take back", key="take_back_now", icon=":material/undo:"):
        try:
            edits.undo(data.root, numbered[chosen][0].batch)
        except FlowercoreError as error:
            show_error(error)
            return
        st.rerun()
