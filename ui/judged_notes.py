"""What must be known of a run's evaluation on another dataset, and its photos' table."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from flowercore.data import catalog
from flowercore.data.dataset import Dataset
from flowercore.data.names import shown
from flowercore.errors import FlowercoreError, StorageError
from flowercore.runs import assessments
from flowercore.runs.assessments import Facts
from flowercore.runs.store import Run
from ui import choices, loaders
from ui.guard import in_words
from ui.judge_another import start
from ui.judged import Judged, on_test_photos
from ui.judged_words import absent_sentence, gap_sentence, mapped_sentence, twins_sentence
from ui.visitor import visitor
from ui.words import many, plain, when

OWN = ""
"""Stands for the run's own test photos, where others have the name of their dataset."""


def judged_on_notes(run: Run, name: str) -> None:
    """Say what a person must know of an evaluation on another dataset, and offer what to do.

    Args:
        run: The run.
        name: What `choose_judged_on` returned; nothing is said of its own test photos.
    """
    if name == OWN:
        return
    facts = assessments.get(run.id, name)
    _head(run, facts)
    _unreadable(facts)
    _changed(run, facts)
    _twins(run, facts)
    _gap(run, facts)


def judged_table(run: Run, name: str) -> pd.DataFrame:
    """Return what a run said of the photos of a dataset, without twins if they are left out.

    Args:
        run: The run.
        name: Name of a dataset that it was evaluated on.

    Returns:
        See `flowercore.runs.assessments.table`; never empty.

    Raises:
        NotFoundError: If it was not evaluated on that dataset.
        StorageError: If the table is damaged.
    """
    facts = assessments.get(run.id, name)
    table = _table(run.id, name, facts.table)
    return table[table["twin"] == ""] if _without_twins(run, facts) else table


@st.cache_resource(ttl="1h", max_entries=20, show_spinner=False)
def _table(run_id: str, name: str, version: str) -> pd.DataFrame:
    return assessments.table(run_id, name)


def _head(run: Run, facts: Facts) -> None:
    sentences = (
        f"Judged on {many(facts.judged, 'photo')} of “{plain(shown(facts.data))}” "
        f"({plain(shown(facts.origin))}), {when(facts.created, st.context.timezone)}.",
        mapped_sentence(facts.mapping, facts.left_out),
        absent_sentence(facts, run.classes),
        *map(plain, facts.notes),
    )
    with st.container(horizontal=True):
        # As wide as there is room: the button stays beside it, on a phone below.
        with st.container(width="stretch"):
            st.caption(" ".join(filter(None, sentences)))
        st.button(
            "Remove",
            help="Forgets what this run said of these photos. The photos stay.",
            type="tertiary",
            icon=":material/delete:",
            key="judged_remove",
            on_click=_remove,
            args=(run.id, facts.data, None if _own(run) is None else OWN),
        )


def _unreadable(facts: Facts) -> None:
    if not facts.unreadable:
        return
    with st.expander(f"{many(len(facts.unreadable), 'photo')} cannot be read"):
        st.dataframe(
            pd.DataFrame(facts.unreadable, columns=["name", "reason"]),
            column_config={"name": "Photo", "reason": "Why"},
            hide_index=True,
            alt="Photos that cannot be read, with the reason",
        )


def _changed(run: Run, facts: Facts) -> None:
    data = _dataset(facts.data)
    try:
        _table(run.id, facts.data, facts.table)
    except StorageError:
        _again(run, facts, data, "What this run said of these photos is damaged.")
        return
    if data is None:
        st.caption("This dataset is not there any more: its photos cannot be shown.")
    elif data.identity != facts.identity:
        _again(run, facts, data, "These photos have changed since: this is of what they were.")


def _again(run: Run, facts: Facts, data: Dataset | None, words: str) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f":orange[:material/update:] {words}")
        if data is not None:
            mapping = {name: to for name, to in facts.mapping.items() if name in data.classes}
            st.button(
                "Judge again",
                icon=":material/refresh:",
                key="judge_again",
                on_click=start,
                args=(run.id, facts.data, mapping),
            )


def _twins(run: Run, facts: Facts) -> None:
    if not facts.twins:
        return
    st.caption(twins_sentence(facts))
    if facts.twins == facts.judged:
        st.warning(
            "Nothing would be left without them: this tells what it remembers, not how good it is "
            "on new photos.",
            icon=":material/content_copy:",
        )
        return
    st.toggle(
        "Leave out twins of training photos",
        value=True,
        key=_toggle(run, facts),
        persist_state="page",
        help="It has learned from these very photos, or from others that show the same.",
    )


def _without_twins(run: Run, facts: Facts) -> bool:
    if not 0 < facts.twins < facts.judged:
        return False
    return bool(st.session_state.get(_toggle(run, facts), True))


def _toggle(run: Run, facts: Facts) -> str:
    return f"leave_out_twins_{run.id}_{facts.data}"


def _gap(run: Run, facts: Facts) -> None:
    own = _own(run)
    if own is None:
        return
    try:
        table = judged_table(run, facts.data)
    except StorageError:  # said above
        return
    known = int(table["sha256"].isin(own.judgement.photos["sha256"]).sum())
    if known:
        st.caption(f"{known:,} of {many(len(table), 'photo')} are its own test photos.")
        return
    measured = own.judgement.evaluation
    right = int((table["label"] == table["predicted"]).sum())
    words = gap_sentence((measured.right, measured.count), (right, len(table)))
    st.info(words, icon=":material/compare_arrows:")


def _own(run: Run) -> Judged | None:
    """Return the run on its own test photos; None if it has none."""
    try:
        return on_test_photos(run)
    except StorageError:
        return None


def _dataset(name: str) -> Dataset | None:
    """Return the dataset as it is now; None if it is gone or somebody else's."""
    me = visitor()
    for entry in catalog.entries():
        if entry.name == name and catalog.visible(entry, me):
            try:
                return loaders.dataset(entry)
            except FlowercoreError:  # deleted since the look
                break
    return None


def _remove(run_id: str, name: str, first: str | None) -> None:
    with in_words():
        assessments.delete(run_id, name)
        if first is None:
            choices.forget(choices.ON)
        else:
            choices.remember(choices.ON, first)
