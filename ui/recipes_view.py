"""Recipes: settings that belong together, started with one click."""

from __future__ import annotations

import streamlit as st

from flowercore.backbones import registry, weights
from flowercore.data.catalog import Entry
from flowercore.jobs import queue
from flowercore.training.recipes import RECIPES, XCEPTION, Recipe, recipe
from flowercore.workshop.locks import reason
from ui import choices
from ui.guard import in_words
from ui.in_room import LOCKED, my_locks
from ui.visitor import visitor
from ui.words import plain

# In a few words; what the recipes say of themselves is one click away.
_SHORT = {
    "notebook": "The course's, in two variants",
    "fine-tune": "Trains the backbone's end too: takes minutes",
    "control": "With ImageNet, without it, and from scratch",
    "suspects": "Three suspects, tried one by one: takes minutes",
}


def recipes(entry: Entry) -> None:
    """Offer the recipes for a dataset.

    Args:
        entry: The photos that are trained on.
    """
    for one in RECIPES:
        _offer(one, entry)


def _offer(one: Recipe, entry: Entry) -> None:
    held = locked(one.name, entry)
    with st.container(gap="xxsmall"):
        begun = st.button(
            one.title,
            key=f"recipe_{one.name}",
            icon=":material/play_arrow:",
            width="stretch",
            help=plain(one.text),
            disabled=held is not None,
        )
        if held is not None:
            st.caption(f"{LOCKED} {plain(held)}")
            return
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.caption(_SHORT.get(one.name, plain(one.text)), width="content")
            if one.name in ("notebook", "suspects"):
                _instead_of_xception()
    if begun:
        with in_words():
            begin(one.name, entry)


def locked(name: str, entry: Entry) -> str | None:
    """Say in a few words why the leader of a room does not allow a recipe; None if nothing does.

    Args:
        name: Of the recipe.
        entry: The photos that are trained on.
    """
    locks = my_locks()
    if not locks.any:
        return None
    reasons = (reason(config, locks) for config in recipe(name, entry.name))
    return next(filter(None, reasons), None)


def begin(name: str, entry: Entry) -> None:
    """Start a recipe's trainings and show the first of them.

    Raises:
        InputError: If these photos cannot be trained on.
        JobError: If this visitor has an active run, or too many runs wait.
        StorageError: If the home folder cannot be written.
    """
    runs = queue.submit_all(recipe(name, entry.name), visitor())
    choices.remember(choices.RUN, runs[0].id)
    st.rerun()


def _instead_of_xception() -> None:
    problem = weights.missing(registry.get(XCEPTION))
    if problem is None:
        return
    default = registry.get(registry.DEFAULT).title
    with st.popover("without Xception", type="tertiary", help="Why, and how to get it"):
        st.markdown(f"The notebook uses Xception. Here the recipe runs on **{plain(default)}**.")
        st.markdown(plain(problem))
