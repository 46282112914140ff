"""The diagram of a network: a box a layer, residual connections, blocks that can be clicked."""

from __future__ import annotations

from typing import Any

import pytest

from flowercore.anatomy.layers import NAMES
from flowercore.anatomy.modules import modules
from flowercore.anatomy_chart import anatomy_chart, layer_words
from flowercore.diagram import COLOR, DEPTHWISE, ORDINARY, POINTWISE, POOLING
from flowercore.figures import CLEAR


def boxes(figure: Any, part: str) -> list[Any]:
    """Return the boxes of a part, those of the legend and marks on arcs left out."""
    return [
        shape
        for shape in figure.layout.shapes
        if shape.type == "rect" and shape.line.color == COLOR[part] and shape.x1 - shape.x0 > 6
    ]


def words(figure: Any) -> list[str]:
    return [
        *(note.text for note in figure.layout.annotations),
        *(text for one in figure.data if one.mode == "text" for text in one.text),
    ]


def test_separable_convolutions_are_told_from_ordinary_ones() -> None:
    figure = anatomy_chart(modules("xception"))
    # Two a block in five of them, three in the middle flow's: each a depthwise above a pointwise.
    upper, lower = boxes(figure, DEPTHWISE), boxes(figure, POINTWISE)
    assert len(upper) == len(lower) == 2 * 5 + 3
    for above, below in zip(upper, lower, strict=True):
        assert (above.x0, above.x1, above.y1) == (below.x0, below.x1, below.y0)
    assert len(boxes(figure, ORDINARY)) == 2
    # That of the legend is narrow; a grey frame of a block is wide.
    assert len([box for box in boxes(figure, POOLING) if box.x1 - box.x0 < 25]) == 4


@pytest.mark.parametrize("name", NAMES)
def test_every_residual_connection_is_an_arc(name: str) -> None:
    drawn = modules(name)
    figure = anatomy_chart(drawn)
    arcs = [shape for shape in figure.layout.shapes if shape.type == "path"]
    assert len(arcs) == sum(module.residual for module in drawn)
    assert sum("+" in text for text in words(figure)) == len(arcs)


def test_flows_repeats_and_shapes_are_written_down() -> None:
    said = " ".join(words(anatomy_chart(modules("xception"))))
    for text in (
        "Entry flow",
        "Middle",
        "Exit flow",
        "block5, 8 times",
        "147×147×64",
        "10×10×2,048",
    ):
        assert text in said
    assert "Photo 299 × 299 × 3" in said
    assert "2,048 features" in said
    assert "flow" not in " ".join(words(anatomy_chart(modules("vgg16"))))


@pytest.mark.parametrize("name", NAMES)
def test_each_box_can_be_clicked_and_says_what_it_is(name: str) -> None:
    drawn = modules(name)
    points, *_ = anatomy_chart(drawn).data
    assert set(points.customdata) == {module.name for module in drawn}
    shortcuts = sum(layer.convolution for module in drawn for layer in module.shortcut)
    assert len(points.x) == sum(len(module.way) for module in drawn) + shortcuts
    assert len(set(zip(points.x, points.y, strict=True))) == len(points.x)
    # The row that a point lies in is the module that a click on it chooses.
    for y, chosen in zip(points.y, points.customdata, strict=True):
        assert drawn[round(y)].name == chosen


@pytest.mark.parametrize("name", NAMES)
def test_boxes_lie_within_their_block(name: str) -> None:
    figure = anatomy_chart(modules(name))
    for part in (ORDINARY, DEPTHWISE, POINTWISE):
        for box in boxes(figure, part):
            assert 8 < box.x0 < box.x1 < 73


def test_the_words_on_a_layer_are_its_numbers() -> None:
    layer = next(x for m in modules("xception") for x in m.way if x.name == "block1_conv1")
    assert layer_words(layer) == (
        "Convolution 3×3, stride 2 (block1_conv1)<br>gives 149 × 149 × 32<br>864 parameters<br>"
        "19,181,664 multiply-adds"
    )


def test_the_chosen_block_is_marked() -> None:
    def rims(chosen: str) -> list[float]:
        return [shape.line.width for shape in anatomy_chart(modules("vgg16"), chosen).layout.shapes]

    assert rims("").count(3) == 0
    assert rims("block2").count(3) == 1
    assert rims("block2").index(3) != rims("block3").index(3)


def test_it_has_no_background_and_nothing_to_drag() -> None:
    layout = anatomy_chart(modules("vgg16")).layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == CLEAR
    assert layout.dragmode is False
    assert layout.xaxis.fixedrange
    assert layout.yaxis.fixedrange
