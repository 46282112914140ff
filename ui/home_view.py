"""The parts of the home page."""

from __future__ import annotations

import streamlit as st

from flowercore.backbones import registry, runtime
from flowercore.data.catalog import Entry
from flowercore.runs import store
from flowercore.runs.store import Run
from ui.choices import RUN, newest_of_visitor, run_label
from ui.datasets import my_entries
from ui.pages import EVALUATE, EXPLORE, PREDICT, TRAIN, Page
from ui.words import many, plain


def greeting() -> None:
    """Say what this is."""
    st.title("Flower Lab", anchor=False)
    st.markdown(
        "Teach a computer to tell flowers apart. It starts from a network that has already seen "
        "a million pictures, so your own classes take **seconds to learn** – on this machine, "
        "without internet."
    )


def doors() -> None:
    """Offer the three things to do."""
    for column, (page, title, text, label) in zip(st.columns(3), _DOORS, strict=True):
        with column, st.container(border=True, height="stretch"):
            st.subheader(f":primary[{page.icon}] {title}", anchor=False)
            st.markdown(text)
            st.space("stretch")
            if st.button(label, key=f"door_{page.title}", type="primary", width="stretch"):
                st.switch_page(page.file)


_DOORS: tuple[tuple[Page, str, str, str], ...] = (
    (
        EXPLORE,
        "See the photos",
        "Which flowers are there, how many of each, and what do they look like? Bring your own.",
        "Look around",
    ),
    (
        TRAIN,
        "Train a model",
        "Choose the photos, press start, and watch accuracy climb while it learns.",
        "Start training",
    ),
    (
        PREDICT,
        "Ask about a photo",
        "Upload a flower. The model says what it sees, and how sure it is.",
        "Ask",
    ),
)


def state_of_things() -> None:
    """Show the state of data, backbone and last run."""
    st.subheader("State of things", anchor=False)
    entries, runs = my_entries(), store.runs()
    with st.container(border=True):
        st.table(
            {
                "Photos": _photos(entries),
                "Backbone": _backbone(),
                "Last run": _last(runs),
            },
            border="horizontal",
            alt="State of photos, backbone and last run",
        )
        if runs and st.button("Open the last run", icon=EVALUATE.icon, type="tertiary"):
            newest = runs[newest_of_visitor(runs)]
            st.switch_page(EVALUATE.file, query_params={RUN: newest.id})


def _photos(entries: list[Entry]) -> str:
    if not entries:
        return "none yet"
    named = [
        f"**{plain(one.name)}** ({many(sum(one.classes.values()), 'photo')} in "
        f"{many(len(one.classes), 'class', 'classes')}, {plain(one.origin)})"
        for one in entries[:3]
    ]
    more = f" and {len(entries) - 3} more" if len(entries) > 3 else ""
    return ", ".join(named) + more


def _backbone() -> str:
    backbone = registry.get(registry.DEFAULT)
    state = ":green[ready]" if runtime.ready(backbone.name) else ":orange[not ready yet]"
    return f"**{backbone.title}**, {backbone.parameters / 1e6:.1f} million weights, {state}"


def _last(runs: list[Run]) -> str:
    if not runs:
        return "none yet"
    return f"**{plain(run_label(runs[newest_of_visitor(runs)], st.context.timezone))}**"
