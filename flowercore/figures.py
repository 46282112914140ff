"""Numbers in, plotly figure out.

All figures follow the same rules, so that they read in a light and in a dark theme: backgrounds
are transparent, text takes the theme's colour, marks have at least 3:1 contrast to both, and
lines are named beside their end instead of in a legend. Colours are those of Okabe and Ito,
"Color universal design" (2008), which people with any colour vision can tell apart. Class names
are escaped, because plotly understands some HTML in its texts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape
from typing import Literal

import numpy as np
import plotly.graph_objects as go

from flowercore.evaluation.metrics import Evaluation

BLUE = "#0072B2"
VERMILION = "#D55E00"
GREEN = "#009E73"
GREY = "#808080"
CLEAR = "rgba(0,0,0,0)"

# The strongest cell is half clear: the theme's own text stays readable on it.
RIGHT_SCALE: list[list[object]] = [[0.0, "rgba(0,158,115,0.03)"], [1.0, "rgba(0,158,115,0.6)"]]
# A single mistake is seen as well.
WRONG_SCALE: list[list[object]] = [[0.0, "rgba(213,94,0,0.12)"], [1.0, "rgba(213,94,0,0.6)"]]

# Above this many classes the numbers no longer fit into their cells; hovering still shows them.
CLASSES_WITH_NUMBERS = 12

# For st.plotly_chart(figure, config=CONFIG): the tool bar would lie on the figure.
CONFIG = {"displayModeBar": False, "scrollZoom": False}

_INK, _PLAIN = '<span style="color:currentColor">', "</span>"

HOVER = f"{_INK}%{{hovertext}}{_PLAIN}<extra></extra>"
"""Shows the ``hovertext`` of a mark and nothing else."""

BAR_HEIGHT = 34
CELL_HEIGHT = 46
SMALL_CELL_HEIGHT = 15
NAME_LENGTH = 18  # of a class where there are many


Shares = Literal["counts", "rows", "columns"]


def confusion_matrix(evaluation: Evaluation, show: Shares = "counts") -> go.Figure:
    """Draw which class was taken for which: what is right in green, mistakes in vermilion.

    Mistakes have a scale of their own, as otherwise a good model's would not be seen. A heatmap
    sends no click to ``st.plotly_chart``, so a nearly clear square lies on each cell: its
    ``customdata`` is (true class, predicted class).

    Args:
        evaluation: What the classifier did.
        show: ``counts`` for photos, ``rows`` for the fraction of each true class, ``columns`` for
            the fraction of all that were called a class.
    """
    counts = evaluation.confusion_matrix
    classes = list(evaluation.classes)
    size = len(classes)
    crowded = size > CLASSES_WITH_NUMBERS
    values = counts if show == "counts" else _fractions(counts, show)
    right = np.eye(size, dtype=bool)
    figure = go.Figure(
        [
            _cells(np.where(right, values, np.nan), RIGHT_SCALE),
            _cells(np.where(~right & (counts > 0), values, np.nan), WRONG_SCALE),
            _squares(counts, classes, crowded=crowded),
        ]
    )
    if not crowded:
        # Annotations, because text of a scatter fades with every cell that is not selected.
        for row, column in np.ndindex(size, size):
            value = values[row, column]
            text = ink(value if show == "counts" else _percent(float(value)))
            figure.add_annotation(x=column, y=row, text=text, showarrow=False)
    names = [ink(_cut(name) if crowded else name) for name in classes]
    ticks = {
        "tickvals": list(range(size)),
        "ticktext": names,
        "showgrid": False,
        "ticks": "",
        "tickfont": {"size": 10} if crowded else None,
    }
    height = SMALL_CELL_HEIGHT if crowded else CELL_HEIGHT
    lay_out(figure, height=110 + height * size)
    # Without a bound, the nearest square wherever a cell is clicked is the cell's own.
    figure.update_layout(hovermode="closest", hoverdistance=-1, dragmode=False)
    angle = {"tickangle": -90} if crowded else {}
    figure.update_xaxes(title=ink("Predicted"), range=[-0.5, size - 0.5], **ticks, **angle)
    figure.update_yaxes(title=ink("True"), range=[size - 0.5, -0.5], **ticks)
    return figure


def _fractions(counts: np.ndarray, show: Shares) -> np.ndarray:
    whole = counts.sum(axis=1 if show == "rows" else 0, keepdims=True)
    # A class without photos has no fractions: its row or column stays empty.
    return np.divide(counts, whole, out=np.full(counts.shape, np.nan), where=whole > 0)


def _cells(values: np.ndarray, scale: list[list[object]]) -> go.Heatmap:
    there = values[np.isfinite(values)]
    return go.Heatmap(
        # Positions instead of names: plotly would read class names such as "01" as numbers.
        z=[[None if math.isnan(one) else one for one in row] for row in values.tolist()],
        colorscale=scale,
        zmin=0,
        zmax=max(float(there.max()) if len(there) else 0, 1e-9),
        showscale=False,
        xgap=2,
        ygap=2,
        hoverinfo="skip",
    )


def _squares(counts: np.ndarray, classes: list[str], *, crowded: bool) -> go.Scatter:
    of_true, of_called = _fractions(counts, "rows"), _fractions(counts, "columns")
    cells = list(np.ndindex(*counts.shape))
    return go.Scatter(
        x=[column for _, column in cells],
        y=[row for row, _ in cells],
        customdata=[(classes[row], classes[column]) for row, column in cells],
        hovertext=[
            "<br>".join(
                map(
                    escape,
                    (
                        f"{classes[row]} taken for {classes[column]}: {counts[row, column]}",
                        f"{_percent(float(of_true[row, column]))} of all {classes[row]}",
                        f"{_percent(float(of_called[row, column]))} of all called "
                        f"{classes[column]}",
                    ),
                )
            )
            for row, column in cells
        ],
        hovertemplate=HOVER,
        mode="markers",
        marker={"symbol": "square", "size": 11 if crowded else 36, "color": GREY, "opacity": 0.01},
        selected={"marker": {"opacity": 0.35}},
        unselected={"marker": {"opacity": 0.01}},
    )


def _cut(name: str) -> str:
    return name if len(name) <= NAME_LENGTH else f"{name[: NAME_LENGTH - 1]}…"


def probability_bars(probabilities: Mapping[str, float], *, secondary: bool = False) -> go.Figure:
    """Draw the probability of each class, the most probable on top.

    Args:
        probabilities: Probability 0..1 by class name.
        secondary: Whether they are not the answer: none of them then stands out.
    """
    ordered = sorted(probabilities.items(), key=lambda item: -item[1])
    return _bars(
        names=[name for name, _ in ordered],
        values=[value for _, value in ordered],
        texts=[_percent(value) for _, value in ordered],
        colors=[GREY if secondary else GREEN] + [GREY] * (len(ordered) - 1),
        longest=1.0,
    )


def class_counts(counts: Mapping[str, int]) -> go.Figure:
    """Draw how many photos each class has, in the order given.

    Args:
        counts: Photos by class name.
    """
    return _bars(
        names=list(counts),
        values=list(counts.values()),
        texts=[f"{count:,}" for count in counts.values()],
        colors=[GREEN] * len(counts),
        longest=max(counts.values(), default=0) or 1,
    )


def _bars(
    names: list[str], values: list[float], texts: list[str], colors: list[str], longest: float
) -> go.Figure:
    positions = list(range(len(names)))
    figure = go.Figure(
        go.Bar(
            x=values,
            y=positions,
            orientation="h",
            text=[ink(text) for text in texts],
            textposition="outside",
            cliponaxis=False,
            marker={"color": colors, "line": {"width": 0}},
            hovertext=[escape(f"{name}: {text}") for name, text in zip(names, texts, strict=True)],
            hovertemplate=HOVER,
        )
    )
    lay_out(figure, height=16 + BAR_HEIGHT * max(1, len(names)))
    figure.update_layout(bargap=0.3, dragmode=False)
    # The last sixth is for the number beside the longest bar.
    figure.update_xaxes(visible=False, range=[0, longest * 1.2])
    figure.update_yaxes(
        range=[len(names) - 0.5, -0.5],
        tickvals=positions,
        ticktext=[ink(name) for name in names],
        showgrid=False,
        ticks="",
    )
    return figure


def lay_out(figure: go.Figure, height: int, right: int = 8, top: int = 8) -> None:
    """Give a figure what all figures share.

    Args:
        figure: Which one.
        height: Of the whole figure, pixels.
        right: Margin on the right, pixels.
        top: Margin at the top, pixels.
    """
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": right, "t": top, "b": 8},
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
        showlegend=False,
        # A running training redraws its curves: what the visitor zoomed to stays.
        uirevision="keep",
    )
    for axes in (figure.update_xaxes, figure.update_yaxes):
        axes(zeroline=False, automargin=True, tickprefix=_INK, ticksuffix=_PLAIN)


def ink(text: object) -> str:
    """Return text, escaped, in the colour of the page's own text.

    Streamlit gives all text of a plotly figure a grey that is too weak, in the light theme on its
    background and in both on a filled cell. The figure lies within the page, so CSS knows the
    right colour in either theme.
    """
    return f"{_INK}{escape(str(text))}{_PLAIN}"


def _percent(value: float) -> str:
    """Return whole percents that never round to certainty, or a dash where there is no number."""
    if math.isnan(value):
        return "–"
    if 0 < value < 0.01:
        return "<1 %"
    if 0.99 < value < 1:
        return ">99 %"
    return f"{100 * value:.0f} %"
