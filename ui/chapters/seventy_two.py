"""Why the notebook got 72 %: three suspects, each tried by a real run with its interval."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from flowercore.data.catalog import Entry
from flowercore.jobs import queue, tasks
from flowercore.runs import store
from flowercore.runs.store import Run
from flowercore.teaching import suspects, validation_noise
from flowercore.training import recipes
from ui import choices, task_progress
from ui.chapters import suspects_found, suspects_progress
from ui.chapters.chapter import Chapter, TryIt
from ui.datasets import my_entries
from ui.empty import no_photos
from ui.guard import in_words
from ui.in_room import LOCKED
from ui.pages import TRAIN
from ui.recipes_view import locked
from ui.visitor import visitor
from ui.words import plain

_RECIPE = "suspects"


def _show() -> None:
    entries = my_entries()
    if not entries:
        no_photos()
        return
    with st.grid(2, min_column_width=280):
        entry = choices.choose_dataset(entries)
        begin = st.container()
    group = _newest(entry, store.runs())
    active = tuple(run.id for run in group if run.active)
    with begin:
        _begin_button(entry, again=bool(group), busy=bool(active))
        with in_words():
            suspects_found.right_way(entry, group)
    with in_words():
        if active:
            suspects_progress.follow(tuple(run.id for run in group), active)
        suspects_found.found(entry, group)


def _newest(entry: Entry, runs: Sequence[Run]) -> list[Run]:
    """Return the runs of the newest trial on a dataset: the visitor's own, or else anybody's.

    Args:
        entry: The dataset.
        runs: All runs, the newest first.
    """
    there = [
        run
        for run in runs
        if run.config.get("recipe") == _RECIPE and run.config.get("data") == entry.name
    ]
    mine = [run for run in there if run.visitor == visitor()]
    for chosen in (mine, there):
        if chosen:
            name = chosen[0].config.get("experiment")
            group = [run for run in chosen if run.config.get("experiment") == name]
            order = {one: place for place, one in enumerate(suspects.ROLES)}
            return sorted(group, key=lambda run: order[suspects.role(run.config)])
    return []


def _begin_button(entry: Entry, *, again: bool, busy: bool) -> None:
    held = locked(_RECIPE, entry)
    st.button(
        "Try all three again" if again else "Try all three",
        key="try_suspects",
        type="secondary" if again else "primary",
        icon=":material/search:",
        width="stretch",
        disabled=busy or held is not None,
        on_click=_begin,
        args=(entry,),
    )
    if held is not None:
        st.caption(f"{LOCKED} {plain(held)}")
        return
    if not again:
        st.caption(
            "Four short trainings and fifty tiny ones in a worker: about two minutes with the "
            "embedded network."
        )


def _begin(entry: Entry) -> None:
    task = tasks.newest(visitor(), validation_noise.KIND)
    if task is None or not task.active:
        # First, as it takes seconds: behind the trainings it would wait for minutes.
        task_progress.start(validation_noise.KIND, {"data": entry.name})
    with in_words():
        queue.submit_all(recipes.recipe(_RECIPE, entry.name), visitor())


SEVENTY_TWO = Chapter(
    short="72 %",
    title="Why did the notebook get 72 %?",
    lead="The course's notebook was right on 72 % only, with a validation loss of 7 to 10 beside a "
    "training accuracy of 97 %. Three suspects, each tried here by training with it and without "
    "it. What comes out is shown, whichever way.",
    show=_show,
    try_it=TryIt(TRAIN, "Train the right way"),
)
