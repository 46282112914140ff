"""Which training's split is looked at: whether it learned from a photo or was tested on it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from flowercore.data.dataset import Dataset
from ui import choices, look_loaders
from ui.look_loaders import Who

PARTS = {"train": "Training", "validation": "Validation", "test": "Test"}
"""What each part of a split is called on the screen."""

NO_SPLIT = ""
"""What is chosen while no split is."""


def choose_split(
    data: Dataset, key: str, on_change: Callable[[], None] | None = None
) -> dict[Who, str] | None:
    """Let the visitor choose one of the runs that were trained on a dataset.

    Args:
        data: The dataset.
        key: Of the box.
        on_change: Called when another one is chosen.

    Returns:
        What that run used each photo for; None while none is chosen.
    """
    runs = look_loaders.split_runs(data)
    if not runs:
        st.caption("No training has divided these photos yet.")
        return None
    labels = {NO_SPLIT: "None", **choices.run_labels(runs, st.context.timezone)}
    chosen = st.selectbox(
        "Split of a training",
        list(labels),
        format_func=lambda run_id: labels.get(run_id, run_id),
        key=key,
        persist_state="page",
        on_change=on_change or "rerun",
        help="Each training divides the photos anew: it learns from most, and is tested on some.",
    )
    return look_loaders.parts(chosen) if chosen in labels and chosen != NO_SPLIT else None
