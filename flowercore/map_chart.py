"""A map of photos: alike lie near each other. By the rules of `flowercore.figures`."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import pandas as pd
import plotly.graph_objects as go

from flowercore.figures import CLEAR, GREEN, GREY, HOVER, ink, lay_out
from flowercore.overlay import MARKS

GROUPS_MOST = 11
"""Groups with a colour of their own; photos of the others are drawn grey."""


COLUMNS = ("key", "x", "y", "group", "hover", "outlier")
"""Of the table that `photo_map` draws."""

CONFIG = {
    "displayModeBar": True,
    "scrollZoom": False,
    "modeBarButtonsToRemove": ["toImage", "zoomIn2d", "zoomOut2d", "autoScale2d"],
}
"""For st.plotly_chart(figure, config=CONFIG)."""

_HEIGHT = 500
_LEGEND_LINE = 26
# Below this a browser draws each point as an element of the page, sharp and without WebGL.
_GL_ABOVE = 1500
_SIZES = ((300, 9), (1500, 7), (10**9, 5))


def photo_map(
    points: pd.DataFrame,
    groups: Sequence[str],
    *,
    rest: str = "others",
    ring: str = "outlier",
    lasso: bool = False,
) -> go.Figure:
    """Draw each photo as a point; its ``customdata`` is the photo's key.

    Args:
        points: A row a photo: key, x, y, group (one of the groups, or empty for none), hover (what
            is said of it) and outlier (whether it gets a ring).
        groups: Names of the groups in the order of the legend.
        rest: What photos of no coloured group are called.
        ring: What the ring means.
        lasso: Whether dragging draws a line around points; else a click chooses one.
    """
    coloured = [name for name in groups if (points["group"] == name).any()]
    if len(coloured) > GROUPS_MOST:
        often = points["group"].value_counts()
        kept = set(sorted(coloured, key=lambda name: -often[name])[:GROUPS_MOST])
        coloured = [name for name in coloured if name in kept]
    grey = points[~points["group"].isin(coloured)]
    scatter = go.Scattergl if len(points) > _GL_ABOVE else go.Scatter
    size = next(pixels for most, pixels in _SIZES if len(points) <= most)
    figure = go.Figure()
    # Grey first: what has a colour lies on top of it.
    if len(grey):
        figure.add_trace(_trace(scatter, grey, rest, {"color": GREY, "size": size - 2}))
    for place, name in enumerate(coloured):
        color, symbol = mark(place)
        marker = {"color": color, "symbol": symbol, "size": size}
        figure.add_trace(_trace(scatter, points[points["group"] == name], name, marker))
    far = points[points["outlier"]]
    if len(far):
        marker = {"color": GREY, "symbol": "circle-open", "size": size + 8, "line": {"width": 2}}
        figure.add_trace(_trace(scatter, far, ring, marker))
    lay_out(figure, height=_HEIGHT + _LEGEND_LINE)
    figure.update_layout(
        hovermode="closest",
        # Streamlit tells of clicks on points only where dragging chooses nothing.
        dragmode="lasso" if lasso else "pan",
        modebar={"bgcolor": CLEAR, "color": GREY, "activecolor": GREEN},
        showlegend=True,
        legend={
            "orientation": "h",
            "x": 0,
            "y": 0,
            "yref": "container",
            "yanchor": "bottom",
            "itemsizing": "constant",
        },
    )
    # The numbers on the axes mean nothing, only what lies near what.
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return figure


def mark(place: int) -> tuple[str, str]:
    """Return colour and symbol of a group; no two of the first 36 groups share both."""
    lap, color = divmod(place, len(MARKS))
    return MARKS[color][0], MARKS[(color + lap) % len(MARKS)][1]


def _trace(
    kind: type[go.Scatter] | type[go.Scattergl], points: pd.DataFrame, name: str, marker: dict
) -> go.Scatter | go.Scattergl:
    return kind(
        x=points["x"],
        y=points["y"],
        customdata=points["key"],
        name=ink(name),
        mode="markers",
        marker=marker,
        hovertext=[escape(text).replace("\n", "<br>") for text in points["hover"]],
        hovertemplate=HOVER,
        selected={"marker": {"size": marker["size"] + 5}},
        unselected={"marker": {"opacity": 0.3}},
    )
