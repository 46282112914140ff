"""Small pictures side by side of which one can be clicked, by the rules of `flowercore.figures`."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence

import plotly.graph_objects as go
from PIL import Image

from flowercore.figures import GREY, HOVER, lay_out

_RINGS = (("#000000", 6), ("#40E0FF", 3))


def mosaic(
    tiles: Sequence[Image.Image],
    hover: Sequence[str],
    chosen: int | None,
    *,
    columns: int,
    height: int,
) -> go.Figure:
    """Draw square pictures in rows; the ``customdata`` of each is its place among them.

    Args:
        tiles: The pictures, all of one size, at least one.
        hover: What is said of each; plotly understands some HTML in it.
        chosen: Which of them has a frame; None for none.
        columns: Pictures in a row.
        height: Of the figure, pixels; on a narrow screen the pictures leave some of it free.
    """
    rows = math.ceil(len(tiles) / columns)
    # Handed over at once: added one by one, plotly copies all of them each time.
    lines = [_line(column, 0, column, rows) for column in range(columns + 1)]
    lines += [_line(0, row, columns, row) for row in range(rows + 1)]
    places = [divmod(index, columns) for index in range(len(tiles))]
    if chosen is not None:
        row, column = places[chosen]
        lines += [
            _shape("rect", column, row, column + 1, row + 1, color, width)
            for color, width in _RINGS
        ]
    sheet = {
        "source": _together(tiles, columns, rows),
        "x": 0,
        "y": 0,
        "sizex": columns,
        "sizey": rows,
        "xref": "x",
        "yref": "y",
        "sizing": "stretch",
        "layer": "below",
    }
    figure = go.Figure(layout={"images": [sheet], "shapes": lines})
    figure.add_scatter(
        x=[column + 0.5 for _, column in places],
        y=[row + 0.5 for row, _ in places],
        customdata=list(range(len(tiles))),
        hovertext=list(hover),
        hovertemplate=HOVER,
        mode="markers",
        marker={"symbol": "square", "size": 30, "color": GREY, "opacity": 0.01},
        selected={"marker": {"opacity": 0.01}},
        unselected={"marker": {"opacity": 0.01}},
    )
    lay_out(figure, height=height, top=0)
    # Without a bound, the nearest mark wherever a picture is clicked is the picture's own.
    figure.update_layout(
        hovermode="closest",
        hoverdistance=-1,
        dragmode=False,
        margin={"l": 3, "r": 3, "t": 3, "b": 3},
    )
    figure.update_xaxes(visible=False, range=[0, columns], fixedrange=True, constrain="domain")
    figure.update_yaxes(
        visible=False,
        range=[rows, 0],
        fixedrange=True,
        scaleanchor="x",
        constrain="domain",
        constraintoward="top",
    )
    return figure


def _line(x0: int, y0: int, x1: int, y1: int) -> dict[str, object]:
    return _shape("line", x0, y0, x1, y1, GREY, 2)


def _shape(
    kind: str, x0: int, y0: int, x1: int, y1: int, color: str, width: int
) -> dict[str, object]:
    return {
        "type": kind,
        "x0": x0,
        "y0": y0,
        "x1": x1,
        "y1": y1,
        "line": {"color": color, "width": width},
    }


def _together(tiles: Sequence[Image.Image], columns: int, rows: int) -> str:
    width, height = tiles[0].size
    sheet = Image.new("RGB", (columns * width, rows * height), (128, 128, 128))
    for index, tile in enumerate(tiles):
        row, column = divmod(index, columns)
        sheet.paste(tile, (column * width, row * height))
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=88, subsampling=0)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()
