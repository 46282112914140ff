"""From how sure on a visitor wants an answer; below, a photo is answered with "not sure"."""

from __future__ import annotations

import streamlit as st

from flowercore.errors import FlowercoreError
from flowercore.evaluation.coverage import Answered, answered
from flowercore.prediction.verdict import THRESHOLD
from flowercore.runs.store import Run
from ui.judged import on_test_photos
from ui.words import of_hundred, percent

_CHOSEN = "threshold"
_STEPS = 5  # per cent


def threshold() -> float:
    """Return the visitor's threshold, 0..1."""
    return float(st.session_state.get(_CHOSEN, THRESHOLD))


def threshold_slider(key: str) -> float:
    """Let the visitor choose it, for all pages.

    Args:
        key: Tells this slider from those of other pages.

    Returns:
        The threshold, 0..1.
    """
    # The page that is left forgets its widget; what was chosen stays.
    if key not in st.session_state:
        # Only then: set anew in each run, it would jump back under quick keys.
        st.session_state[key] = round(100 * threshold())

    def follow() -> None:
        st.session_state[_CHOSEN] = st.session_state[key] / 100

    st.slider(
        "Say “not sure” below",
        0,
        100,
        step=_STEPS,
        format="%d %%",
        key=key,
        on_change=follow,
        help="If the most probable class gets less than this, the answer is “not sure”. Predict "
        "uses the same threshold.",
    )
    return threshold()


def threshold_of(run: Run) -> None:
    """Let the visitor choose it where photos are asked about, and say what it means for a run.

    Args:
        run: The run that answers.
    """
    with st.popover("How sure must it be?", icon=":material/tune:"):
        chosen = threshold_slider("predict_threshold")
        try:
            judged = on_test_photos(run)
        except FlowercoreError:  # Evaluate says what is wrong with its files
            return
        if judged is None:
            st.caption("What that would mean cannot be told: this run has no test photos.")
            return
        found = answered(judged.judgement.true, judged.judgement.probabilities, chosen)
        st.markdown(f"**On its test photos.** {coverage_words(found)}")


def coverage_words(chosen: Answered) -> str:
    """Say in a sentence what a threshold means for some photos, as Markdown."""
    refused = percent(1 - chosen.coverage, 0)
    if chosen.interval is None or chosen.accuracy is None:
        return "It would say “not sure” on **every** photo: nothing is answered."
    if chosen.count == chosen.of:
        return (
            f"It answers **every** photo and is right on **{percent(chosen.accuracy)}**: "
            f"{of_hundred(*chosen.interval)}."
        )
    return (
        f"If it may say “not sure” on **{refused}** of the photos, it is right on "
        f"**{percent(chosen.accuracy)}** of the others: {of_hundred(*chosen.interval)} that it "
        "answers."
    )
