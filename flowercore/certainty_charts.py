"""How far probabilities can be trusted: numbers in, plotly figures out, as `flowercore.figures`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from flowercore.evaluation.calibration import Bin
from flowercore.evaluation.coverage import Answered
from flowercore.figures import BLUE, GREEN, GREY, HOVER, VERMILION, ink, lay_out

_HEIGHT = 340
_RIGHT = 24  # room for the last number on the axis
# Of fewer photos than this share the interval says next to nothing: it would set the scale.
_TELLING = 0.2
_BAND = "rgba(0,114,178,0.15)"
_BARS = 20


def reliability_diagram(bins: Sequence[Bin], before: Sequence[Bin] | None = None) -> go.Figure:
    """Draw how often a model is right against how sure it says it is.

    Args:
        bins: Of `flowercore.evaluation.calibration.reliability`, at least one.
        before: The same of probabilities that were not scaled yet, drawn in grey; None for none.
    """
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": GREY, "dash": "dot"}, hoverinfo="skip"
    )
    if before is not None:
        _reliability(figure, before, GREY, "as trained")
    _reliability(figure, bins, BLUE, "calibrated" if before is not None else "this run")
    lay_out(figure, height=_HEIGHT, top=16, right=_RIGHT)
    figure.update_xaxes(title=ink("How sure it is"), range=[0, 1.02], tickformat=".0%")
    figure.update_yaxes(title=ink("How often it is right"), range=[0, 1.02], tickformat=".0%")
    for x, y, words in ((0.2, 0.7, "less sure than right"), (0.8, 0.08, "surer than right")):
        figure.add_annotation(x=x, y=y, text=ink(words), showarrow=False)
    figure.update_layout(hovermode="closest", dragmode=False)
    return figure


def _reliability(figure: go.Figure, bins: Sequence[Bin], color: str, name: str) -> None:
    figure.add_scatter(
        x=[one.confidence for one in bins],
        y=[one.accuracy for one in bins],
        name=name,
        mode="lines+markers",
        marker={"color": color, "size": 8, "symbol": "square" if color == GREY else "circle"},
        line={"color": color, "width": 2, "dash": "dash" if color == GREY else "solid"},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [one.interval[1] - one.accuracy for one in bins],
            "arrayminus": [one.accuracy - one.interval[0] for one in bins],
            "color": color,
            "thickness": 1,
            "width": 3,
        }
        if color != GREY
        else None,
        hovertext=[
            f"{name}: {one.count} photos<br>sure to {one.confidence:.0%}, right {one.accuracy:.0%}"
            f"<br>95 % interval {one.interval[0]:.0%} to {one.interval[1]:.0%}"
            for one in bins
        ],
        hovertemplate=HOVER,
    )


def coverage_chart(curve: Sequence[Answered], chosen: Answered) -> go.Figure:
    """Draw how often the answers are right against the share of photos that is answered.

    Args:
        curve: Of `flowercore.evaluation.coverage.coverage_curve`, at least one.
        chosen: The present threshold, marked on the curve if it answers anything.
    """
    answered = [one for one in curve if one.interval is not None]
    x = [one.coverage for one in answered]
    bounds = [one.interval or (0.0, 1.0) for one in answered]
    figure = go.Figure()
    figure.add_scatter(
        x=[*x, *reversed(x)],
        y=[*(low for low, _ in bounds), *(high for _, high in reversed(bounds))],
        fill="toself",
        fillcolor=_BAND,
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=x,
        y=[one.accuracy for one in answered],
        # A single point has no line to be seen.
        mode="lines" if len(answered) > 1 else "markers",
        line={"color": BLUE, "width": 2},
        hovertext=[
            f"from {one.threshold:.0%} on<br>answers {one.count} of {one.of}<br>"
            f"of these {one.right} right"
            for one in answered
        ],
        hovertemplate=HOVER,
    )
    if chosen.accuracy is not None:
        figure.add_scatter(
            x=[chosen.coverage],
            y=[chosen.accuracy],
            mode="markers",
            marker={"color": VERMILION, "size": 12, "symbol": "diamond"},
            hovertext=[f"your threshold, {chosen.threshold:.0%}"],
            hovertemplate=HOVER,
        )
    telling = [
        low for one, (low, _) in zip(answered, bounds, strict=True) if one.coverage > _TELLING
    ]
    lowest = min(telling, default=0.0)
    lay_out(figure, height=_HEIGHT, top=16, right=_RIGHT)
    figure.update_xaxes(title=ink("Share of photos answered"), range=[0, 1.02], tickformat=".0%")
    figure.update_yaxes(
        title=ink("Share of the answers that is right"),
        range=[max(0.0, np.floor(10 * lowest) / 10), 1.01],
        tickformat=".0%",
    )
    figure.update_layout(hovermode="closest", dragmode=False)
    return figure


def confidence_histogram(confidence: np.ndarray, right: np.ndarray) -> go.Figure:
    """Draw how sure a model is where it is right, and where it is wrong.

    Right answers stand above the line and wrong ones hang below it, so that a few of them are seen
    beside many.

    Args:
        confidence: Probability of the class that was named, float (N,).
        right: Whether it was named right, bool (N,).
    """
    edges = np.linspace(0, 1, _BARS + 1)
    middles = (edges[:-1] + edges[1:]) / 2
    figure = go.Figure()
    for name, chosen, color, sign in (
        ("right", right, GREEN, 1),
        ("wrong", ~right, VERMILION, -1),
    ):
        counts = np.histogram(confidence[chosen], edges)[0]
        figure.add_bar(
            x=middles.tolist(),
            y=(sign * counts).tolist(),
            name=name,
            width=1 / _BARS,
            marker={"color": color, "line": {"width": 0}},
            hovertext=[
                f"{count} {name}, sure to between {low:.0%} and {high:.0%}"
                for count, low, high in zip(counts, edges, edges[1:], strict=False)
            ],
            hovertemplate=HOVER,
        )
        figure.add_annotation(
            x=0.01,
            y=1 if sign > 0 else 0,
            xref="paper",
            yref="paper",
            xanchor="left",
            yanchor="top" if sign > 0 else "bottom",
            text=ink(f"{name}: {int(chosen.sum()):,}"),
            showarrow=False,
        )
    lay_out(figure, height=260, right=_RIGHT)
    figure.update_layout(barmode="overlay", bargap=0.05, dragmode=False)
    figure.update_xaxes(title=ink("How sure it is"), range=[0, 1], tickformat=".0%", showgrid=False)
    figure.update_yaxes(title=ink("Photos"), showticklabels=False)
    figure.add_hline(y=0, line={"color": GREY, "width": 1})
    return figure
