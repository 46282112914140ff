"""Whether a run was tested on photos whose twins it had learned."""

from __future__ import annotations

import streamlit as st

from flowercore.audit.findings import Audit
from flowercore.audit.twins import Leaks
from flowercore.audit.twins import leaks as count_leaks
from flowercore.data.dataset import Dataset
from ui import choices, look_loaders
from ui.gallery import gallery
from ui.words import many, plain


def leaks(data: Dataset, audit: Audit) -> None:
    """Say how many test photos of a run have a twin among those that it learned from.

    Args:
        data: The dataset.
        audit: What was found out about it.
    """
    tested = [run for run in look_loaders.split_runs(data) if run.counts.get("test")]
    if audit.twins.empty or not tested:
        return
    labels = choices.run_labels(tested, st.context.timezone)
    by_id = {run.id: run for run in tested}
    with st.container(border=True):
        st.subheader("Was a test too easy?", anchor=False)
        chosen = st.selectbox(
            "Test photos of", list(by_id), format_func=lambda one: labels[one], key="leaks_of"
        )
        found = _found(chosen, audit)
        if found is None:
            st.caption("What this run saw cannot be read any more.")
        elif not found.leaked:
            st.success(
                f"None of its {many(found.tested, 'test photo')} has a twin among the photos that "
                "it learned from.",
                icon=":material/check_circle:",
            )
        else:
            _show(data, found)


def _found(run_id: str, audit: Audit) -> Leaks | None:
    parts = look_loaders.parts(run_id)
    return count_leaks(audit.twins, parts) if parts else None


def _show(data: Dataset, found: Leaks) -> None:
    st.warning(
        f"{len(found.leaked):,} of {many(found.tested, 'test photo')} "
        f"{'has' if len(found.leaked) == 1 else 'have'} a twin among the photos that this run "
        "learned from or watched: its accuracy looks better than it is. Merge the twins, then "
        "train with a split of its own: twins stay on one side.",
        icon=":material/water_drop:",
    )
    there = {(one.key, one.sha256): one for one in data.photos}
    photos = [there[one] for one in found.leaked if one in there]
    if photos:
        gallery(data, photos, key="leaks", caption=lambda one: plain(one.label))
