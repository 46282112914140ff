"""Depthwise separable convolution: what three ways to convolve cost, with the formula filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import streamlit as st

from flowercore import figures
from flowercore.anatomy.layers import anatomy
from flowercore.backbones import registry
from flowercore.separable_chart import DRAWN, Wiring, cost_chart, drawn_towers, wiring_chart
from flowercore.teaching.glossary import meaning
from flowercore.teaching.separable import (
    WAYS,
    Cost,
    Sizes,
    computed_ratio,
    depthwise_separable,
    divisors,
    formula_ratio,
    regular,
)
from ui.chapters.chapter import Chapter, TryIt
from ui.chapters.parts import choose_part
from ui.pages import LEARN
from ui.words import many

_CHANNELS = (8, 16, 32, 64, 128, 256, 512, 728, 1024, 1536, 2048)
_KERNELS = (1, 3, 5, 7)
# As in Xception's middle flow.
_USUAL = Sizes(channels_in=728, channels_out=728, kernel=3, side=19, towers=4)
_TOWERS = "separable_towers"
_SLIDER, _WAY = 150, 240  # least widths, pixels
_COSTS, _WIRING, _HYPOTHESIS = "What each costs", "How each is wired", "The Inception hypothesis"

# Table 3 of the paper: with the classifier of 1,000 classes, and only weights that training sets.
_PAPER_XCEPTION, _PAPER_INCEPTION = 22_855_952, 23_626_728


# What is moved here is drawn anew without the rest of the page.
@st.fragment
def _show() -> None:
    part = choose_part("separable", (_COSTS, _WIRING, _HYPOTHESIS))
    if part == _HYPOTHESIS:
        _hypothesis()
        return
    sizes = _sizes()
    costs = {name: way(sizes) for name, way in WAYS.items()}
    if part == _COSTS:
        left, right = st.columns([3, 2], gap="large")
        with left:
            _bars(costs)
        with right:
            _ratio(sizes)
        return
    with st.grid(3, min_column_width=_WAY, gap="small"):
        for (name, cost), way in zip(costs.items(), _ways(sizes), strict=True):
            with st.container(border=True, gap="xsmall"):
                _draw(name, cost, way, sizes)
    st.caption(_reading(sizes))


def _sizes() -> Sizes:
    with st.grid(5, min_column_width=_SLIDER, gap="small"):
        channels_in = st.select_slider(
            "Input channels M",
            (3, *_CHANNELS),
            value=_USUAL.channels_in,
            key="separable_in",
            help=meaning("channel"),
            persist_state="session",
        )
        channels_out = st.select_slider(
            "Output channels N",
            _CHANNELS,
            value=_USUAL.channels_out,
            key="separable_out",
            help=meaning("filter"),
            persist_state="session",
        )
        kernel = st.select_slider(
            "Kernel k",
            _KERNELS,
            value=_USUAL.kernel,
            key="separable_kernel",
            help=meaning("kernel"),
            persist_state="session",
        )
        side = st.slider(
            "Side D of the map",
            1,
            299,
            value=_USUAL.side,
            key="separable_side",
            help="Pixels. The map that goes out is as large: with padding, and a stride of 1.",
            persist_state="session",
        )
        possible = divisors(channels_out)
        wanted = st.session_state.get(_TOWERS, _USUAL.towers)
        if _TOWERS not in st.session_state or wanted not in possible:
            st.session_state[_TOWERS] = max(one for one in possible if one <= wanted)
        towers = st.select_slider(
            "Towers T",
            possible,
            key=_TOWERS,
            help=f"{meaning('Inception module')} Here T must divide the N channels evenly.",
            persist_state="session",
        )
    return Sizes(channels_in, channels_out, kernel, side, towers)


def _bars(costs: Mapping[str, Cost]) -> None:
    st.plotly_chart(
        cost_chart(costs),
        key="separable_costs",
        config=figures.CONFIG,
        alt="Bars of three ways to convolve: "
        + "; ".join(
            f"{name} {cost.parameters:,} parameters and {cost.multiply_adds:,} multiply-adds"
            for name, cost in costs.items()
        ),
    )
    st.caption(
        "Blue looks at places and channels together, orange at the places of each channel, green "
        "at the channels of each place. Every weight is used once at each of the D² places, so "
        "bars of the multiply-adds look the same."
    )


def _ratio(sizes: Sizes) -> None:
    computed, formula = computed_ratio(sizes), formula_ratio(sizes)
    n, k = sizes.channels_out, sizes.kernel
    parts, whole = depthwise_separable(sizes).multiply_adds, regular(sizes).multiply_adds
    st.markdown("**Separable over regular**, counted and by the formula:")
    _formula(rf"\frac{{{_tex(parts)}}}{{{_tex(whole)}}} = {_decimal(computed)}")
    _formula(
        rf"\frac{{1}}{{N}} + \frac{{1}}{{k^2}} = \frac{{1}}{{{_tex(n)}}} + \frac{{1}}{{{k * k}}} "
        rf"= {_decimal(formula)}"
    )
    if computed < 1:
        st.markdown(
            f"Separable, it is **{float(1 / computed):.1f} times less work**, and fewer weights by "
            "the same factor. With many channels 1/N hardly counts: the kernel's area is saved."
        )
    else:
        st.markdown(
            "Nothing is saved: a kernel of one pixel looks at no neighbours, so there is nothing "
            "to separate."
        )


def _formula(tex: str) -> None:
    # Not `st.latex`: it clips what is high, and its box can be scrolled, but not by keyboard.
    st.markdown(rf"$\displaystyle {tex}$")


def _decimal(ratio: Fraction) -> str:
    return f"{float(ratio):.4f}"


def _aligned(*lines: str) -> str:
    """Return lines of a formula, each equal to the one above."""
    return r"\begin{aligned} &" + r" \\ =\ &".join(lines) + r" \end{aligned}"


def _tex(number: int) -> str:
    return f"{number:,}".replace(",", "{,}")


@dataclass(frozen=True)
class _Way:
    wiring: Wiring
    letters: str
    numbers: str
    text: str
    drawn: str


def _ways(sizes: Sizes) -> tuple[_Way, _Way, _Way]:
    """Return what is said of each way, in the order of `WAYS`."""
    m, n, k, t = sizes.channels_in, sizes.channels_out, sizes.kernel, sizes.towers
    kernel = f"{k} × {k}"
    area = rf"{k}^2 \cdot"
    return (
        _Way(
            "regular",
            r"k^2 \cdot M \cdot N",
            rf"{area} {_tex(m)} \cdot {_tex(n)}",
            f"Each of {n:,} filters looks at {kernel} places of all {m:,} channels at once.",
            f"each blue line is a {kernel} kernel from one channel to another",
        ),
        _Way(
            "towers",
            r"M \cdot N + T \cdot k^2 \cdot \left(\frac{N}{T}\right)^2",
            rf"{_tex(m)} \cdot {_tex(n)} + {_tex(t)} \cdot {area} {_tex(n // t)}^2",
            f"A 1 × 1 convolution mixes all channels. Its {n:,} are cut into "
            f"{many(t, 'segment')} of {n // t:,}, each with a {kernel} convolution of its own.",
            f"thin green lines mix channels, blue ones are {kernel} kernels within a tower",
        ),
        _Way(
            "separable",
            r"k^2 \cdot M + M \cdot N",
            rf"{area} {_tex(m)} + {_tex(m)} \cdot {_tex(n)}",
            f"One {kernel} kernel for each of {m:,} channels, by itself. Then a 1 × 1 convolution "
            f"mixes them to {n:,}.",
            f"orange lines are {kernel} kernels, one a channel; thin green ones mix channels",
        ),
    )


def _draw(name: str, cost: Cost, way: _Way, sizes: Sizes) -> None:
    st.markdown(f"**{name}**")
    shown = f"{name}, drawn: {way.drawn}"
    st.plotly_chart(
        wiring_chart(way.wiring, sizes.channels_in, sizes.channels_out, sizes.towers),
        key=f"separable_wiring_{way.wiring}",
        config=figures.CONFIG,
        alt=shown,
    )
    st.markdown(way.text)
    _formula(_aligned(way.letters, way.numbers, _tex(cost.parameters)))
    st.markdown(
        f"**{cost.parameters:,} parameters**; each is used at {sizes.side}² places: "
        f"{cost.multiply_adds:,} multiply-adds."
    )


def _reading(sizes: Sizes) -> str:
    most = min(max(sizes.channels_in, sizes.channels_out), DRAWN)
    towers = many(drawn_towers(sizes.channels_out, sizes.towers), "tower")
    kernel = f"{sizes.kernel} × {sizes.kernel} kernel"
    return (
        f"Drawn with {many(most, 'channel')} and {towers} at most. Blue: a {kernel} from channel "
        f"to channel. Orange: a {kernel} for one channel by itself. Green: channels mixed."
    )


def _hypothesis() -> None:
    with st.container(border=True):
        st.markdown("**The Inception hypothesis**")
        st.markdown(
            "A convolution learns two things at once: what lies beside what in the picture, and "
            "which channels go together. "
            "The Inception hypothesis says that the two have so little to do with each other that "
            "they are better learned apart. "
            "An Inception module does so halfway: a few towers, each with some of the channels. "
            "Xception goes all the way, one tower for each channel, and that is a depthwise "
            "separable convolution."
        )
    ours, theirs = anatomy("xception").parameters, registry.get("inception-v3").parameters
    st.markdown(
        f"**No larger than InceptionV3.** The paper counts {_PAPER_XCEPTION / 1e6:.1f} million "
        f"parameters for Xception and {_PAPER_INCEPTION / 1e6:.1f} million for InceptionV3, with "
        f"their classifiers of 1,000 classes; without them, as here, they have {ours / 1e6:.1f} "
        f"and {theirs / 1e6:.1f} million. So it is not size that makes Xception the more accurate "
        "of the two on ImageNet, but how its weights are used: that is the paper's point."
    )
    st.markdown("**Which forms are compared here**")
    st.markdown(
        "- The towers are the paper's *strictly equivalent reformulation* of a simplified "
        "Inception module, with kernels of one size and no pooling: one 1 × 1 convolution to "
        "N channels, whose output is cut into T segments that do not overlap.\n"
        "- With **one tower** it is a regular convolution behind a 1 × 1 convolution. With "
        "**as many towers as channels** it is a separable convolution in the other order: "
        "channels first, then places.\n"
        "- There are no biases, as in Xception; the stride is 1, and zeros around the map keep "
        "its size.\n"
        "- Source: F. Chollet 2017, [Xception: Deep Learning with Depthwise Separable "
        "Convolutions](https://arxiv.org/abs/1610.02357), sections 1 and 4. The ratio is that "
        "of A. G. Howard and others 2017, "
        "[MobileNets](https://arxiv.org/abs/1704.04861), section 3.1."
    )


SEPARABLE = Chapter(
    short="Separable",
    title="Space and channels, apart",
    lead="A regular convolution looks at neighbouring places and at all channels in one step. A "
    "*depthwise separable* convolution takes two steps, and needs a fraction of the weights. Move "
    "the sliders: they begin at the middle flow of Xception.",
    show=_show,
    try_it=TryIt(LEARN, "See where Xception has them", {"view": "anatomy"}),
)
