"""A network as a diagram, from its layer table; plotly figures as in `flowercore.figures`.

Blocks follow each other downwards, the convolutions of a block from left to right, so that it can
be read on a phone. A separable convolution is drawn as what it is, a depthwise one above a
pointwise one: the line between tells it from an ordinary one without colours too.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby

import plotly.graph_objects as go

from flowercore.anatomy.kinds import kind_of
from flowercore.anatomy.layers import Layer, Shape
from flowercore.anatomy.modules import Module
from flowercore.diagram import (
    COLOR,
    DEPTHWISE,
    FILL,
    ORDINARY,
    POINTWISE,
    POOLING,
    SMALLEST,
    Drawing,
)
from flowercore.figures import GREY, HOVER, lay_out

# Across, in hundredths of the width.
_FLOW = (0.0, 5.5)  # the bar that names the flow
_BLOCK = (8.0, 73.0)
_MIDDLE = sum(_BLOCK) / 2
_FIRST, _LAST, _GAP = 10.5, 71.0, 1.8  # where the boxes of a block begin and end
_SUM, _ROOM = 70.0, 5.0  # where a residual connection ends, and what its sum sign needs
_TEXT = 75.5
# Down, in rows.
_HALF_BLOCK, _HALF_BOX = 0.42, 0.24
_BELOW = 0.08  # boxes lie below a block's middle: the residual connection passes above
_ARC = 0.33  # its height; a Bézier curve reaches three quarters of where it aims
_ROW, _LOW_ROW = 52, 34  # pixels; the low one for one line in a box
_MOST = 9  # blocks that fit a screen in rows of the usual height
_PARTS = {
    "Conv2D": (ORDINARY,),
    "DepthwiseConv2D": (DEPTHWISE,),
    "SeparableConv2D": (DEPTHWISE, POINTWISE),
    "MaxPooling2D": (POOLING,),
}


def anatomy_chart(modules: Sequence[Module], chosen: str = "") -> go.Figure:
    """Draw a network.

    A click on a box selects a point whose ``customdata`` is the name of its module.

    Args:
        modules: Its blocks, equal ones drawn once; with boxes for three or four layers each.
        chosen: Name of the module that is marked; empty for none.
    """
    wide = _width(modules)
    drawing = Drawing()
    separable = any(len(_parts(layer)) > 1 for module in modules for layer in module.way)
    low = len(modules) > _MOST and not separable
    for row, module in enumerate(modules):
        _block(drawing, row, module, wide, marked=module.name == chosen, low=low)
        if row:
            drawing.arrow((_MIDDLE, row - 1 + _HALF_BLOCK), (_MIDDLE, row - _HALF_BLOCK))
    _flows(drawing, modules)
    last = len(modules) - 1
    drawing.words(_FIRST, -0.78, f"Photo {shape_words(modules[0].input_shape)}")
    drawing.arrow((_MIDDLE, -0.64), (_MIDDLE, -_HALF_BLOCK))
    drawing.arrow((_MIDDLE, last + _HALF_BLOCK), (_MIDDLE, last + 0.64))
    channels = modules[-1].output_shape[-1]
    drawing.words(_FIRST, last + 0.78, f"{channels:,} features: the average of each map")
    bottom = _legend(drawing, modules, last + 1.35)
    rows = bottom + 1.0
    figure = go.Figure(_points(modules, wide))
    drawing.put_on(figure)
    lay_out(figure, height=16 + round((_LOW_ROW if low else _ROW) * rows))
    figure.update_xaxes(visible=False, range=[0, 100], fixedrange=True)
    figure.update_yaxes(visible=False, range=[bottom, -1.0], fixedrange=True)
    # Without a bound, wherever a block is clicked the nearest box is one of its own.
    figure.update_layout(hovermode="closest", hoverdistance=-1, dragmode=False)
    return figure


def shape_words(shape: Shape) -> str:
    """Return height, width and channels: ``147 × 147 × 64``."""
    return " × ".join(f"{side:,}" for side in shape)


def layer_words(layer: Layer) -> str:
    """Say what a layer is, what comes out and what it takes, in four lines."""
    title = kind_of(layer).title
    if layer.kernel is not None:
        title += f" {_size(layer.kernel)}"
    if layer.stride is not None and max(layer.stride) > 1:
        title += f", stride {max(layer.stride)}"
    return "<br>".join(
        map(
            escape,
            (
                f"{title} ({layer.name})",
                f"gives {shape_words(layer.output_shape)}",
                f"{layer.parameters:,} parameters",
                f"{layer.multiply_adds:,} multiply-adds",
            ),
        )
    )


def _size(kernel: Sequence[int]) -> str:
    return "×".join(map(str, kernel))


def _width(modules: Sequence[Module]) -> float:
    """Return how wide each box is, so that the longest block has room."""
    most = max(len(module.way) for module in modules)
    room = _ROOM if any(module.residual for module in modules) else 0
    return (_LAST - room - _FIRST - (most - 1) * _GAP) / most


def _left(place: int, wide: float) -> float:
    return _FIRST + place * (wide + _GAP)


def _points(modules: Sequence[Module], wide: float) -> go.Scatter:
    marks = [
        (_left(place, wide) + wide / 2, row + _BELOW, module.name, layer_words(layer))
        for row, module in enumerate(modules)
        for place, layer in enumerate(module.way)
    ]
    marks += [
        ((_FIRST + _SUM) / 2, row - _ARC, module.name, layer_words(layer))
        for row, module in enumerate(modules)
        for layer in module.shortcut
        if layer.convolution
    ]
    return go.Scatter(
        x=[mark[0] for mark in marks],
        y=[mark[1] for mark in marks],
        customdata=[mark[2] for mark in marks],
        hovertext=[mark[3] for mark in marks],
        hovertemplate=HOVER,
        mode="markers",
        marker={"symbol": "square", "size": 34, "color": GREY, "opacity": 0.01},
        selected={"marker": {"opacity": 0.2}},
        unselected={"marker": {"opacity": 0.01}},
    )


def _block(
    drawing: Drawing, row: int, module: Module, wide: float, *, marked: bool, low: bool
) -> None:
    left, right = _BLOCK
    for behind in range(min(2, module.repeats - 1), 0, -1):  # as a pile of sheets
        shift = 0.04 * behind
        drawing.box(
            (left + 25 * shift, right + 25 * shift),
            (row - _HALF_BLOCK + shift, row + _HALF_BLOCK + shift),
            GREY,
            "rgba(128,128,128,0.05)",
        )
    drawing.box(
        _BLOCK,
        (row - _HALF_BLOCK, row + _HALF_BLOCK),
        GREY,
        f"rgba(128,128,128,{0.2 if marked else 0.07})",
        width=3 if marked else 1,
    )
    for place, layer in enumerate(module.way):
        _layer(drawing, row + _BELOW, _left(place, wide), wide, layer, low=low)
    if module.residual:
        _residual(drawing, row, module)
    name = module.name
    if module.repeats > 1:
        name += f", {module.repeats} times"
    apart = 0.2 if low else 0.14
    drawing.words(_TEXT, row - apart, name, bold=True)
    drawing.words(_TEXT, row + apart, shape_words(module.output_shape).replace(" ", ""))


def _layer(
    drawing: Drawing, row: float, left: float, wide: float, layer: Layer, *, low: bool
) -> None:
    parts = _parts(layer)
    texts = _texts(layer)
    height = 2 * _HALF_BOX / len(parts)
    for number, part in enumerate(parts):
        top = row - _HALF_BOX + number * height
        drawing.box((left, left + wide), (top, top + height), COLOR[part], FILL[part])
    if low:
        text = "·".join(texts)
        drawing.words(left + wide / 2, row, text, centred=True, size=SMALLEST)
        return
    for number, text in enumerate(texts):
        middle = row - _HALF_BOX / 2 + number * _HALF_BOX
        drawing.words(left + wide / 2, middle, text, centred=True, size=SMALLEST)


def _parts(layer: Layer) -> tuple[str, ...]:
    if layer.kind == "Conv2D" and layer.kernel == (1, 1):
        return (POINTWISE,)
    return _PARTS[layer.kind]


def _texts(layer: Layer) -> tuple[str, str]:
    """Return what stands in the upper and in the lower half of a layer's box."""
    kernel = _size(layer.kernel or ())
    if layer.stride is not None and max(layer.stride) > 1:
        kernel += f" /{max(layer.stride)}"
    filters = f"{layer.output_shape[-1]:,}"
    if layer.kind == "SeparableConv2D":
        return kernel, f"1×1·{filters}"
    return kernel, "max" if layer.kind == "MaxPooling2D" else filters


