"""Why a photo is taken for something else, or is not, and how often that is wrong."""

from __future__ import annotations

import streamlit as st

from flowercore.prediction.novelty import NEIGHBOURS, REFUSED
from flowercore.prediction.predictor import Prediction
from flowercore.runs import starter
from ui.words import many


def how_it_knows(outcome: Prediction, limit: float, run_id: str) -> None:
    """Explain in an expander how a model tells its own classes from other things.

    Args:
        outcome: What it says of a photo, with its strangeness.
        limit: Strangeness from which on a photo is taken for something else.
        run_id: The model.
    """
    with st.expander("How does it know?", icon=":material/help:"):
        st.markdown(
            "Two signs tell whether a photo is of something else. Both are measured on "
            "the photos that the model learned from, and added:\n"
            f"- **Far away**: how unlike it is to the {NEIGHBOURS} photos that are most like it.\n"
            "- **Something else**: how much likelier a network that knows 1,000 kinds of things "
            "(ImageNet) finds another kind than those that the model's photos look like.\n\n"
            f"{_this_photo(outcome, limit)}"
        )
        st.caption(_rates(run_id))


def _this_photo(outcome: Prediction, limit: float) -> str:
    return (
        f"This photo's strangeness is **{outcome.distance:.1f}** standard deviations; 0 is a usual "
        f"photo. Above **{limit:.1f}** the model says that it knows no such thing."
    )


def _rates(run_id: str) -> str:
    if run_id != starter.NAME:
        return (
            f"How often that is wrong: of its own kind it refuses {100 * REFUSED:.0f} photos of "
            "100, by construction. How many other things it lets in was not measured."
        )
    found = starter.rates()
    low, high = 100 * found["accepted_low"], 100 * found["accepted_high"]
    return (
        f"How often that is wrong: it refuses {100 * found['refused']:.0f} of 100 flowers and lets "
        f"{100 * found['accepted']:.0f} of 100 other things in (95 % interval {low:.1f} to "
        f"{high:.1f}), measured by cross-validation on {many(found['photos'], 'flower')} and "
        f"{many(found['others'], 'photo')} of other things."
    )
