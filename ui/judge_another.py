"""Judging a run on another dataset: which one, what its classes are, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from flowercore.data.dataset import Dataset
from flowercore.data.names import shown
from flowercore.evaluation.class_mapping import LEFT_OUT, suggested
from flowercore.jobs import queue
from flowercore.jobs.tasks import Task
from flowercore.runs.store import Run
from ui import loaders, task_progress
from ui.datasets import my_entries
from ui.guard import in_words
from ui.visitor import visitor
from ui.words import many, plain

KIND = "evaluate"
_STARTED = "judging_started"
_DATA = "judge_data"
_LEAVE_OUT = "— leave out —"


def just_judged(run: Run) -> str | None:
    """Return, once, the dataset on which this browser's wish has just been fulfilled."""
    task = _newest(run)
    if task is None or task.state != "finished":
        return None
    followed = task_progress.was_followed(task)
    if st.session_state.get(_STARTED) == task.id:
        del st.session_state[_STARTED]
        followed = True
    return str(task.arguments["data"]) if followed else None


def judge_another(run: Run, *, opened: bool, wanted: str | None = None) -> None:
    """Offer to judge a run on another dataset; while that goes on, show how far it is.

    Args:
        run: The run.
        opened: Whether there is nothing else to look at.
        wanted: Name of a dataset that is proposed.
    """
    task = _newest(run)
    if task is not None and task.active:
        name = plain(shown(str(task.arguments.get("data"))))
        task_progress.follow(task, f"**Judging it on “{name}”**")
        return
    if task is not None and task.state != "finished":
        task_progress.failure(task, "It could not be judged on these photos")
    with st.expander("Another dataset", icon=":material/compare:", expanded=opened):
        _form(run, wanted)


def start(run_id: str, data: str, mapping: Mapping[str, str]) -> None:
    """Start judging a run on a dataset, or say why that is not possible."""
    with in_words():
        arguments = {"run": run_id, "data": data, "mapping": dict(mapping)}
        st.session_state[_STARTED] = queue.submit_task(KIND, arguments, visitor())


def _newest(run: Run) -> Task | None:
    task = task_progress.newest(KIND)
    return task if task is not None and task.arguments.get("run") == run.id else None


def _form(run: Run, wanted: str | None) -> None:
    st.markdown(
        "How good is it on photos that come from elsewhere? The classes must be the same flowers; "
        "they may be called otherwise."
    )
    by_name = {entry.name: entry for entry in my_entries()}
    if not by_name:
        st.caption("There is no dataset yet. Bring one in on the Explore page.")
        return
    names = list(by_name)
    chosen = st.selectbox(
        "Dataset",
        names,
        index=names.index(wanted) if wanted in by_name else None,
        placeholder="Choose photos",
        # A new proposal is a new box: what was chosen before does not count against it.
        key=f"{_DATA}_{wanted}" if wanted in by_name else _DATA,
    )
    if chosen is None or chosen not in by_name:
        return
    with in_words():
        data = loaders.dataset(by_name[chosen])
        mapping = _mapping(run, data)
        count = sum(mapping[photo.label] != LEFT_OUT for photo in data.photos)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                "Judge it on these photos",
                type="primary",
                icon=":material/fact_check:",
                key="judge_start",
                disabled=not count,
                on_click=start,
                args=(run.id, chosen, mapping),
            )
            st.caption(
                f"{many(count, 'photo')}: takes seconds for hundreds, minutes for thousands."
                if count
                else "Say of at least one class which flower it is."
            )


def _mapping(run: Run, data: Dataset) -> dict[str, str]:
    """Let the visitor say which class is which, where names alone do not say it."""
    guessed = suggested(data.classes, run.classes)
    if all(name == to for name, to in guessed.items()):
        return guessed
    st.caption("Some classes are called otherwise than in this run. Which is which?")
    options = [*run.classes, LEFT_OUT]
    mapping = {}
    with st.grid(4, min_column_width=170):
        for name, to in guessed.items():
            mapping[name] = st.selectbox(
                f"“{plain(shown(name))}” is",
                options,
                index=options.index(to),
                format_func=lambda one: shown(one) or _LEAVE_OUT,
                key=f"map_{run.id}_{data.name}_{name}",
            )
    return mapping
