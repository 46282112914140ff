"""Two networks beside each other: what is copied, what is frozen, what is new."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

from flowercore.backbones.facts import Backbone
from flowercore.diagram import Drawing
from flowercore.figures import BLUE, GREEN, GREY, HOVER, VERMILION, lay_out

_ROW = 20  # pixels a block
_LEFT, _RIGHT = (0.0, 1.0), (1.5, 2.5)  # where the two columns begin and end
_APART = 0.02  # of an arrow from a box
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
    drawing = Drawing()
    for ends, boxes in columns:
        for place, box in enumerate(boxes):
            drawing.box(ends, (place - 0.42, place + 0.42), box.color, _FILL[box.color])
            drawing.words(sum(ends) / 2, place, box.name, centred=True)
    for place in range(len(names)):
        drawing.arrow((_LEFT[1] + _APART, place), (_RIGHT[0] - _APART, place))
    _headings(drawing, len(names))
    figure = go.Figure([_marks(*ends, boxes) for ends, boxes in columns])
    drawing.put_on(figure)
    lay_out(figure, height=_ROW * (len(names) + 3))
    figure.update_xaxes(visible=False, range=[-0.02, _RIGHT[1] + 0.02])
    figure.update_yaxes(visible=False, range=[-1.3, len(names) + 1.2])
    figure.update_layout(hovermode="closest", dragmode=False)
    return figure


def _headings(drawing: Drawing, blocks: int) -> None:
    left, right, between = sum(_LEFT) / 2, sum(_RIGHT) / 2, (_LEFT[1] + _RIGHT[0]) / 2
    top = blocks + 0.75
    drawing.words(left, top, "ImageNet", centred=True, bold=True)
    drawing.words(right, top, "Flowers", centred=True, bold=True)
    drawing.words(between, top, "copy", centred=True)
    for middle in (left, right):
        drawing.words(middle, -0.85, "a photo", centred=True)


def _weights(backbone: Backbone) -> dict[str, int]:
    """Return how many weights each block has that can be trained."""
    from_here = [block.trainable for block in backbone.blocks]
    behind = [*from_here[1:], 0]
    names = [block.name for block in backbone.blocks]
    return {name: here - after for name, here, after in zip(names, from_here, behind, strict=True)}


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
