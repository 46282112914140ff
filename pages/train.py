from __future__ import annotations

import streamlit as st

from flowercore.runs import store
from ui import choices
from ui.datasets import my_entries
from ui.empty import empty
from ui.entry import enter
from ui.experiment_view import siblings
from ui.in_room import my_name
from ui.pages import EXPLORE
from ui.preparation import preparation_progress
from ui.recipes_view import recipes
from ui.run_states import ANCHOR
from ui.training_form import start, training_form
from ui.training_view import training_view
from ui.visitor import visitor

enter()

st.title("Train", anchor=False)
st.markdown(
    "The pretrained network looks at each photo once. Then a small new layer, the *head*, learns "
    "which of its impressions mean which class."
)

my_name("train")
ready = preparation_progress()
entries = my_entries()
if not entries:
    if ready:
        empty("No photos to learn from", "Bring some in first.", EXPLORE, "Bring photos")
    st.stop()

runs = store.runs()
settings, result = st.columns([2, 3], gap="large")
with settings:
    entry = choices.choose_dataset(entries)
    # Filled last: what it says depends on the settings, and it must be seen beside the result.
    begin = st.container(border=True)
    with st.container(border=True, gap="small"):
        st.markdown("**Or in one click**")
        recipes(entry)
    with st.container(border=True):
        st.markdown("**Settings**")
        config, notices = training_form(entry)
    with begin:
        start(entry, config, notices)
        if any(run.active and run.visitor == visitor() for run in runs):
            st.caption(f"Your training goes on: [see how far it is](#{ANCHOR}).")

with result:
    if not runs:
        empty("Nothing trained yet", "Press *Start training*: with the defaults it takes seconds.")
        st.stop()
    run = choices.choose_run(runs, default=choices.newest_of_visitor(runs))
    training_view(run, siblings(run, runs))
