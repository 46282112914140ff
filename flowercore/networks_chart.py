"""Two networks beside each other: what is copied, what is frozen, what is new."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

from flowercore.backbones.facts import Backbone
from flowercore.figures import BLUE, GREEN, GREY, HOVER, VERMILION, ink, lay_out

_ROW = 20  # pixels a block
_LEFT, _RIGHT = (0.0, 1.0), (1.5, 2.5)  # where the two columns begin and end
_FILL = {  # half clear: the page's own text stays readable on it in both themes
    GREY: "rgba(128,128,128,0.25)",
    BLUE: "rgba(0,114,178,0.28)",
    VERMILION: "rgba(213,94,0,0.38)",
    GREEN: "rgba(0,158,115,0.38)",
}


@dataclass(frozen=True)
class _Box:
    name: str
    color: str
    said: str


def networks_chart(backbone: Backbone, trained_from: str, classes: int) -> go.Figure:
    """Draw the pretrained network and the one for flowers, from the photo up to the classes.

    Args:
        backbone: Whose blocks.
        trained_from: First block that is trained; empty if all of them stay frozen.
        classes: How many classes the new head tells apart.
    """
    names = [block.name for block in backbone.blocks]
    first = names.index(trained_from) if trained_from else len(names)
    own = _weights(backbone)
    old = [_Box(name, GREY, f"{name}<br>{own[name]:,} weights") for name in names]
    new = [
        _Box(
            name,
            VERMILION if place >= first else BLUE,
            f"{name}: {'learns on from its copy' if place >= first else 'copied and frozen'}<br>"
            f"{own[name]:,} weights",
        )
        for place, name in enumerate(names)
    ]
    head = (backbone.feature_dim + 1) * classes
    old.append(_Box("1,000 classes", GREY, "ImageNet's own last layer<br>is left behind"))
    new.append(_Box(f"new: {classes} classes", GREEN, f"the new head<br>{head:,} weights"))
    columns = ((_LEFT, old), (_RIGHT, new))
    figure = go.Figure([_marks(*ends, boxes) for ends, boxes in columns])
    lay_out(figure, height=_ROW * (len(names) + 3))
    figure.update_xaxes(visible=False, range=[-0.02, _RIGHT[1] + 0.02])
    figure.update_yaxes(visible=False, range=[-1.3, len(names) + 1.2])
    # All at once: one by one they take ten times as long.
    figure.update_layout(
        hovermode="closest",
        dragmode=False,
        shapes=[_shape(*ends, *one) for ends, boxes in columns for one in enumerate(boxes)],
        annotations=[
            *(
                _words(sum(ends) / 2, place, box.name)
                for ends, boxes in columns
                for place, box in enumerate(boxes)
            ),
            *(_arrow(place) for place in range(len(names))),
            *_headings(len(names)),
        ],
    )
    return figure


def _headings(blocks: int) -> list[dict[str, object]]:
    left, right, between = sum(_LEFT) / 2, sum(_RIGHT) / 2, (_LEFT[1] + _RIGHT[0]) / 2
    top = blocks + 0.75
    bold = {"font": {"weight": "bold"}}
    return [
        _words(left, top, "ImageNet") | bold,
        _words(right, top, "Flowers") | bold,
        _words(between, top, "copy"),
        _words(left, -0.85, "a photo"),
        _words(right, -0.85, "a photo"),
    ]


def _words(x: float, y: float, text: str) -> dict[str, object]:
    return {"x": x, "y": y, "text": ink(text), "showarrow": False}


def _arrow(place: int) -> dict[str, object]:
    ends = {"x": _RIGHT[0], "y": place, "ax": _LEFT[1], "ay": place}
    axes = {"xref": "x", "yref": "y", "axref": "x", "ayref": "y"}
    return {
        **ends,
        **axes,
        "arrowcolor": GREY,
        "arrowhead": 2,
        "arrowsize": 0.8,
        "arrowwidth": 1,
        "standoff": 3,
        "startstandoff": 3,
        "text": "",
    }


def _weights(backbone: Backbone) -> dict[str, int]:
    """Return how many weights each block has that can be trained."""
    from_here = [block.trainable for block in backbone.blocks]
    behind = [*from_here[1:], 0]
    names = [block.name for block in backbone.blocks]
    return {name: here - after for name, here, after in zip(names, from_here, behind, strict=True)}


def _shape(left: float, right: float, place: int, box: _Box) -> dict[str, object]:
    return {
        "type": "rect",
        "x0": left,
        "x1": right,
        "y0": place - 0.42,
        "y1": place + 0.42,
        "line": {"color": box.color, "width": 1},
        "fillcolor": _FILL[box.color],
    }


def _marks(left: float, right: float, boxes: list[_Box]) -> go.Scatter:
    # Shapes answer no mouse: a nearly clear square on each of them does.
    return go.Scatter(
        x=[(left + right) / 2] * len(boxes),
        y=list(range(len(boxes))),
        mode="markers",
        marker={"symbol": "square", "size": _ROW - 4, "color": GREY, "opacity": 0.01},
        hovertext=[box.said for box in boxes],
        hovertemplate=HOVER,
    )
