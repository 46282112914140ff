"""What convolutions cost and how they connect channels, as in `flowercore.figures`."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Literal

import plotly.graph_objects as go

from flowercore.diagram import COLOR, DEPTHWISE, FILL, ORDINARY, POINTWISE, Drawing
from flowercore.figures import GREY, HOVER, ink, lay_out
from flowercore.teaching.separable import Cost, StepKind, divisors

DRAWN = 6
"""Channels that are drawn at most; it has divisors, for the towers."""

_BAR, _ROW = 26, 62  # pixels
_KIND: dict[StepKind, str] = {
    # In the order in which each way takes its steps.
    "depthwise": DEPTHWISE,
    "pointwise": POINTWISE,
    "ordinary": ORDINARY,
}
_WORDS: dict[StepKind, str] = {
    "ordinary": "places and channels together",
    "depthwise": "places of each channel",
    "pointwise": "channels at each place",
}

_LINE = {ORDINARY: 1.8, DEPTHWISE: 3, POINTWISE: 0.8}

Wiring = Literal["regular", "towers", "separable"]


def cost_chart(costs: Mapping[str, Cost]) -> go.Figure:
    """Draw what several ways cost: a bar each, in the colours of its steps.

    Weights and work differ by the same factor in all of them, the number of places; so one bar
    stands for both.

    Args:
        costs: By the name of the way, from top to bottom.
    """
    names = list(costs)
    longest = max(cost.multiply_adds for cost in costs.values())
    figure = go.Figure()
    for kind, part in _KIND.items():
        rows = [
            (row, name, step)
            for row, name in enumerate(names)
            for step in costs[name].steps
            if step.kind == kind
        ]
        figure.add_bar(
            x=[step.multiply_adds for _, _, step in rows],
            y=[row for row, _, _ in rows],
            orientation="h",
            width=_BAR / _ROW,
            marker={"color": FILL[part], "line": {"color": COLOR[part], "width": 1.5}},
            hovertext=[
                "<br>".join(
                    map(
                        escape,
                        (
                            f"{name}: {_WORDS[kind]}",
                            f"{step.parameters:,} parameters",
                            f"{step.multiply_adds:,} multiply-adds",
                        ),
                    )
                )
                for _, name, step in rows
            ],
            hovertemplate=HOVER,
        )
    drawing = Drawing()
    # Above the bar instead of beside it: on a phone all its width is the bar's.
    for row, name in enumerate(names):
        drawing.words(0, row - 0.42, name, bold=True)
    drawing.put_on(figure)
    for row, name in enumerate(names):
        cost = costs[name]
        figure.add_annotation(
            x=1,
            xref="paper",
            y=row - 0.42,
            xanchor="right",
            text=ink(f"{cost.parameters:,} parameters"),
            showarrow=False,
        )
    lay_out(figure, height=16 + _ROW * len(names))
    figure.update_layout(barmode="stack", dragmode=False, hovermode="closest")
    figure.update_xaxes(visible=False, range=[0, longest * 1.005], fixedrange=True)
    figure.update_yaxes(visible=False, range=[len(names) - 0.6, -0.7], fixedrange=True)
    return figure


def wiring_chart(wiring: Wiring, channels_in: int, channels_out: int, towers: int) -> go.Figure:
    """Draw which channels reach which: a dot a channel, a line a kernel.

    Args:
        wiring: Which way.
        channels_in: M; at most `DRAWN` are drawn.
        channels_out: N; likewise.
        towers: T of the Inception-style way; as many are drawn as come closest.
    """
    before, after = min(channels_in, DRAWN), min(channels_out, DRAWN)
    everything = [(a, b) for a in range(before) for b in range(after)]
    if wiring == "regular":
        columns, lines = [before, after], [(ORDINARY, everything)]
    elif wiring == "towers":
        segment = after // drawn_towers(channels_out, towers)
        columns = [before, after, after]
        within = [
            (a, b) for a in range(after) for b in range(after) if a // segment == b // segment
        ]
        lines = [(POINTWISE, everything), (ORDINARY, within)]
    else:
        columns = [before, before, after]
        lines = [(DEPTHWISE, [(a, a) for a in range(before)]), (POINTWISE, everything)]
    figure = go.Figure()
    for place, (part, pairs) in enumerate(lines):
        x, y = [], []
        for a, b in pairs:
            x += [place, place + 1, None]
            y += [_height(a, columns[place]), _height(b, columns[place + 1]), None]
        figure.add_scatter(
            x=x,
            y=y,
            mode="lines",
            line={"color": COLOR[part], "width": _LINE[part]},
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=[place for place, count in enumerate(columns) for _ in range(count)],
        y=[_height(one, count) for count in columns for one in range(count)],
        mode="markers",
        marker={"color": GREY, "size": 11},
        hoverinfo="skip",
    )
    lay_out(figure, height=108)
    figure.update_layout(dragmode=False)
    figure.update_xaxes(visible=False, range=[-0.1, len(columns) - 0.9], fixedrange=True)
    figure.update_yaxes(visible=False, range=[-0.08, 1.08], fixedrange=True)
    return figure


def drawn_towers(channels_out: int, towers: int) -> int:
    """Return how many towers are drawn: one for one, all for all, something between for others.

    Args:
        channels_out: N.
        towers: T, a divisor of N.
    """
    drawn = min(channels_out, DRAWN)
    if channels_out <= DRAWN or towers in (1, channels_out):
        return min(towers, drawn)
    between = [one for one in divisors(drawn) if 1 < one < drawn]
    return min(between, key=lambda one: abs(one / drawn - towers / channels_out))


def _height(place: int, count: int) -> float:
    return 1 - (place + 0.5) / count
