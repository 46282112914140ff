"""What a run can bear: numbers in, a small plotly figure a kind out, as `flowercore.figures`."""

from __future__ import annotations

import plotly.graph_objects as go

from flowercore.evaluation.robustness import Robustness
from flowercore.figures import BLUE, GREY, HOVER, ink, lay_out

_HEIGHT = 230
_TOP = 30  # room for the name of the kind
_BAND = "rgba(0,114,178,0.22)"


def robustness_chart(found: Robustness, kind: str) -> go.Figure:
    """Draw the accuracy under one kind of corruption against its strength.

    All kinds have the same axes, so that several figures beside each other can be compared.

    Args:
        found: What was measured.
        kind: Which of its kinds.
    """
    facts = found.facts(kind)
    levels = [found.plain, *found.kinds[kind]]
    x = list(range(len(levels)))
    figure = go.Figure()
    figure.add_scatter(
        x=[*x, *reversed(x)],
        y=[*(one.interval[0] for one in levels), *(one.interval[1] for one in reversed(levels))],
        fill="toself",
        fillcolor=_BAND,
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=[x[0], x[-1]],
        y=[found.plain.accuracy] * 2,
        mode="lines",
        line={"color": GREY, "dash": "dash", "width": 1},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=x,
        y=[one.accuracy for one in levels],
        name=facts.title,
        mode="lines+markers",
        line={"color": BLUE, "width": 2},
        marker={"color": BLUE, "size": 7},
        hovertext=[
            f"{'as they are' if not strength else facts.told(strength)}<br>"
            f"{one.right} of {one.count} right: {one.accuracy:.0%}<br>"
            f"95 % interval {one.interval[0]:.0%} to {one.interval[1]:.0%}<br>"
            f"its true class gets {one.probability:.0%} on average"
            for strength, one in enumerate(levels)
        ],
        hovertemplate=HOVER,
    )
    lay_out(figure, height=_HEIGHT, top=_TOP, right=12)
    figure.add_annotation(
        x=0,
        y=1,
        xref="paper",
        yref="paper",
        xanchor="left",
        yanchor="bottom",
        yshift=4,
        text=f"<b>{ink(facts.title)}</b>",
        showarrow=False,
    )
    figure.update_xaxes(title=ink("Strength"), range=[-0.2, x[-1] + 0.2], dtick=1, showgrid=False)
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%", dtick=0.25)
    figure.update_layout(hovermode="closest", dragmode=False)
    return figure
