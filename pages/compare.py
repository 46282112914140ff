from __future__ import annotations

import streamlit as st

from flowercore.runs import store
from ui import compare_choice
from ui.compare_pair import differences, verdict
from ui.compare_table import experiments, filtered, table
from ui.compare_view import cards, curves
from ui.empty import empty
from ui.entry import enter
from ui.pages import TRAIN
from ui.run_label import dialogs
from ui.words import names_of

enter()

st.title("Compare", anchor=False)
st.markdown("Which run is better, and is that more than luck?")

runs = store.runs()
if not runs:
    empty(
        "Nothing to compare yet",
        "Train two models with different settings: with the defaults each takes seconds.",
        TRAIN,
        "Train a model",
    )
    st.stop()

names = names_of(runs, st.context.timezone)
chosen = compare_choice.chosen(runs)
listed = filtered(runs)
hidden = set(chosen) - {run.id for run in listed}
if hidden:
    chosen = [one for one in chosen if one not in hidden]
    compare_choice.remember(chosen)
table(listed, names, chosen)
experiments(listed, chosen)
dialogs(names, compare_choice.forget)

by_id = {run.id: run for run in runs}
shown = [by_id[one] for one in chosen[: compare_choice.MOST]]
if len(runs) == 1:
    st.info(
        "Train another one with other settings, and see which is better.",
        icon=":material/balance:",
    )
    st.page_link(TRAIN.file, label="Train another", icon=TRAIN.icon)
elif len(shown) < 2:
    st.info(
        "Tick two runs to see which is better, or up to six to see their curves together.",
        icon=":material/check_box:",
    )
if len(chosen) > len(shown):
    st.caption(f"The first {len(shown)} of {len(chosen)} chosen runs are shown.")
if shown:
    places = compare_choice.places([run.id for run in shown])
    cards(shown, names, places)
if len(shown) > 1:
    verdict(shown, names)
if shown:
    curves(shown, names, places)
if len(shown) > 1:
    differences(shown, names)
