from __future__ import annotations

import streamlit as st

from ui import loaders
from ui.bring_photos import bring_photos, import_report
from ui.choices import choose_dataset
from ui.datasets import my_entries
from ui.empty import empty
from ui.entry import enter
from ui.explore_view import doubts, what_is_here
from ui.explore_views import VIEWS
from ui.preparation import preparation_progress
from ui.view_choice import choose_view

enter()

st.title("Explore", anchor=False)
st.markdown("What a model learns from decides what it can know. Look before you train.")

entries = my_entries()
if not entries:
    if preparation_progress():
        empty("No photos yet", "Bring your own: a zip of class folders.")
    with st.container(border=True):
        st.subheader("Bring your own photos", anchor=False)
        bring_photos()
    st.stop()

choice, facts = st.columns([2, 3], gap="small", vertical_alignment="bottom")
with choice:
    entry = choose_dataset(entries)
data = loaders.dataset(entry)
with facts:
    what_is_here(data)
# A place of their own: what is below keeps its place as they come and go.
with st.container(key="notes"):
    doubts(data)
    import_report(entry.name)
view = choose_view({name: one.title for name, one in VIEWS.items()}, "explore")
VIEWS[view].show(entry, data)
