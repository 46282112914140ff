"""What to do where a model of painted flowers does not know what it is shown."""

from __future__ import annotations

from functools import partial

import streamlit as st

from flowercore.data.catalog import GARDEN
from flowercore.runs import starter, store
from ui import answers, choices
from ui.answers import Answer
from ui.words import data_of


def second_opinion(answer: Answer) -> None:
    """Offer the starter, which has seen real photos, to who asked a model of the painted garden.

    It is asked about all photos that are on the page, by what is kept of them.

    Args:
        answer: What a model took for something else.

    Raises:
        FlowercoreError: If one of the two is no longer there.
    """
    if not starter.available() or data_of(store.get(answer.run_id)) != GARDEN:
        return
    st.markdown("It has learned from **painted** flowers only.")
    if st.button(
        "Ask the starter, which knows real ones",
        icon=":material/local_florist:",
        key=f"second_{answer.key}",
    ):
        shown = [one for one in answers.answers() if one.preview is not None]
        photos = [(one.outcome.photo, partial(bytes, one.preview or b"")) for one in shown]
        label = choices.run_label(store.get(starter.NAME), st.context.timezone)
        answers.ask(starter.NAME, label, photos, answer.truth if len(shown) == 1 else None)
        st.rerun()
