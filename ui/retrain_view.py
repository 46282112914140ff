"""Training again on the mended photos, and what that changed on the same test photos."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from flowercore.data import copying
from flowercore.data.dataset import Dataset
from flowercore.errors import FlowercoreError, StorageError
from flowercore.evaluation import compare as comparison
from flowercore.jobs import mending, queue
from flowercore.runs import results, store
from flowercore.runs.store import Run
from ui import choices, loaders
from ui.guard import in_words, show_error
from ui.pages import COMPARE, TRAIN
from ui.progress_words import sentence, share, waiting
from ui.visitor import visitor
from ui.words import name_of, percent, plain

_SECONDS = 1.0
_STARTED = "retrained"
ANCHOR = "did-it-help"
"""Where on the page it stands: below all findings."""


def retrain(data: Dataset, runs: Sequence[Run]) -> None:
    """Offer to train again what was trained before the photos were mended.

    Args:
        data: The dataset as it is now.
        runs: All runs, the newest first.
    """
    before = older(data, runs)
    started: str | None = st.session_state.get(f"{_STARTED}_{data.name}")
    if not before and started is None:
        return
    with st.container(border=True):
        st.subheader("Did it help?", anchor=ANCHOR)
        if before:
            _offer(data, before)
        if started is not None:
            _after(started)


def older(data: Dataset, runs: Sequence[Run]) -> list[Run]:
    """Return finished runs that saw another version of a dataset, or of what it is copied of."""
    names = (data.name, copying.copied_from(data))
    return [
        run
        for run in runs
        if run.status == "finished"
        and run.config.get("data") in names
        and run.dataset.get("identity") != data.identity
    ]


def _offer(data: Dataset, before: Sequence[Run]) -> None:
    labels = choices.run_labels(before, st.context.timezone)
    by_id = {run.id: run for run in before}
    st.markdown(
        "The same settings on the photos as they are now, tested on the same test photos. What "
        "changed in the test is said."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Trained before these changes",
            list(by_id),
            format_func=lambda one: labels[one],
            key=f"retrain_{data.name}",
        )
        go = st.button(
            "Retrain with the fixes",
            type="primary",
            icon=":material/model_training:",
            key="retrain",
        )
    if go:
        try:
            run = queue.submit(mending.retraining(chosen, data.name), visitor())
        except FlowercoreError as error:
            show_error(error)
            return
        st.session_state[f"{_STARTED}_{data.name}"] = run.id
        choices.remember(choices.RUN, run.id)
        st.rerun()


def _after(run_id: str) -> None:
    with in_words():
        active = store.get(run_id).active
        st.fragment(_outcome, run_every=_SECONDS if active else None)(run_id, active)


def _outcome(run_id: str, was_active: bool) -> None:
    with in_words():
        run = store.get(run_id)
        if run.active != was_active:
            st.rerun()
        if run.status == "waiting":
            st.progress(0.0, text=waiting(queue.ahead(run.id)))
        elif run.active:
            progress = results.progress(run.id)
            st.progress(share(progress), text=sentence(progress))
        elif run.status != "finished":
            st.error(plain(run.reason or "It did not finish."), icon=":material/error:")
        else:
            _before_and_after(run)


def _before_and_after(run: Run) -> None:
    first = store.get(str(run.config["split_from"]))
    zone = st.context.timezone
    names = f"“{name_of(first, zone)}”", f"“{name_of(run, zone)}”"
    columns = st.columns(2)
    for column, words, one in zip(columns, ("Before", "After"), (first, run), strict=True):
        column.metric(words, _accuracy(one), border=True)
    for note in run.notes:
        st.caption(plain(note))
    found = comparison.compare(first.id, run.id, names)
    text = plain(
        comparison.verdict(
            found.only_a_right, found.only_b_right, found.p_value, same_split=True, names=names
        )
    )
    if found.relabelled:
        text += f" On {found.relabelled} of these photos both are judged by the newer label."
    st.info(
        f"On the {found.count:,} photos that both were tested on: {text}", icon=":material/balance:"
    )
    with st.container(horizontal=True):
        st.page_link(
            COMPARE.file,
            label="Photo by photo",
            icon=COMPARE.icon,
            query_params={"runs": f"{first.id},{run.id}"},
        )
        st.page_link(TRAIN.file, label="Its curves", icon=TRAIN.icon, query_params={"run": run.id})


def _accuracy(run: Run) -> str:
    try:
        accuracy = loaders.accuracy_of(run.id)
    except StorageError:
        return "damaged"
    return "no test" if accuracy is None else f"{percent(accuracy)} right"