def _residual(drawing: Drawing, row: int, module: Module) -> None:
    left, middle, aim = _BLOCK[0] + 1.2, row + _BELOW, row + _BELOW - (_ARC + _BELOW) / 0.75
    drawing.line(
        f"M {left},{middle} C {left},{aim} {_SUM},{aim} {_SUM},{middle - 0.11}",
        GREY,
    )
    drawing.words(_SUM, middle, "+", centred=True, bold=True, size=18)
    for layer in module.shortcut:
        if layer.convolution:
            there = (left + _SUM) / 2
            drawing.box(
                (there - 2, there + 2),
                (row - _ARC - 0.06, row - _ARC + 0.06),
                COLOR[POINTWISE],
                COLOR[POINTWISE],
            )


def _flows(drawing: Drawing, modules: Sequence[Module]) -> None:
    rows = groupby(enumerate(modules), key=lambda one: one[1].flow)
    for flow, group in rows:
        if not flow:
            continue
        numbers = [row for row, _ in group]
        low, high = numbers[0] - _HALF_BLOCK, numbers[-1] + _HALF_BLOCK
        drawing.box(_FLOW, (low, high), GREY, "rgba(128,128,128,0.15)")
        name = flow if len(numbers) > 1 else flow.partition(" ")[0]
        drawing.words(sum(_FLOW) / 2, (low + high) / 2, name.capitalize(), centred=True, angle=-90)


def _legend(drawing: Drawing, modules: Sequence[Module], top: float) -> float:
    """Say which colour is what, two in a row; return how far down it reaches."""
    seen = {part for module in modules for layer in module.way for part in _parts(layer)}
    entries = [part for part in COLOR if part in seen]
    for number, part in enumerate(entries):
        left, row = (_BLOCK[0], 52.0)[number % 2], top + 0.34 * (number // 2)
        drawing.box((left, left + 5), (row - 0.1, row + 0.1), COLOR[part], FILL[part])
        drawing.words(left + 6.5, row, _LEGEND[part])
    return top + 0.34 * ((len(entries) + 1) // 2)


_LEGEND = {
    ORDINARY: "ordinary convolution",
    DEPTHWISE: "depthwise",
    POINTWISE: "pointwise (1×1)",
    POOLING: "max pooling",
}
