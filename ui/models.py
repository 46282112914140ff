"""The models that can be asked about a photo: runs with a trained head, and the starter."""

from __future__ import annotations

import re
from collections.abc import Sequence

import streamlit as st

from flowercore.errors import FlowercoreError
from flowercore.runs import starter, store
from flowercore.runs.store import Run
from ui import loaders
from ui.visitor import LOCAL, visitor
from ui.words import listing, percent, plain

_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def models() -> list[Run]:
    """Return what can be asked: runs that ended with a head, the newest first, then the starter."""
    runs = [run for run in store.runs() if run.status in ("finished", "stopped") and run.seconds]
    return [*runs, store.get(starter.NAME)] if starter.available() else runs


def usual(runs: Sequence[Run]) -> int:
    """Return the position of the model that is asked while none was chosen.

    That is the newest run that the visitor trained to its end, else the starter, else the newest
    one of anybody. Who works on the machine itself has trained whatever was trained there.

    Args:
        runs: As `models` gives them, at least one.
    """
    me = visitor()
    finished = [run for run in runs if run.status == "finished"]
    trained = [run for run in finished if run.id != starter.NAME]
    own = [run for run in trained if run.visitor == me or (me == LOCAL and not run.visitor)]
    came_along = [run for run in runs if run.id == starter.NAME]
    first = [*own[:1], *came_along, *trained[:1], *runs[:1]][0]
    return runs.index(first)


def about_starter() -> None:
    """Say what the starter knows and what it is worth; nothing if its files are damaged."""
    try:
        worth = loaders.evaluation(starter.NAME)
        classes = store.get(starter.NAME).classes
    except FlowercoreError:  # asking it says what is wrong
        return
    if worth is None:
        return
    low, high = worth.accuracy_interval
    st.caption(
        f"It comes with Flower Lab and knows {plain(listing(classes))}. In 5-fold cross-validation "
        f"on {worth.count:,} real photos it was right on **{percent(worth.accuracy)}** (95 % "
        f"interval {low * 100:.0f} to {high * 100:.0f}): each was judged by a model that had not "
        "learned from it."
    )
    with st.popover("Its card", icon=":material/badge:", type="tertiary"):
        # Headings of a page within a page would break its outline.
        st.markdown(_HEADING.sub(r"**\1**", starter.card()))
