"""Accuracy over photos a class: numbers in, plotly figure out, by the rules of `figures`."""

from __future__ import annotations

import plotly.graph_objects as go

from flowercore.figures import BLUE, GREY, HOVER, VERMILION, ink, lay_out
from flowercore.teaching.learning_curve import LearningCurve, Line

_HEIGHT = 208
_RIGHT = 122
_MARKS = (
    (BLUE, "rgba(0,114,178,0.22)", "circle"),
    (VERMILION, "rgba(213,94,0,0.18)", "square"),
)
_NAMES = ("with ImageNet", "without")


def learning_curve_chart(found: LearningCurve) -> go.Figure:
    """Draw the mean test accuracy over the number of photos a class, with the spread of the draws.

    Numbers of photos stand at equal distances: each is about twice the one before.

    Args:
        found: The curve; its first line is the pretrained backbone's.
    """
    x = list(range(len(found.sizes)))
    figure = go.Figure()
    figure.add_scatter(
        x=[x[0], x[-1]],
        y=[1 / found.classes] * 2,
        mode="lines",
        line={"color": GREY, "dash": "dot", "width": 1},
        hoverinfo="skip",
    )
    ends = [(1 / found.classes, "guessing")]
    for line, name, mark in zip(found.lines, _NAMES, _MARKS, strict=False):
        _add(figure, found, line, name, mark)
        ends.append((line.mean(len(x) - 1), name))
    lay_out(figure, height=_HEIGHT, right=_RIGHT, top=12)
    for (value, name), place in zip(sorted(ends), _apart(sorted(ends)), strict=True):
        text = name if name == "guessing" else f"{name} {value:.0%}"
        figure.add_annotation(
            x=1,
            y=place,
            xref="paper",
            yref="y",
            text=ink(text),
            showarrow=False,
            xanchor="left",
            xshift=6,
        )
    figure.update_xaxes(
        title=ink("Photos of each class that it learned from"),
        tickvals=x,
        ticktext=[ink(size) for size in found.sizes],
        range=[-0.2, max(1, x[-1]) + 0.2],
        showgrid=False,
    )
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%", dtick=0.25)
    figure.update_layout(hovermode="closest", dragmode=False)
    return figure


def _add(
    figure: go.Figure, found: LearningCurve, line: Line, name: str, mark: tuple[str, str, str]
) -> None:
    color, band, symbol = mark
    x = list(range(len(found.sizes)))
    spreads = [line.spread(place) for place in x]
    figure.add_scatter(
        x=[*x, *reversed(x)],
        y=[*(low for low, _ in spreads), *(high for _, high in reversed(spreads))],
        fill="toself",
        fillcolor=band,
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=x,
        y=[line.mean(place) for place in x],
        name=name,
        mode="lines+markers",
        line={"color": color, "width": 2},
        marker={"color": color, "size": 7, "symbol": symbol},
        hovertext=[
            f"{name}, {size} photo{'' if size == 1 else 's'} a class<br>"
            f"{line.mean(place):.1%} right on average<br>"
            f"{found.draws} draws: {spreads[place][0]:.0%} to {spreads[place][1]:.0%}"
            for place, size in enumerate(found.sizes)
        ],
        hovertemplate=HOVER,
    )


def _apart(ends: list[tuple[float, str]]) -> list[float]:
    """Return heights for names so that neighbours do not lie on each other."""
    least = 0.075
    places: list[float] = []
    for value, _ in ends:
        places.append(max(value, places[-1] + least) if places else value)
    # The topmost name stays within the axis and pushes those below it down.
    for index in range(len(places) - 1, -1, -1):
        ceiling = 1.0 if index == len(places) - 1 else places[index + 1] - least
        places[index] = min(places[index], ceiling)
    return places
