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
    seconds, all at once take a hundredth of that.
    """

    def __init__(self) -> None:
        self._shapes: list[dict[str, Any]] = []
        self._words: list[dict[str, Any]] = []

    def put_on(self, figure: go.Figure) -> None:
        """Draw all of it."""
        figure.update_layout(shapes=self._shapes, annotations=self._words)

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

    def arrow_down(self, x: float, start: float, end: float) -> None:
        """Draw an upright arrow from ``start`` to ``end``."""
        self._words.append(
            {
                "x": x,
                "y": end,
                "ax": x,
                "ay": start,
                "axref": "x",
                "ayref": "y",
                "arrowcolor": GREY,
                "arrowhead": 2,
                "arrowwidth": 1.5,
                "showarrow": True,
                "text": "",
            }
        )

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
        shown = ink(text)
        self._words.append(
            {
                "x": x,
                "y": y,
                "text": f"<b>{shown}</b>" if bold else shown,
                "xanchor": "center" if centred else "left",
                "yanchor": "middle",
                "font": {"size": size},
                "textangle": angle,
                "showarrow": False,
            }
        )
