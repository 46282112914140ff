"""Which photos a run is looked at by: its own test photos, or another dataset's."""

from __future__ import annotations

import streamlit as st

from flowercore.data import catalog
from flowercore.errors import FlowercoreError, StorageError
from flowercore.runs import assessments, results
from flowercore.runs.store import Run
from ui import choices
from ui.judge_another import judge_another, just_judged
from ui.judged import on_test_photos
from ui.judged_notes import OWN, judged_on_notes, judged_table
from ui.visitor import LOCAL, visitor

__all__ = ["OWN", "choose_judged_on", "judged_on_notes", "judged_table"]

_OWN_WORDS = "Its own test photos"
_RUN = "judged_run"


def choose_judged_on(run: Run) -> str:
    """Let the visitor choose by which photos a run is judged, or judge it on others.

    Args:
        run: A run that has ended with a trained head.

    Returns:
        Name of a dataset that it was evaluated on; `OWN` for its own test photos, and also where
        there are no photos to look at yet: then only the offer is drawn.
    """
    names = _names(run)
    options = [OWN, *names] if _has_own(run) else names
    done, switched = just_judged(run), _run_changed(run)
    address = st.query_params.get(choices.ON)
    if done in names:
        choices.remember(choices.ON, str(done))
    elif switched and options and address not in (None, *options):
        # No bad address: the other run was looked at by these photos, this one cannot be.
        choices.remember(choices.ON, options[0])
    wanted = st.query_params.get(choices.ON)
    chosen = choices.choose_photos(options, _named) if options else OWN
    if _can_answer(run):
        judge_another(
            run,
            opened=not options or wanted not in (None, *options),
            wanted=None if wanted in options else wanted,
        )
    return chosen


def _names(run: Run) -> list[str]:
    """Return the datasets of the evaluations that this visitor may see, the newest first."""
    me, entries = visitor(), {entry.name: entry for entry in catalog.entries()}
    return [
        facts.data
        for facts in assessments.listed(run.id)
        # What is left of somebody's own dataset that is gone is theirs as well.
        if (me == LOCAL or facts.owner in ("", me))
        and (facts.data not in entries or catalog.visible(entries[facts.data], me))
    ]


def _named(name: str) -> str:
    if name == OWN:
        return _OWN_WORDS
    # The browser says by its words what was chosen.
    return f"{name} (dataset)" if name == _OWN_WORDS else name


def _run_changed(run: Run) -> bool:
    before = st.session_state.get(_RUN)
    st.session_state[_RUN] = run.id
    return before not in (None, run.id)


def _can_answer(run: Run) -> bool:
    try:
        results.head(run.id)
    except FlowercoreError:  # stopped before its first epoch, or damaged
        return False
    return True


def _has_own(run: Run) -> bool:
    try:
        return on_test_photos(run) is not None
    except StorageError:  # the page says so when they are looked at
        return True
