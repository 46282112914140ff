"""Learning curves of several trainings on one chart, by the rules of `flowercore.figures`."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from flowercore.figures import BLUE, GREEN, VERMILION, ink, lay_out

# Colour and sign of each curve, the sign as plotly's word and as a character. Of Okabe and Ito's
# colours three stand out 3:1 on both themes and from each other; the others were searched for the
# largest distance under each kind of colour vision. The signs serve whoever sees no colours.
MARKS = (
    (BLUE, "circle", "●"),
    (VERMILION, "square", "■"),
    (GREEN, "triangle-up", "▲"),
    ("#8866FF", "diamond", "◆"),
    ("#666677", "triangle-down", "▼"),
    ("#995533", "star", "★"),
)
NAME_LENGTH = 26
"""To how many characters `shortened` cuts a name."""

_NUMBERS = {"accuracy": ".1%", "loss": ".3f"}
_HEIGHT = 320
_SIGN_SIZE = 9
_LETTERS = range(16, 21)  # in a line of a name beside the axis: as few as it takes
_LETTER_WIDTH = 5.8
# A line of text and the gap between two names, as shares of the axis' height.
_LINE = 0.062
_GAP = 0.013


@dataclass(frozen=True, eq=False)
class Curve:
    """One training among others.

    Attributes:
        name: What it is called.
        history: A row an epoch with the columns epoch, loss and accuracy, and val_loss and
            val_accuracy where photos were set aside for validation.
        place: Which of `MARKS` it is drawn in.
    """

    name: str
    history: pd.DataFrame
    place: int


def overlaid_curves(curves: Sequence[Curve], metric: Literal["accuracy", "loss"]) -> go.Figure:
    """Draw one quantity over the epochs for several trainings.

    Each is drawn on its validation photos; one that set none aside is drawn dotted, on its training
    photos. The vertical axis has no title: on a phone each letter counts, and the heading above the
    figure says it.

    Args:
        curves: The trainings; one without an epoch is left out.
        metric: Which quantity.
    """
    figure = go.Figure()
    number = _NUMBERS[metric]
    found = [(one, *_values(one.history, metric)) for one in curves]
    drawn = [(one, values, part) for one, values, part in found if len(values)]
    low, high = _bounds([values for _, values, _ in drawn], metric)
    names, ends = [], []
    for one, values, part in drawn:
        color, symbol, sign = MARKS[one.place]
        figure.add_scatter(
            x=values.index.tolist(),
            y=values.tolist(),
            name=one.name,
            mode="lines+markers",
            line={"color": color, "width": 2, "dash": "dot" if part == "training" else "solid"},
            marker={
                "symbol": symbol,
                "color": color,
                "opacity": 1,
                "size": [0] * (len(values) - 1) + [_SIGN_SIZE],
            },
            cliponaxis=False,
            hovertemplate=f"{escape(one.name)}<br>{part}, epoch %{{x}}: %{{y:{number}}}"
            "<extra></extra>",
        )
        names.append((color, sign, _lines(one.name)))
        ends.append((float(values.iloc[-1]) - low) / (high - low))
    heights = [_LINE * len(lines) + _GAP for _, _, lines in names]
    for (color, sign, lines), place in zip(names, _apart(ends, heights), strict=True):
        figure.add_annotation(
            x=1,
            y=place,
            xref="paper",
            yref="paper",
            text=f'<span style="color:{color}">{sign}</span> ' + "<br>".join(map(ink, lines)),
            align="left",
            showarrow=False,
            xanchor="left",
            yanchor="middle",
            xshift=8,
        )
    longest = max((len(line) for _, _, lines in names for line in lines), default=0)
    lay_out(figure, height=_HEIGHT, right=round(28 + _LETTER_WIDTH * longest), top=16)
    last = max([2, *(int(values.index[-1]) for _, values, _ in drawn)])
    figure.update_xaxes(title=ink("Epoch"), range=[1, last], showgrid=False, tickformat="d")
    figure.update_yaxes(range=[low, high], tickformat=".0%" if metric == "accuracy" else None)
    figure.update_layout(hovermode="closest")
    return figure


def validated(history: pd.DataFrame) -> bool:
    """Return whether a training is drawn on validation photos."""
    return _values(history, "accuracy")[1] == "validation"


def shortened(name: str, length: int = NAME_LENGTH) -> str:
    """Cut a name in its middle: beginning and end tell it from others."""
    if len(name) <= length:
        return name
    half = (length - 1) // 2
    return f"{name[: length - 1 - half].rstrip()}…{name[-half:].lstrip()}"


def _lines(name: str) -> list[str]:
    """Return a name in two lines at most."""
    for letters in _LETTERS:
        lines = textwrap.wrap(name, letters)
        if len(lines) <= 2:
            return lines
    line = _LETTERS[0]
    cut = shortened(name, 2 * line)
    return [cut[:line], cut[line:].lstrip()]


def _values(history: pd.DataFrame, metric: str) -> tuple[pd.Series, str]:
    """Return the values to draw by epoch, and on which photos they were measured."""
    for column, part in ((f"val_{metric}", "validation"), (metric, "training")):
        if column in history:
            values = history[column].astype(float).set_axis(history["epoch"])
            # A training that diverges ends in numbers that have no place on an axis.
            values = values[np.isfinite(values)]
            if len(values):
                return values, part
    return pd.Series(dtype=float), "training"


def _bounds(drawn: Sequence[pd.Series], metric: str) -> tuple[float, float]:
    if not drawn:
        return 0.0, 1.0
    low = float(min(values.min() for values in drawn))
    high = float(max(values.max() for values in drawn))
    if metric == "loss":
        return 0.0, 1.05 * high or 1.0
    # Trainings lie close together, so the axis begins at the tenth below the lowest. A hair above
    # the highest: a line along the top is not cut in half.
    floor = min(0.9, math.floor(10 * low) / 10)
    return floor, min(1.0, max(floor + 0.1, math.ceil(20 * high) / 20)) + 0.02


def _apart(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Move names that would lie on each other apart, in their order, within the axis.

    Args:
        wanted: Where the middle of each name wants to be, as a share of the axis' height.
        heights: Of the names, likewise.
    """
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    places = list(wanted)
    floor = 0.0
    for index in order:
        places[index] = max(places[index], floor + heights[index] / 2)
        floor = places[index] + heights[index] / 2
    ceiling = 1.0
    for index in reversed(order):
        places[index] = min(places[index], ceiling - heights[index] / 2)
        ceiling = places[index] - heights[index] / 2
    return places
