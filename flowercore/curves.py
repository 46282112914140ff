"""Learning curves: histories in, plotly figures out, by the rules of `flowercore.figures`."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from flowercore.figures import BLUE, GREY, VERMILION, ink, lay_out

NAMES_WIDTH = 104  # the right margin, in which the names of lines stand
TOP = 24
_PHASES_HEIGHT = 18  # above that: the names of the phases clear those of lines that end on top

# Title and number format of each quantity that is drawn over the epochs.
_CURVES = {"accuracy": ("Accuracy", ".1%"), "loss": ("Loss", ".3f")}
_TICKS = 8  # epochs up to which each has its tick: plotly would else write some twice
_FULL = 1.02  # highest accuracy on the axis: a line at 100 % is not cut in half


def learning_curves(history: pd.DataFrame, epochs: int | None = None) -> go.Figure:
    """Draw accuracy above loss, epoch below epoch, for training and validation.

    Args:
        history: A row an epoch with the columns epoch, loss, accuracy, val_loss, val_accuracy, and
            maybe phase: a thin line marks where fine-tuning began.
        epochs: How many there will be, so that the axis keeps still while a training runs.
    """
    figure = go.Figure()
    _add_curves(figure, history, "accuracy", epochs, axis="")
    _add_curves(figure, history, "loss", epochs, axis="2")
    _add_boundary(figure, history, ("", "2"))
    lay_out(figure, height=520, right=NAMES_WIDTH, top=_top(history))
    figure.update_layout(yaxis_domain=[0.58, 1.0], yaxis2_domain=[0.0, 0.42], xaxis_title=None)
    return figure


def _add_curves(
    figure: go.Figure, history: pd.DataFrame, metric: str, epochs: int | None, axis: str
) -> None:
    title, number = _CURVES[metric]
    numbers = history["epoch"].tolist()
    lines = [
        ("training", metric, BLUE, "solid"),
        ("validation", f"val_{metric}", VERMILION, "dash"),
    ]
    ends = []
    for name, column, color, dash in lines:
        values = history[column].astype(float) if column in history else pd.Series(dtype=float)
        if values.isna().all():
            continue
        figure.add_scatter(
            x=numbers,
            y=values.tolist(),
            name=name,
            # A single epoch has no line to be seen.
            mode="lines" if len(values) > 1 else "markers",
            line={"color": color, "dash": dash, "width": 2},
            hovertemplate=f"epoch %{{x}}: %{{y:{number}}}<extra>{name}</extra>",
            xaxis=f"x{axis}",
            yaxis=f"y{axis}",
        )
        ends.append((float(values.iloc[-1]), name))
    ends.sort()
    for place, (value, name) in enumerate(ends):
        figure.add_annotation(
            x=numbers[-1],
            y=value,
            xref=f"x{axis}",
            yref=f"y{axis}",
            text=ink(f"{name} {value:{number}}"),
            showarrow=False,
            xanchor="left",
            xshift=6,
            # Two ends may meet: their names move apart, the larger value up.
            yshift=0 if len(ends) == 1 else (-8, 8)[place],
        )
    # The bounds are set by hand, or plotly makes room for the names within the axis.
    last = max([2, epochs or 0, *numbers])
    bounds = {"range": [0, _FULL], "tickformat": ".0%"} if metric == "accuracy" else {}
    figure.update_layout(
        {
            f"xaxis{axis}": {"title": ink("Epoch"), "anchor": f"y{axis}", "range": [1, last]},
            f"yaxis{axis}": {
                "title": ink(title),
                "anchor": f"x{axis}",
                "rangemode": "tozero",
                **bounds,
            },
        }
    )
    figure.update_xaxes(showgrid=False, tickformat="d", dtick=1 if last <= _TICKS else None)


def boundary(history: pd.DataFrame) -> int | None:
    """Return the last epoch of the head before fine-tuning began; None if only one was trained."""
    if "phase" not in history:
        return None
    head = history["epoch"][history["phase"] == "head"]
    return None if head.empty or len(head) == len(history) else int(head.max())


def _top(history: pd.DataFrame) -> int:
    return TOP + (0 if boundary(history) is None else _PHASES_HEIGHT)


def _add_boundary(figure: go.Figure, history: pd.DataFrame, axes: Sequence[str]) -> None:
    last = boundary(history)
    if last is None:
        return
    between = last + 0.5
    for axis in axes:
        figure.add_shape(
            type="line",
            x0=between,
            x1=between,
            y0=0,
            y1=1,
            xref=f"x{axis}",
            yref=f"y{axis} domain",
            line={"color": GREY, "width": 1},
        )
    for words, side, shift in (("head", "right", -5), ("fine-tuning", "left", 5)):
        figure.add_annotation(
            x=between,
            y=1,
            xref=f"x{axes[0]}",
            yref=f"y{axes[0]} domain",
            text=ink(words),
            showarrow=False,
            xanchor=side,
            xshift=shift,
            yanchor="bottom",
            yshift=_PHASES_HEIGHT - 4,
        )
