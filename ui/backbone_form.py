"""Choosing a backbone, and how much of it learns."""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from flowercore.backbones import registry, weights
from flowercore.backbones.facts import Backbone
from flowercore.teaching.glossary import meaning
from flowercore.workshop import locks as lock_rules
from flowercore.workshop.locks import Locks
from ui.form_fields import FINE_TUNE, KEYS, PAIR_WIDTH, number, switch, unknown
from ui.in_room import LOCKED
from ui.words import plain

_BACKBONE = KEYS["backbone"]
_FROM = KEYS["fine_tune_from"]
_TOGGLE = "Train the end of the backbone as well"
_TOGGLE_HELP = (
    f"{meaning('fine-tuning')} It takes minutes instead of seconds, and is worth it with real "
    "photos."
)


def choose_backbone(notices: DeltaGenerator, locks: Locks) -> Backbone:
    """Ask for a backbone and show its facts, and what to do when its weights are not here.

    Args:
        notices: Where it is said that the address asks for one that there is not.
        locks: Which ones a workshop's leader allows.
    """
    titles = {one.name: one.title for one in registry.backbones() if locks.allows(one.name)}
    if st.session_state.get(_BACKBONE) not in {None, *titles}:
        # Chosen before the leader locked it; its blocks are unknown to the others.
        for key in (_BACKBONE, _FROM):
            st.session_state.pop(key, None)
    unknown(_BACKBONE, list(titles.values()), "Network", notices)
    name = st.selectbox(
        "Network",
        list(titles),
        format_func=titles.__getitem__,
        key=_BACKBONE,
        help=meaning("backbone"),
        bind="query-params",
        on_change=_other_blocks,
        disabled=len(titles) == 1,
    )
    if locks.backbones:
        st.caption(f"{LOCKED} The leader allows {plain(lock_rules.titles(locks.backbones))} only.")
    backbone = registry.get(name)
    st.markdown(plain(backbone.note))
    st.caption(
        f"{backbone.parameters / 1e6:.1f} million weights · "
        f"{backbone.input_size} × {backbone.input_size} pixels · "
        f"{backbone.feature_dim:,} features · licence: {plain(backbone.licence)}",
        help=plain(backbone.source),
    )
    problem = weights.missing(backbone)
    if problem is not None:
        st.warning(
            plain(problem), title="Its weights are not on this machine", icon=":material/download:"
        )
        if locks.allows(registry.DEFAULT):
            st.button(
                f"Use {registry.get(registry.DEFAULT).title} instead",
                key="use_default_backbone",
                type="tertiary",
                icon=":material/undo:",
                on_click=_use_default,
            )
    return backbone


def _use_default() -> None:
    st.session_state[_BACKBONE] = registry.DEFAULT
    _other_blocks()


def _other_blocks() -> None:
    # Another network has other blocks: the one in the address would be unknown to it.
    st.session_state[_FROM] = _usual(registry.get(st.session_state[_BACKBONE]))


def fine_tuning(
    backbone: Backbone, classes: int, notices: DeltaGenerator, locks: Locks
) -> dict[str, Any]:
    """Ask whether the end of the backbone learns as well, and from where on.

    Args:
        backbone: The network.
        classes: How many classes the head tells apart.
        notices: Where it is said that the address asks for a block that there is not.
        locks: Whether a workshop's leader allows it.

    Returns:
        The settings of fine-tuning by their names in `TrainConfig`.
    """
    if locks.fine_tuning:
        wanted = st.toggle(_TOGGLE, key=FINE_TUNE, help=_TOGGLE_HELP, bind="query-params")
    else:
        # Another box: the usual one may be on, and the address could switch it on again.
        st.caption(f"{LOCKED} The leader has switched fine-tuning off: the head learns alone.")
        wanted = st.toggle(_TOGGLE, key="fine_tune_locked", help=_TOGGLE_HELP, disabled=True)
    names = [block.name for block in backbone.blocks]
    unknown(_FROM, names, "Unfreeze from", notices)
    # All boxes are drawn in any case: one that is not would forget what it holds.
    start = st.select_slider(
        "Unfreeze from",
        names,
        value=_usual(backbone),
        key=_FROM,
        help="The network's blocks from the photo on the left to the features on the right.",
        disabled=not wanted,
        bind="query-params",
    )
    counted = st.container()
    with st.grid(2, min_column_width=PAIR_WIDTH):
        chosen = {
            "fine_tune_from": start,
            "fine_tune_epochs": number(
                "fine_tune_epochs",
                "Its epochs",
                1,
                "They come after those of the head.",
                disabled=not wanted,
            ),
            "fine_tune_learning_rate": number(
                "fine_tune_learning_rate",
                "Its learning rate",
                1e-4,
                "The highest it gets: it rises over one epoch, then falls along a cosine. Too "
                "high, and what was learned from ImageNet is lost.",
                disabled=not wanted,
            ),
            "mixup": number(
                "mixup",
                "Mixup",
                0.1,
                f"{meaning('mixup')} 0 blends none.",
                disabled=not wanted,
            ),
            "weight_average": number(
                "weight_average",
                "Weight averaging",
                0.01,
                f"{meaning('weight averaging')} Here: its momentum. 0 keeps the last ones.",
                disabled=not wanted,
            ),
            "weight_interpolation": number(
                "weight_interpolation",
                "Weight interpolation",
                0.1,
                "How much of the way from where fine-tuning began to where it arrived the kept "
                "weights go. Less than 1 forgets less of what was pretrained.",
                disabled=not wanted,
            ),
            "sharpness": number(
                "sharpness",
                "Sharpness radius",
                0.01,
                f"{meaning('sharpness-aware minimization')} Here: how far it looks; 0.05 is usual. "
                "Each step takes twice as long. 0 steps as usual.",
                disabled=not wanted,
            ),
        }
    chosen["frozen_beside"] = switch(
        "frozen_beside",
        "Keep the pretrained end beside the trained one",
        "Both judge together, each with its own head: what was pretrained is not forgotten. A "
        "photo takes a little longer.",
        disabled=not wanted,
    )
    with counted:
        _parameters(backbone, start if wanted else None, classes, beside=chosen["frozen_beside"])
    st.caption(
        "BatchNorm layers stay as they were pretrained: a few hundred photos are too few to "
        "measure means and deviations anew."
    )
    return chosen if wanted else {}


def _usual(backbone: Backbone) -> str:
    # The middle: earlier blocks see edges and colours, which flowers share with everything else.
    return backbone.blocks[len(backbone.blocks) // 2].name


def _parameters(backbone: Backbone, start: str | None, classes: int, *, beside: bool) -> None:
    block = None if start is None else backbone.block(start)
    if block is not None and block.note:
        st.caption(plain(block.note))
    tail = 0 if block is None else block.trainable
    both = beside and tail > 0
    head = (backbone.feature_dim + 1) * classes * (2 if both else 1)
    trainable, frozen = tail + head, backbone.parameters - (0 if both else tail)
    learn = f"**{trainable:,}** weights learn"
    learn += (
        f", {head:,} of them in {'two heads' if both else 'the head'}" if tail else ": the head"
    )
    st.progress(trainable / (trainable + frozen), text=f"{learn}; **{frozen:,}** stay frozen")
