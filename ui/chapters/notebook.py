"""The notebook, line by line: what each step does, its code here, and the page that does it."""

from __future__ import annotations

import streamlit as st

from flowercore.backbones import registry, weights
from flowercore.teaching.notebook.steps import STEPS, Step, script
from ui.chapters.chapter import Chapter, TryIt
from ui.chapters.leads import lead_to
from ui.pages import EVALUATE, EXPLORE, LEARN, PREDICT, TRAIN
from ui.words import plain

_STEP = "step"  # in the address as well
_BY_NAME = {step.name: step for step in STEPS}
_NUMBERS = {step.name: number for number, step in enumerate(STEPS, start=1)}

# Where each step happens; what stands in the address are the words of Train's form.
PAGES = {
    "load": TryIt(EXPLORE, "Look at the photos"),
    "resize": TryIt(LEARN, "See what its input becomes", {"view": "anatomy"}),
    "scale": TryIt(LEARN, "What preprocessing is worth", {"view": "seventy-two"}),
    "labels": TryIt(EXPLORE, "Count the photos of each class", {"view": "charts"}),
    "split": TryIt(TRAIN, "Train with this split", {"split": "As the notebook does"}),
    "standardise": TryIt(
        TRAIN, "Train with this preprocessing", {"preprocessing": "The notebook's"}
    ),
    "backbone": TryIt(LEARN, "What is copied, frozen and new", {"view": "transfer"}),
    "pool": TryIt(LEARN, "See the feature maps", {"view": "feature-maps"}),
    "head": TryIt(LEARN, "What is copied, frozen and new", {"view": "transfer"}),
    "compile": TryIt(TRAIN, "See all settings"),
    "fit": TryIt(TRAIN, "Train it here"),
    "test": TryIt(EVALUATE, "Judge a run with its interval"),
    "confusion": TryIt(EVALUATE, "Click through the confusions", {"view": "confusions"}),
    "predict": TryIt(PREDICT, "Ask about your photo"),
}


def _show() -> None:
    _instead_of_xception()
    overview, detail = st.columns([2, 5], gap="large")
    with overview:
        name = st.radio(
            "Step",
            list(_BY_NAME),
            format_func=lambda one: f"{_NUMBERS[one]} {_BY_NAME[one].title}",
            key=_STEP,
            bind="query-params",
            label_visibility="collapsed",
        )
    with detail:
        _step(_BY_NAME[name])
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "All steps as one program",
            script(),
            file_name="notebook.py",
            mime="text/x-python",
            icon=":material/download:",
            on_click="ignore",
        )
        st.caption("Python runs it on the painted garden, from the folder that holds flowercore.")


def _instead_of_xception() -> None:
    problem = weights.missing(registry.get("xception"))
    if problem is None:
        return
    default = registry.get(registry.DEFAULT).title.partition(" (")[0]
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(
            ":material/cloud_off: **Without Xception:** its weights are not on this machine, so "
            f"the code takes {plain(default)}; the numbers differ.",
            width="content",
        )
        with st.popover("How to get it", type="tertiary"):
            st.markdown(plain(problem))


def _step(step: Step) -> None:
    number = _NUMBERS[step.name]
    with st.container(border=True):
        st.subheader(f"{number}. {step.title}", anchor=False)
        st.markdown(f"**The notebook:** {step.what}")
        st.markdown(f"**Why:** {step.why}")
        if step.today:
            st.markdown(f"**Here:** {step.today}")
        # In one colour: those of Streamlit's highlighting cannot be chosen, and some are too weak.
        st.code(step.code, language=None, wrap_lines=True)
        with st.container(horizontal=True, vertical_alignment="center"):
            lead_to(PAGES[step.name], "try_step")
            st.space("stretch")
            _turn(number - 1, "Step before", ":material/arrow_upward:")
            _turn(number + 1, "Next step", ":material/arrow_downward:")


def _turn(number: int, words: str, icon: str) -> None:
    if 1 <= number <= len(STEPS):
        st.button(words, icon=icon, on_click=_open, args=(STEPS[number - 1].name,))


def _open(name: str) -> None:
    st.session_state[_STEP] = name


NOTEBOOK = Chapter(
    short="Notebook",
    title="The notebook, line by line",
    lead="The course's notebook, step by step: what it does, why, and the same with the code of "
    "this package. Every line runs, and is tested.",
    show=_show,
    try_it=TryIt(TRAIN, "Train the notebook's recipe"),
)
