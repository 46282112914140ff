"""What the photos of a dataset are like, as figures by the rules of `flowercore.figures`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from flowercore.figures import BLUE, GREEN, GREY, HOVER, VERMILION, ink, lay_out

Palette = Sequence[tuple[tuple[int, int, int], float]]
"""Colours as (red, green, blue) 0..255, each with its share 0..1 of the picture."""

_SIZES_HEIGHT = 340
# Keeps marks apart that lie on each other.
_EDGE = "rgba(255,255,255,0.6)"
_ROW_HEIGHT = 58
_STRIP_HEIGHT = 46
# Each point of a strip is an element of the page: as many as a browser draws at once.
_POINTS = 1500
_POINTS_LEAST = 5
_RATIOS = ((16 / 9, "16:9"), (3 / 2, "3:2"), (1.0, "square"), (2 / 3, "2:3"))
# A wider spread of sizes than this is only seen on a logarithmic axis.
_LOG_ABOVE = 6.0


def sizes(table: pd.DataFrame, least: int) -> go.Figure:
    """Draw how wide and how high the photos are; photos of one size share a circle.

    Args:
        table: A row a photo: key, width and height in pixels.
        least: Side of the square that a backbone looks at, pixels.
    """
    groups = table.groupby(["width", "height"], sort=True)["key"].agg(["size", "first"])
    # Small circles lie on large ones.
    groups = groups.sort_values("size", ascending=False, kind="stable")
    widths, heights = (groups.index.get_level_values(axis) for axis in (0, 1))
    counts = groups["size"].to_numpy()
    figure = go.Figure()
    sides = np.concatenate([widths, heights, [least]]).astype(float)
    low, high = sides.min() / 1.15, sides.max() * 1.15
    logarithmic = sides.max() / sides.min() > _LOG_ABOVE
    for ratio, name in _RATIOS:
        # A line through the corner, also on logarithmic axes.
        ends = np.array([max(low, low * ratio), min(high, high * ratio)])
        figure.add_scatter(
            x=ends,
            y=ends / ratio,
            mode="lines+text",
            text=["", ink(name)],
            textposition="middle left" if ratio <= 1 else "top left",
            cliponaxis=False,
            line={"color": GREY, "width": 1, "dash": "dot"},
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=[low, least, least],
        y=[least, least, low],
        mode="lines",
        line={"color": VERMILION, "width": 2},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=widths,
        y=heights,
        mode="markers",
        marker={
            "color": BLUE,
            "opacity": 1,
            "size": 7 + 36 * np.sqrt(counts / counts.sum()),
            "line": {"width": 1, "color": _EDGE},
        },
        hovertext=[
            escape(f"{width} × {height}: {_photos(count, first)}")
            for width, height, count, first in zip(
                widths, heights, counts, groups["first"], strict=True
            )
        ],
        hovertemplate=HOVER,
    )
    lay_out(figure, height=_SIZES_HEIGHT, top=16)
    kind = "log" if logarithmic else "linear"
    bounds = np.log10([low, high]).tolist() if logarithmic else [low, high]
    figure.update_layout(hovermode="closest", dragmode=False)
    figure.update_xaxes(title=ink("Width in pixels"), type=kind, range=bounds, showgrid=False)
    figure.update_yaxes(title=ink("Height in pixels"), type=kind, range=bounds, showgrid=False)
    if logarithmic:
        ticks = [10**exponent * digit for exponent in range(5) for digit in (1, 2, 5)]
        for axes in (figure.update_xaxes, figure.update_yaxes):
            axes(tickvals=ticks, ticktext=[ink(f"{tick:,}") for tick in ticks])
    return figure


def spread(table: pd.DataFrame, column: str, order: Sequence[str], title: str) -> go.Figure:
    """Draw how a number is spread within each class: a box for its middle half, points for photos.

    Args:
        table: A row a photo: key, label and the column.
        column: Which number.
        order: The classes, from top to bottom.
        title: Of the number's axis.
    """
    figure = go.Figure()
    most = max(_POINTS_LEAST, _POINTS // max(1, len(order)))
    for place, label in enumerate(order):
        values = table.loc[table["label"] == label, ["key", column]].dropna()
        values = values.sort_values(column)
        drawn = values.iloc[_evenly(len(values), most)]
        rng = np.random.default_rng(place)
        figure.add_scatter(
            x=drawn[column],
            # Moved apart at random: what lies on each other could not be counted.
            y=place + rng.uniform(0.12, 0.38, len(drawn)),
            mode="markers",
            marker={"color": BLUE, "size": 5, "line": {"width": 0.5, "color": _EDGE}},
            hovertext=[
                f"{escape(str(key))}<br>{value:.2f}"
                for key, value in zip(drawn["key"], drawn[column], strict=True)
            ],
            hovertemplate=HOVER,
        )
        figure.add_box(
            x=values[column],
            y=[place - 0.1] * len(values),
            orientation="h",
            width=0.34,
            boxpoints=False,
            fillcolor="rgba(0,158,115,0.25)",
            line={"color": GREEN, "width": 2},
            hoverinfo="skip",
        )
    lay_out(figure, height=60 + _ROW_HEIGHT * max(1, len(order)))
    figure.update_layout(hovermode="closest", dragmode=False)
    figure.update_xaxes(title=ink(title), showgrid=False)
    figure.update_yaxes(
        range=[len(order) - 0.4, -0.5],
        tickvals=list(range(len(order))),
        ticktext=[ink(label) for label in order],
        showgrid=False,
        ticks="",
    )
    return figure


def palettes(colors: Mapping[str, Palette], names: Mapping[str, Sequence[str]]) -> go.Figure:
    """Draw the colours that prevail in each class, the commonest first.

    Args:
        colors: Palette of each class.
        names: What each of a class's colours is called, in the palette's order.
    """
    figure = go.Figure()
    for place, (label, palette) in enumerate(colors.items()):
        start = 0.0
        total = sum(share for _, share in palette) or 1.0
        for (rgb, share), name in zip(palette, names[label], strict=True):
            part = share / total
            figure.add_bar(
                x=[part],
                y=[place],
                base=start,
                orientation="h",
                # The outline keeps a colour apart that is the theme's own background.
                marker={"color": hexadecimal(rgb), "line": {"color": GREY, "width": 1}},
                hovertext=[escape(f"{label}: {name}, {100 * part:.0f} %")],
                hovertemplate=HOVER,
            )
            start += part
    lay_out(figure, height=16 + _STRIP_HEIGHT * max(1, len(colors)))
    figure.update_layout(bargap=0.25, barmode="overlay", dragmode=False)
    figure.update_xaxes(visible=False, range=[0, 1])
    figure.update_yaxes(
        range=[len(colors) - 0.5, -0.5],
        tickvals=list(range(len(colors))),
        ticktext=[ink(label) for label in colors],
        showgrid=False,
        ticks="",
    )
    return figure


def hexadecimal(rgb: Sequence[int]) -> str:
    """Return a colour of parts 0..255 as ``#rrggbb``."""
    return "#" + "".join(f"{part:02x}" for part in rgb)


def _evenly(count: int, most: int) -> list[int]:
    """Return places among sorted values, first and last included."""
    if count <= most:
        return list(range(count))
    return np.linspace(0, count - 1, most).round().astype(int).tolist()


def _photos(count: int, first: str) -> str:
    return first if count == 1 else f"{count:,} photos, such as {first}"
