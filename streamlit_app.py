"""The dashboard's entrypoint: page config, navigation, warm-up. Nothing else."""

from __future__ import annotations

import streamlit as st

from flowercore import __version__
from ui.entry import ROOT, inside, warm_up
from ui.guard import in_words
from ui.in_room import in_the_room
from ui.pages import HOME, pages

# Before the navigation, which would else take a page's icon for the tab, from the internet.
st.set_page_config(
    page_title="Flower Lab",
    page_icon=str(ROOT / "ui" / "assets" / "mark.svg"),
    layout="wide",
    menu_items={
        "About": f"**Flower Lab {__version__}**: transfer learning on flower photos, "
        "on your own machine and without internet."
    },
)
st.logo(
    str(ROOT / "ui" / "assets" / "logo.svg"),
    size="large",
    icon_image=str(ROOT / "ui" / "assets" / "mark.svg"),
)

page = st.navigation(
    [
        st.Page(one.file, title=one.title, icon=one.icon, help=one.help, default=one is HOME)
        for one in pages()
    ]
)
if page.title != HOME.title:
    st.set_page_config(page_title=f"{page.title} · Flower Lab")
with inside(), in_words():
    warm_up()
    in_the_room()
    page.run()
