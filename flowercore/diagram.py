"""Boxes, arrows and words of a diagram, for a plotly figure as in `flowercore.figures`."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from flowercore.figures import BLUE, GREEN, GREY, VERMILION, ink

SMALL, SMALLEST = 12, 11
"""Sizes of words, pixels."""
ORDINARY, DEPTHWISE, POINTWISE, POOLING = "ordinary", "depthwise", "pointwise", "pooling"
"""What a part of a network does, in every diagram in the same colour."""
COLOR = {ORDINARY: BLUE, DEPTHWISE: VERMILION, POINTWISE: GREEN, POOLING: GREY}
# The theme's own text lies on it and stays readable.
FILL = {
    ORDINARY: "rgba(0,114,178,0.22)",
    DEPTHWISE: "rgba(213,94,0,0.22)",
    POINTWISE: "rgba(0,158,115,0.22)",
    POOLING: "rgba(128,128,128,0.22)",
}


class Drawing:
    """Collects what a diagram is made of.

    Plotly looks at all shapes again for each one that is added to a figure: 150 of them took two
    seconds, all at once take a hundredth of that. A browser draws many annotations slowly: words
    and arrows are points of a few traces.
    """

    def __init__(self) -> None:
        self._shapes: list[dict[str, Any]] = []
        self._words: dict[int, list[tuple[float, float, str, bool]]] = {}
        self._turned: list[dict[str, Any]] = []
        self._arrows: list[tuple[float, float, float, float]] = []

    def put_on(self, figure: go.Figure) -> None:
        """Draw all of it."""
        figure.update_layout(shapes=self._shapes, annotations=self._turned)
        if self._arrows:
            figure.add_traces(_arrows(self._arrows))
        figure.add_traces([_text(size, words) for size, words in self._words.items()])

    def box(
        self,
        across: tuple[float, float],
        down: tuple[float, float],
        color: str,
        fill: str,
        *,
        width: float = 1,
    ) -> None:
        """Draw a rectangle.

        Args:
            across: Its left and right end.
            down: Its upper and lower end.
            color: Of its rim.
            fill: Of its inside.
            width: Of its rim, pixels.
        """
        self._shapes.append(
            {
                "type": "rect",
                "x0": across[0],
                "x1": across[1],
                "y0": down[0],
                "y1": down[1],
                "line": {"color": color, "width": width},
                "fillcolor": fill,
            }
        )

    def line(self, path: str, color: str, *, width: float = 2) -> None:
        """Draw a line along a path as SVG writes them."""
        self._shapes.append(
            {"type": "path", "path": path, "line": {"color": color, "width": width}}
        )

    def arrow(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Draw an arrow from one place to another, each across and down."""
        self._arrows.append((*start, *end))

    def words(
        self,
        x: float,
        y: float,
        text: str,
        *,
        centred: bool = False,
        bold: bool = False,
        size: int = SMALL,
        angle: float = 0,
    ) -> None:
        """Write some words in the colour of the page's own text.

        Args:
            x: Their left end, or their middle.
            y: Their middle.
            text: Which; it is escaped.
            centred: Whether ``x`` is their middle.
            bold: Whether they are bold.
            size: Pixels.
            angle: By how many degrees they are turned, clockwise.
        """
        shown = f"<b>{ink(text)}</b>" if bold else ink(text)
        if not angle:
            self._words.setdefault(size, []).append((x, y, shown, centred))
            return
        self._turned.append(
            {
                "x": x,
                "y": y,
                "text": shown,
                "xanchor": "center" if centred else "left",
                "yanchor": "middle",
                "font": {"size": size},
                "textangle": angle,
                "showarrow": False,
            }
        )


def _text(size: int, words: list[tuple[float, float, str, bool]]) -> go.Scatter:
    return go.Scatter(
        x=[x for x, _, _, _ in words],
        y=[y for _, y, _, _ in words],
        text=[text for _, _, text, _ in words],
        textposition=["middle center" if one else "middle right" for _, _, _, one in words],
        textfont={"size": size},
        mode="text",
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
    )


def _arrows(arrows: list[tuple[float, float, float, float]]) -> go.Scatter:
    """Return lines whose last points are heads; a head points to where the line leads."""
    x = [place for x0, _, x1, _ in arrows for place in (x0, x1, None)]
    y = [place for _, y0, _, y1 in arrows for place in (y0, y1, None)]
    return go.Scatter(
        x=x,
        y=y,
        mode="lines+markers",
        line={"color": GREY, "width": 1.5},
        marker={
            "symbol": "arrow",
            "size": [0, 8, 0] * len(arrows),
            "angleref": "previous",
            "color": GREY,
            "opacity": 1,
        },
        hoverinfo="skip",
        showlegend=False,
    )
