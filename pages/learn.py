from __future__ import annotations

import streamlit as st

import ui
from ui.chapters.frame import course

ui.enter()

st.title("Learn", anchor=False)
st.markdown("How a network sees a flower, one idea at a time, each computed by the real thing.")

course()
