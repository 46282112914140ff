from __future__ import annotations

import streamlit as st

from flowercore.workshop import room
from ui.empty import empty
from ui.entry import enter
from ui.view_choice import choose_view
from ui.workshop.unlock import unlocked
from ui.workshop.views import VIEWS

enter()

st.title("Workshop", anchor=False)
if not room.is_open():
    empty("No workshop here", "Start the dashboard with `make workshop`.")
    st.stop()
if not unlocked():
    st.stop()

view = choose_view({name: one.title for name, one in VIEWS.items()}, "workshop")
VIEWS[view].show()
