from __future__ import annotations

import streamlit as st

from flowercore.runs import store
from ui import choices
from ui.empty import empty
from ui.entry import enter
from ui.evaluate_views import VIEWS
from ui.evaluation_view import headline
from ui.judged import on_table, on_test_photos
from ui.judged_on import choose_judged_on, judged_on_notes, judged_table
from ui.pages import TRAIN
from ui.report_button import report_buttons
from ui.view_choice import choose_view
from ui.words import STATES, plain

enter()

st.title("Evaluate", anchor=False)
st.markdown("How good is it on photos that it has never learned from, and where does it go wrong?")

runs = store.runs()
if not runs:
    empty("Nothing to judge yet", "Train a model first.", TRAIN, "Train a model")
    st.stop()

run = choices.choose_run(runs, default=choices.newest_finished(runs))
if run.active:
    empty(
        f"This run is still {STATES[run.status]}",
        "It is judged when it ends. Choose another run above, or watch this one.",
        TRAIN,
        "Watch it",
    )
    st.stop()
if run.status in ("failed", "damaged"):
    st.error(plain(run.reason or ""), title="There is nothing to judge", icon=":material/error:")
    st.page_link(TRAIN.file, label="Train again", icon=TRAIN.icon)
    st.stop()
if run.reason:
    st.info(plain(run.reason), icon=":material/stop_circle:")

on = choose_judged_on(run)
judged_on_notes(run, on)
judged = on_table(run, on, judged_table(run, on)) if on else on_test_photos(run)
if judged is None:
    empty(
        "No test photos",
        "This run kept no photos aside, or was stopped before its test. Judge it on another "
        "dataset, or train one with a test split above 0.",
        TRAIN,
        "Train another",
    )
    st.stop()

headline(judged)
report_buttons(judged)
view = choose_view({name: one.title for name, one in VIEWS.items()}, "evaluate")
VIEWS[view].show(judged)
