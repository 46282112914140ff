"""With which network the suspects are tried, and why it may be another than the notebook's."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from flowercore.backbones import registry, weights
from flowercore.errors import FlowercoreError
from flowercore.runs.store import Run
from flowercore.training import recipes
from flowercore.training.recipes import XCEPTION
from ui.words import plain


def tried_with(group: Sequence[Run]) -> None:
    """Say which network it is, and behind that what follows.

    Args:
        group: The runs of the trial; maybe none.
    """
    name = group[0].config.get("backbone") if group else recipes.notebooks_backbone()
    try:
        title = registry.get(str(name)).title
    except FlowercoreError:  # a run of another version
        return
    with st.popover(f"Tried with {plain(title.partition(' (')[0])}", type="tertiary"):
        if name == XCEPTION:
            st.markdown(
                "It is the notebook's own backbone. An epoch in training mode takes twelve times "
                "as long as with the embedded one: the runs need a quarter of an hour on two cores."
            )
            return
        st.markdown(
            f"The notebook used Xception. Here the suspects are tried with {plain(title)}, so its "
            "numbers are not expected to come out alike."
        )
        problem = weights.missing(registry.get(XCEPTION))
        if problem is not None:
            st.markdown(plain(problem))
