"""The class activation map of a photo: for which class, how strong, and what it means."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from flowercore.prediction.explain import Explanation
from ui.words import plain

_OPACITY = "map_opacity"


def map_choices(names: Sequence[str], key: str, photo: str) -> tuple[str, float]:
    """Let the visitor choose a map.

    Args:
        names: The classes, the one that is offered first in front.
        key: Tells these widgets from those of other photos on the page.
        photo: Tells this photo from others that are shown in the same place.

    Returns:
        The class, and the map's opacity, 0..1.
    """
    chosen = st.selectbox(
        "What speaks for",
        names,
        key=f"{key}_class_{photo}",
        help="The class activation map: what each place adds to the answer for this class, "
        "compared with what it adds to the others. It is exact, not guessed. Pale yellow is the "
        "most that any place of this photo says for any class.",
    )
    # Widgets are forgotten with the photo; how strong the map shall be is not.
    widget = f"{key}_opacity"
    if widget not in st.session_state:
        # Only then: set anew in each run, it would jump back under quick keys.
        st.session_state[widget] = st.session_state.get(_OPACITY, 50)

    def follow() -> None:
        st.session_state[_OPACITY] = st.session_state[widget]

    opacity = st.slider(
        "Strength of the map", 0, 100, step=10, format="%d %%", key=widget, on_change=follow
    )
    return chosen, opacity / 100


def map_meaning(found: Explanation, name: str, *, square: bool, mirrored: bool) -> str:
    """Say what a map means, as Markdown.

    Args:
        found: What each place of the photo says.
        name: The class of the map.
        square: Whether the photo is as wide as high.
        mirrored: Whether the answer also counts the photo's mirror image.
    """
    sentences = [f"Yellow speaks for {plain(name)} and against the others, dark blue does not."]
    if not found.heat(name).any():
        sentences.append(f"No place of this photo speaks for {plain(name)}.")
    if not found.squeezed and not square:
        sentences.append("The rim without colours was not shown to the network.")
    if mirrored:
        sentences.append("The answer also counts the photo's mirror image, which has its own map.")
    return " ".join(sentences)
