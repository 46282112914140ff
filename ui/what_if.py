"""What if a part of the photo were not there: cover it, and see the probabilities move."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from flowercore import figures
from flowercore.data.names import shown
from flowercore.prediction.cover import Box, covered
from flowercore.prediction.predictor import Prediction
from flowercore.prediction.verdict import verdict
from ui import loaders
from ui.threshold import threshold
from ui.words import percent, plain

_MIDDLE = (30, 70)
# Smaller changes than this are not told.
_TOLD = 0.01
_MOST_TOLD = 5


def choose_part(key: str) -> Box:
    """Let the visitor choose the part that is covered.

    Args:
        key: Tells these widgets from those of other photos.
    """
    across = st.slider(
        "Cover from left to right", 0, 100, _MIDDLE, 5, format="%d %%", key=f"{key}_across"
    )
    down = st.slider(
        "Cover from top to bottom", 0, 100, _MIDDLE, 5, format="%d %%", key=f"{key}_down"
    )
    return across[0] / 100, down[0] / 100, across[1] / 100, down[1] / 100


def show_covered(preview: bytes, name: str, part: Box) -> None:
    """Show the photo with the part covered.

    Args:
        preview: The upright photo.
        name: Of its file.
        part: What is covered.
    """
    st.image(
        covered(preview, part),
        width="stretch",
        alt=f"The photo {shown(name)} with a part covered",
    )


def show_change(preview: bytes, run_id: str, part: Box, key: str) -> None:
    """Show what the model says of the covered photo, and what that changes.

    Both are judged by the small copy of the photo that is still there, so that only the cover
    makes a difference.

    Args:
        preview: The upright photo.
        run_id: The model.
        part: What is covered.
        key: Tells this chart from others.

    Raises:
        FlowercoreError: If the model is no longer there.
    """
    predictor = loaders.predictor(run_id)
    whole, rest = predictor.predict(
        [("whole", covered(preview, None)), ("covered", covered(preview, part))]
    )
    if not isinstance(whole, Prediction) or not isinstance(rest, Prediction):
        return  # never: the picture was made here
    said = verdict(rest.probabilities, threshold(), novel=bool(rest.novel))
    st.caption("With the part covered:")
    st.subheader(plain(said), anchor=False)
    st.plotly_chart(
        figures.probability_bars(rest.probabilities, secondary=bool(rest.novel)),
        key=f"{key}_covered_bars",
        config=figures.CONFIG,
        alt=f"Probability of each class with the part covered: {rest.label} first with "
        f"{percent(rest.probabilities[rest.label], 0)}",
    )
    st.markdown(change(whole.probabilities, rest.probabilities))


def change(before: Mapping[str, float], after: Mapping[str, float]) -> str:
    """Say how probabilities moved, the largest change first, as Markdown.

    Args:
        before: Probability by class.
        after: Likewise.
    """
    moved = sorted(before, key=lambda name: -abs(after[name] - before[name]))
    told = [name for name in moved if abs(after[name] - before[name]) >= _TOLD][:_MOST_TOLD]
    if not told:
        return "**Nothing moved**: without that part it says the same."
    return "\n".join(
        f"- {plain(name)}: {percent(before[name], 0)} → **{percent(after[name], 0)}**"
        for name in told
    )
