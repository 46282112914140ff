"""What to do where a model of painted flowers does not know what it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from flowercore.data.catalog import GARDEN_ORIGIN
from flowercore.prediction.predictor import Prediction
from flowercore.runs import starter, store
from ui import answers, choices
from ui.answers import Answer


def second_opinion(given: Sequence[Answer]) -> None:
    """Offer the starter, which has seen real photos, where a model of painted ones does not know.

    It is asked about all of the photos, by what is kept of them.

    Args:
        given: What a model said of photos that could be read, at least one.

    Raises:
        FlowercoreError: If one of the two is no longer there.
    """
    novel = [one for one in given if isinstance(one.outcome, Prediction) and one.outcome.novel]
    if not novel or not starter.available():
        return
    if store.get(novel[0].run_id).dataset.get("origin") != GARDEN_ORIGIN:
        return
    st.markdown("It has learned from **painted** flowers only.")
    if st.button(
        "Ask the starter, which knows real ones",
        icon=":material/local_florist:",
        key=f"second_{given[0].key}",
    ):
        photos = [(one.outcome.photo, partial(bytes, one.preview or b"")) for one in given]
        label = choices.run_label(store.get(starter.NAME), st.context.timezone)
        answers.ask(starter.NAME, label, photos, given[0].truth if len(given) == 1 else None)
        st.rerun()
