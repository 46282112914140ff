"""Accuracies of many draws of the validation photos against the test's interval."""

from __future__ import annotations

from collections import Counter

import plotly.graph_objects as go

from flowercore.figures import BLUE, GREEN, HOVER, VERMILION, ink, lay_out
from flowercore.teaching.validation_noise import ValidationNoise

_HEIGHT = 250
_BAND = "rgba(0,158,115,0.25)"


def noise_chart(found: ValidationNoise, claimed: float) -> go.Figure:
    """Draw a dot a draw over its validation accuracy.

    Args:
        found: The draws.
        claimed: The accuracy that somebody read from as many photos, 0..1.
    """
    counts = Counter(found.right)
    x, y, said = [], [], []
    for right, times in sorted(counts.items()):
        for height in range(1, times + 1):
            x.append(right / found.watched)
            y.append(height)
            said.append(
                f"{right} of {found.watched} right: {right / found.watched:.1%}<br>"
                f"{times} of {len(found.right)} draws"
            )
    top = max(counts.values()) + 1
    low, high = found.test_interval
    figure = go.Figure()
    figure.add_shape(type="rect", x0=low, x1=high, y0=0, y1=top, line={"width": 0}, fillcolor=_BAND)
    figure.add_shape(
        type="line",
        x0=found.test_accuracy,
        x1=found.test_accuracy,
        y0=0,
        y1=top,
        line={"color": GREEN, "width": 2},
    )
    figure.add_shape(
        type="line",
        x0=claimed,
        x1=claimed,
        y0=0,
        y1=top,
        line={"color": VERMILION, "width": 2, "dash": "dash"},
    )
    figure.add_scatter(
        x=x,
        y=y,
        mode="markers",
        marker={"color": BLUE, "size": 8},
        hovertext=said,
        hovertemplate=HOVER,
    )
    lay_out(figure, height=_HEIGHT, top=24)
    for value, words, side in (
        (claimed, f"notebook {claimed:.0%}", "center"),
        (found.test_accuracy, f"test {found.test_accuracy:.0%}", "center"),
    ):
        figure.add_annotation(
            x=value, y=top, text=ink(words), showarrow=False, xanchor=side, yanchor="bottom"
        )
    floor = min(claimed, min(x), low)
    figure.update_xaxes(
        title=ink(f"Right of {found.watched} validation photos"),
        range=[max(0.0, floor - 0.06), 1.03],
        tickformat=".0%",
        showgrid=False,
    )
    figure.update_yaxes(title=ink("Draws"), range=[0, top + 0.2], tickformat="d", nticks=5)
    figure.update_layout(hovermode="closest", dragmode=False)
    return figure
