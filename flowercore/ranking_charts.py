"""ROC and precision-recall curves, one class against the rest, as `flowercore.figures` has it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Literal

import plotly.graph_objects as go

from flowercore.evaluation.ranking import Curve, Ranking
from flowercore.figures import BLUE, GREY, ink, lay_out

Kind = Literal["roc", "precision_recall"]

_TITLES: dict[Kind, tuple[str, str]] = {
    "roc": ("Others taken for it", "Share of it found"),
    "precision_recall": ("Share of it found (recall)", "Share that is it (precision)"),
}
_HEIGHT = 320


def ranking_chart(rankings: Mapping[str, Ranking], chosen: str, kind: Kind) -> go.Figure:
    """Draw a curve for each class, the chosen one in front.

    Args:
        rankings: By class name.
        chosen: One of them.
        kind: Which curve.
    """
    figure = go.Figure()
    for name in [one for one in rankings if one != chosen] + [chosen]:
        curve: Curve = getattr(rankings[name], kind)
        front = name == chosen
        figure.add_scatter(
            x=curve.x.tolist(),
            y=curve.y.tolist(),
            name=escape(name),
            mode="lines",
            # Between two thresholds there is nothing: precision jumps.
            line={
                "color": BLUE if front else GREY,
                "width": 3 if front else 1,
                "shape": "linear" if kind == "roc" else "hv",
            },
            opacity=1 if front else 0.5,
            hovertemplate=f"{escape(name)}<br>%{{x:.0%}}, %{{y:.0%}}<extra></extra>",
        )
    if kind == "roc":
        figure.add_scatter(
            x=[0, 1], y=[0, 1], mode="lines", line={"color": GREY, "dash": "dot"}, hoverinfo="skip"
        )
    below, beside = _TITLES[kind]
    # Room for the last number on the axis.
    lay_out(figure, height=_HEIGHT, top=16, right=24)
    figure.update_xaxes(title=ink(below), range=[-0.01, 1.01], tickformat=".0%")
    figure.update_yaxes(title=ink(beside), range=[0, 1.02], tickformat=".0%")
    figure.update_layout(hovermode="closest", dragmode=False)
    return figure
