"""The photos that say most: surest mistakes, and right answers that nearly were none."""

from __future__ import annotations

import streamlit as st

from ui.judged import Judged
from ui.judged_photos import show_photos
from ui.words import many

_WRONG, _RIGHT = "Most confident mistakes", "Least confident right answers"


def mistakes(judged: Judged) -> None:
    """Show photos at either end, each with what can be done about its label.

    Args:
        judged: The run on some photos.
    """
    which = st.radio(
        "Which photos", (_WRONG, _RIGHT), horizontal=True, key="mistakes", bind="query-params"
    )
    photos, right = judged.judgement.photos, judged.judgement.right
    if which == _WRONG:
        table = photos[~right].sort_values("probability", ascending=False, kind="stable")
        if table.empty:
            st.markdown(":green[:material/check_circle:] Not a single mistake on these photos.")
            return
        words = "the surest first. Is the model wrong, or the folder the photo lay in?"
    else:
        table = photos[right].sort_values("probability", kind="stable")
        if table.empty:
            st.markdown(":orange[:material/cancel:] It named no photo right.")
            return
        words = "the least sure first: what is odd about them?"
    st.caption(f"{many(len(table), 'photo')}, {words}")
    show_photos(judged, table, key="wrong" if which == _WRONG else "unsure", mend=True)
