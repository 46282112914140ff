from __future__ import annotations

import streamlit as st

import ui
from flowercore.data import catalog
from flowercore.errors import FlowercoreError
from flowercore.jobs import queue
from flowercore.runs import store
from ui import choices, loaders
from ui.empty import empty
from ui.guard import show_error
from ui.pages import EXPLORE
from ui.preparation import preparation_progress
from ui.training_form import outlook, training_form
from ui.training_view import training_view
from ui.visitor import visitor

ui.enter()

st.title("Train", anchor=False)
st.markdown(
    "The pretrained network looks at each photo once. Then a small new layer, the *head*, learns "
    "which of its impressions mean which class."
)

ready = preparation_progress()
entries = catalog.entries()
if not entries:
    if ready:
        empty("No photos to learn from", "Bring some in first.", EXPLORE, "Bring photos")
    st.stop()

settings, result = st.columns([2, 3], gap="large")
with settings, st.container(border=True):
    entry = choices.choose_dataset(entries)
    problem: FlowercoreError | None = None
    try:
        config = training_form(entry)
        st.markdown(outlook(loaders.dataset(entry), config))
    except FlowercoreError as error:
        problem = error
        show_error(error)
    if st.button(
        "Start training",
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        disabled=problem is not None,
    ):
        with ui.in_words():
            choices.remember(choices.RUN, queue.submit(config, visitor()).id)
            st.rerun()

with result:
    runs = store.runs()
    if not runs:
        empty("Nothing trained yet", "Press *Start training*: with the defaults it takes seconds.")
        st.stop()
    run = choices.choose_run(runs, default=choices.newest_of_visitor(runs))
    training_view(run)
