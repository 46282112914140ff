"""The boxes of the training form: each is kept in the address, and none has bounds of its own.

A number out of bounds is answered with the rule, so that nothing else that was typed is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from flowercore.data.names import shown
from flowercore.training.config import AUGMENTATIONS, TrainConfig
from ui.words import plain

# By setting: the key of its box, which is also its name in the address.
KEYS = {
    "epochs": "epochs",
    "batch_size": "batch",
    "validation_split": "validation",
    "test_split": "test",
    "learning_rate": "rate",
    "seed": "seed",
    "backbone": "backbone",
    "optimizer": "optimizer",
    "schedule": "schedule",
    "dropout": "dropout",
    "l2": "l2",
    "label_smoothing": "smoothing",
    "early_stopping": "patience",
    "class_weights": "class_weights",
    "augment": "views",
    "flip_average": "mirror",
    "fine_tune_from": "from",
    "fine_tune_epochs": "tail_epochs",
    "fine_tune_learning_rate": "tail_rate",
    "mixup": "mixup",
    "weight_average": "averaging",
    "weight_interpolation": "interpolation",
    "sharpness": "sharpness",
    "frozen_beside": "beside",
    "name": "run_name",
    "preprocessing": "preprocessing",
    "batch_norm": "batch_norm",
    "split": "split",
    "tensorboard": "tensorboard",
}
FINE_TUNE = "fine_tune"
PAIR_WIDTH = 130
"""Pixels that a box needs at least: two stand side by side also on a phone."""

DEFAULTS: dict[str, Any] = {field.name: field.default for field in fields(TrainConfig)}


def number(
    setting: str,
    label: str,
    step: Any,
    help: str,
    *,
    disabled: bool = False,
    usual: Any = None,
) -> Any:
    """Ask for a number; an emptied box returns to its default by itself.

    Args:
        setting: Which setting.
        label: What the box is called.
        step: By how much a click changes it.
        help: A sentence for people who ask.
        disabled: Whether it cannot be changed now.
        usual: Its default where that is another one than the setting's.
    """
    default = DEFAULTS[setting] if usual is None else usual
    whole = isinstance(default, int)
    value = st.number_input(
        label,
        value=default,
        step=step,
        key=KEYS[setting],
        help=help,
        # As typed: two digits would show 0.999 as 1.00.
        format=None if whole else "%g",
        disabled=disabled,
        bind="query-params",
    )
    return int(value) if whole else float(value)


def one_of(
    setting: str,
    label: str,
    names: dict[str, str],
    notices: DeltaGenerator,
    help: str | None = None,
) -> str:
    """Ask for one of a few options, all in view.

    Args:
        setting: Which setting.
        label: What the choice is called.
        names: What each option is called, the default first.
        notices: Where it is said that the address asks for something else.
        help: A sentence for people who ask.
    """
    unknown(KEYS[setting], list(names.values()), label, notices)
    return st.radio(
        label,
        list(names),
        format_func=names.__getitem__,
        key=KEYS[setting],
        help=help,
        bind="query-params",
    )


def switch(setting: str, label: str, help: str | None = None, *, disabled: bool = False) -> bool:
    """Ask for a yes or no."""
    return st.checkbox(label, key=KEYS[setting], help=help, disabled=disabled, bind="query-params")


def unknown(key: str, options: Sequence[str], label: str, notices: DeltaGenerator) -> None:
    """Say so if the address asks for an option that there is not; the default is used then.

    Args:
        key: Key of the box.
        options: What the address may hold.
        label: What the choice is called.
        notices: Where it is said: the box may be out of sight.
    """
    if key in st.session_state:  # chosen here: the address follows, a moment later
        return
    asked = st.query_params.get(key)
    if asked is not None and asked not in options:
        notices.warning(
            f"There is no “{plain(shown(asked))}” under *{plain(label)}*: the address was cut off, "
            "or comes from another version. The usual choice is taken instead.",
            icon=":material/link_off:",
        )


def fill(config: TrainConfig) -> None:
    """Put a run's settings into the form, before it is drawn."""
    for setting, key in KEYS.items():
        if setting != "fine_tune_from":
            st.session_state[key] = type(DEFAULTS[setting])(getattr(config, setting))
    for kind in AUGMENTATIONS:
        st.session_state[kind] = kind in config.augmentations
    st.session_state[FINE_TUNE] = bool(config.fine_tune_from)
    if config.fine_tune_from:
        st.session_state[KEYS["fine_tune_from"]] = config.fine_tune_from
