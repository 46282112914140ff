from __future__ import annotations

import streamlit as st

import ui
from ui import loaders
from ui.bring_photos import bring_photos, import_report
from ui.choices import choose_dataset
from ui.datasets import my_entries
from ui.empty import empty
from ui.explore_view import class_balance, photos_of_class, what_is_here
from ui.preparation import preparation_progress

ui.enter()

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

left, right = st.columns([2, 3], gap="large")
with left:
    entry = choose_dataset(entries)
    data = loaders.dataset(entry)
    import_report(entry.name)
    what_is_here(data)
    with st.expander("Bring your own photos", icon=":material/add_photo_alternate:"):
        bring_photos()
with right:
    class_balance(data)
photos_of_class(data)
