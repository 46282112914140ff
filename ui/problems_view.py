"""What is wrong with a dataset, kind by kind, each finding with what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from flowercore.audit.findings import OUTLIER, SUSPECT
from flowercore.audit.open_problems import Twins, open_problems, open_twins
from flowercore.data import edits
from flowercore.data.catalog import Entry
from flowercore.data.dataset import Dataset
from flowercore.runs import store
from ui import audit_start, look_loaders
from ui.edit_list import edit_list
from ui.leaks_view import leaks
from ui.mending import may_mend, undo_bar
from ui.own_copy import own_copy
from ui.problem_photos import problem_photos
from ui.problem_words import problem_name
from ui.retrain_view import ANCHOR, older, retrain
from ui.twin_groups import twin_groups
from ui.words import many, plain

TWIN = "twin"
# What each kind means, in the order in which they are offered; twins are shown as groups.
_MEANING = {
    SUSPECT: "The photo's neighbours and a model that never learned from it say another class. "
    "The most doubtful come first.",
    TWIN: "The same picture more than once: it counts double, and where copies lie in training "
    "and test, the test is too easy.",
    "unreadable": "The file cannot be decoded. Training leaves it out.",
    OUTLIER: "Far from all other photos, as the network sees them: often something that is none "
    "of the classes, sometimes just a rare view.",
    "dark": "Hardly any light: little can be learned from it.",
    "bright": "Burnt out: little can be learned from it.",
    "blurry": "No sharp edge anywhere.",
    "tiny": "Less than half as many pixels a side as the network looks at.",
    "odd-shape": "So wide or so high that much of it is cut off or squeezed.",
}


def problems(entry: Entry, data: Dataset) -> None:
    """Show what an audit found and what was done about it.

    Args:
        entry: The dataset in the catalog.
        data: The same with its photos, as edits make it.
    """
    made = edits.read(data.root)
    allowed, runs = may_mend(entry), store.runs()
    helped = f"[Did it help?](#{ANCHOR})" if older(data, runs) else ""
    undo_bar(data, made, allowed=allowed, next_step=helped)
    audit = look_loaders.audit(data)
    if audit is None:
        st.markdown(
            "A check looks at every photo: is it readable, sharp, lit? Is it there twice? Does its "
            "label fit what the network sees?"
        )
        audit_start.offer(data)
    else:
        if audit.identity != data.identity:
            st.caption(
                "The photos changed since this check. What you decided is taken into account."
            )
            audit_start.offer(data, label="Check again")
        if not allowed:
            own_copy(entry)
        for note in audit.notes:
            st.info(plain(note), icon=":material/info:")
        singles = open_problems(audit.problems, data, made)
        _found(data, singles, open_twins(audit.twins, data, made), allowed)
        leaks(data, audit)
    if made:
        edit_list(data, made, allowed=allowed)
    retrain(data, runs)


def _found(data: Dataset, singles: pd.DataFrame, groups: Sequence[Twins], allowed: bool) -> None:
    counts = {kind: int((singles["kind"] == kind).sum()) for kind in _MEANING if kind != TWIN}
    counts[TWIN] = len(groups)
    there = [kind for kind in _MEANING if counts[kind]]
    if not there:
        st.success(
            "Nothing is left to decide: every finding was looked at, or there was none.",
            icon=":material/check_circle:",
        )
        return
    if st.session_state.get("problem_kind") not in there:
        st.session_state["problem_kind"] = there[0]
    kind = st.radio(
        "What to look at",
        there,
        format_func=lambda kind: "Twins" if kind == TWIN else problem_name(kind),
        # Not in the labels: a browser that has not heard of a new count says the old label.
        captions=[_count(kind, counts[kind]) for kind in there],
        horizontal=True,
        key="problem_kind",
    )
    st.caption(_MEANING[kind])
    if kind == TWIN:
        twin_groups(data, groups, allowed=allowed)
    else:
        rows = singles[singles["kind"] == kind].sort_values("rank")
        problem_photos(data, rows, kind, allowed=allowed)


def _count(kind: str, count: int) -> str:
    return many(count, "group") if kind == TWIN else many(count, "photo")
