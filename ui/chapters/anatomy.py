"""Anatomy: a backbone as a diagram of its real layers, and the layers of one block."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from flowercore import figures
from flowercore.anatomy.kinds import kind_of
from flowercore.anatomy.layers import NAMES, Anatomy, Layer, anatomy
from flowercore.anatomy.modules import Module, modules
from flowercore.anatomy_chart import anatomy_chart, shape_words
from flowercore.backbones import registry
from flowercore.teaching.glossary import meaning
from ui.chapters.chapter import Chapter, TryIt
from ui.pages import TRAIN
from ui.words import listing, many

_NETWORK, _BLOCK = "network", "block"  # in the address as well
_TABLE, _LAYERS = 212, 5  # height, pixels, and the layers that it shows; the rest by scrolling
_WHAT, _GIVES, _WEIGHTS, _WORK, _NAME = (
    "Layer",
    "Gives",
    "Parameters",
    "Multiply-adds",
    "Name",
)


# What is chosen here is drawn anew without the rest of the page.
@st.fragment
def _show() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        name = st.radio(
            "Network",
            NAMES,
            format_func=_title,
            horizontal=True,
            key=_NETWORK,
            bind="query-params",
            label_visibility="collapsed",
        )
        network, drawn = anatomy(name), modules(name)
        _reading(drawn)
    by_name = {module.name: module for module in drawn}
    if st.session_state.get(_BLOCK) not in by_name:
        st.session_state[_BLOCK] = drawn[0].name
    picture, words = st.columns([6, 7], gap="medium")
    with words:
        _totals(network)
        st.markdown(_story(network, drawn))
        chosen = st.selectbox(
            "Block",
            list(by_name),
            format_func=lambda one: _called(by_name[one]),
            key=_BLOCK,
            bind="query-params",
            label_visibility="collapsed",
        )
        _block(by_name[chosen])
    with picture:
        _diagram(name, drawn, chosen)


def _title(name: str) -> str:
    return registry.get(name).title.partition(" (")[0]


def _diagram(name: str, drawn: tuple[Module, ...], chosen: str) -> None:
    key = f"anatomy_{name}"

    def follow() -> None:
        points = st.session_state[key]["selection"]["points"]
        if points:
            st.session_state[_BLOCK] = points[0]["customdata"]

    st.plotly_chart(
        _figure(name, chosen),
        key=key,
        on_select=follow,
        selection_mode="points",
        config=figures.CONFIG,
        alt=f"{_title(name)} as a diagram. "
        + "; ".join(
            f"{_called(module)}: {_way(module)}, gives {shape_words(module.output_shape)}"
            for module in drawn
        ),
    )


def _reading(drawn: tuple[Module, ...]) -> None:
    said = {
        kind_of(layer).title: kind_of(layer).text for module in drawn for layer in module.layers
    }
    with st.popover("How to read it", icon=":material/help:", type="tertiary"):
        st.markdown(_marks(drawn))
        st.markdown("\n".join(f"- **{title}**: {text}" for title, text in said.items()))


def _marks(drawn: tuple[Module, ...]) -> str:
    kinds = {layer.kind for module in drawn for layer in module.way}
    text = "In a box: the kernel, a stride above 1, and how many channels come out."
    if "SeparableConv2D" in kinds:
        text += " Orange above green is one separable convolution."
    if any(module.residual for module in drawn):
        text += " An arc is a residual connection"
        shortcuts = any(module.shortcut for module in drawn)
        text += "; a green mark on it, its pointwise convolution." if shortcuts else "."
    return text


@st.cache_resource(max_entries=64, show_spinner=False)
def _figure(name: str, chosen: str) -> go.Figure:
    return anatomy_chart(modules(name), chosen)


def _story(network: Anatomy, drawn: tuple[Module, ...]) -> str:
    convolutions = [layer for layer in network.layers if layer.convolution]
    separable = sum(layer.kind == "SeparableConv2D" for layer in convolutions)
    blocks = sum(module.repeats for module in drawn)
    sides = [module.output_shape[0] for module in drawn]
    if network.name == "xception":
        middle = next(module for module in drawn if module.flow == "middle flow")
        return (
            f"The course's backbone: **{network.depth} convolutions in {blocks} blocks, "
            f"{separable} of them separable**. The entry flow shrinks the photo from "
            f"{network.input_shape[0]} to {middle.input_shape[0]} pixels, the middle flow is "
            f"{middle.repeats} blocks that are built alike, and the exit flow makes "
            f"{network.output_shape[-1]:,} features of what is left."
        )
    if network.name == "vgg16":
        ratio = network.multiply_adds / anatomy("xception").multiply_adds
        return (
            f"The plain way of 2014: **{len(convolutions)} ordinary convolutions**, one after the "
            "other, no batch normalization, and nothing leads past a block. It is "
            f"{ratio:.1f} times the work of Xception, and less accurate."
        )
    return (
        f"The backbone that comes with Flower Lab: **{blocks} blocks**. Most widen the channels, "
        "look at the places of each channel by itself and narrow the channels again: a separable "
        f"convolution in the middle of a block. The map shrinks to {sides[-1]} × {sides[-1]} "
        "places."
    )


def _totals(network: Anatomy) -> None:
    side = network.input_shape[0]
    facts = {
        f"{_short(network.parameters)} parameters": meaning("parameter"),
        f"{_short(network.multiply_adds)} multiply-adds a photo": f"{meaning('multiply-add')} "
        "Those of the convolutions are counted.",
        f"{side} × {side} pixels": "The square that it looks at.",
        f"Depth {network.depth}": "Convolutions that follow each other on the longest way; a "
        "separable one counts once.",
    }
    with st.container(horizontal=True, gap="small"):
        for fact, help in facts.items():
            st.markdown(f"**{fact}**", help=help, width="content")


def _short(count: int) -> str:
    """Return a large number as people say it: ``8.36 billion``."""
    for size, word in ((10**9, "billion"), (10**6, "million")):
        if count >= size:
            return f"{count / size:.3g} {word}"
    return f"{count:,}"


def _called(module: Module) -> str:
    first, last = module.blocks[0], module.blocks[-1]
    name = first if first == last else f"{first} to {last}"
    return f"{name}, {module.flow}" if module.flow else name


def _way(module: Module) -> str:
    counts = Counter(kind_of(layer).title.lower() for layer in module.way)
    words = [many(count, name) if count > 1 else name for name, count in counts.items()]
    return listing(words) + (", with a residual connection" if module.residual else "")


def _block(module: Module) -> None:
    text = f"{_way(module).capitalize()}. "
    if module.repeats > 1:
        text += f"**{module.repeats} blocks are built alike**; the table shows the first. "
    if module.shortcut:
        text += "The shortcut has a pointwise convolution, so that what it adds has the same shape."
    elif module.residual:
        text += "The shortcut hands on what came in, unchanged."
    st.markdown(
        f"{text}{shape_words(module.input_shape)} → **{shape_words(module.output_shape)}** · "
        f"{many(module.parameters, 'parameter')} · {_short(module.multiply_adds)} multiply-adds"
    )
    st.dataframe(
        _table(module.layers),
        hide_index=True,
        width="stretch",
        height="content" if len(module.layers) <= _LAYERS else _TABLE,
        key="anatomy_layers",
        column_config={
            _WHAT: st.column_config.TextColumn(
                width=190,
                help="With height and width of its kernel. What each kind does is said above.",
            ),
            _GIVES: st.column_config.TextColumn(help="Height × width × channels."),
            _WEIGHTS: st.column_config.NumberColumn(format="localized", help=meaning("parameter")),
            _WORK: st.column_config.NumberColumn(format="compact", help=meaning("multiply-add")),
            _NAME: st.column_config.TextColumn(help="As Keras calls it."),
        },
        alt=f"The {many(len(module.layers), 'layer')} of {module.name}, in order",
    )


def _table(layers: tuple[Layer, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                _WHAT: f"{kind_of(layer).title} {_kernel(layer)}".strip(),
                _GIVES: shape_words(layer.output_shape),
                _WEIGHTS: layer.parameters,
                _WORK: layer.multiply_adds,
                _NAME: layer.name,
            }
            for layer in layers
        ]
    )


def _kernel(layer: Layer) -> str:
    if layer.kernel is None:
        return ""
    words = "×".join(map(str, layer.kernel))
    stride = max(layer.stride or (1,))
    return words if stride == 1 else f"{words}, stride {stride}"


ANATOMY = Chapter(
    short="Anatomy",
    title="What a network is made of",
    lead="A backbone is a row of blocks. Each makes a smaller map with more channels of what the "
    "one before gave, until one number a channel is left. Every box here is a layer of the real "
    "network: point at it, or click it for the layers of its block.",
    show=_show,
    try_it=TryIt(TRAIN, "Choose a backbone and train", {}),
)
