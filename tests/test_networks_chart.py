"""Two networks beside each other: which blocks are frozen, which learn, what they weigh."""

from __future__ import annotations

import re

import pytest

from flowercore.backbones import registry
from flowercore.figures import BLUE, GREEN, GREY, VERMILION
from flowercore.networks_chart import networks_chart

BACKBONES = ("efficientnet-lite0", "xception")


@pytest.mark.parametrize("name", BACKBONES)
@pytest.mark.parametrize("place", [None, 0, 3, -1])
def test_blocks_from_the_chosen_one_on_learn(name: str, place: int | None) -> None:
    backbone = registry.get(name)
    names = [block.name for block in backbone.blocks]
    start = "" if place is None else names[place]
    figure = networks_chart(backbone, start, 5)
    colors = [shape.line.color for shape in figure.layout.shapes]
    count = len(names)
    assert colors[: count + 1] == [GREY] * (count + 1)
    first = names.index(start) if start else count
    assert colors[count + 1 :] == [BLUE] * first + [VERMILION] * (count - first) + [GREEN]
    written = [text for one in figure.data if one.mode == "text" for text in one.text]
    words = [re.sub(r"<[^>]*>", "", text) for text in written]
    assert words[:count] == names
    assert "new: 5 classes" in words
    assert "1,000 classes" in words


@pytest.mark.parametrize("name", BACKBONES)
def test_weights_of_the_blocks_add_up(name: str) -> None:
    backbone = registry.get(name)
    new = networks_chart(backbone, "", 5).data[1]
    weights = [
        int(re.search(r"([\d,]+) weights", one)[1].replace(",", "")) for one in new.hovertext
    ]
    assert sum(weights[:-1]) == backbone.blocks[0].trainable
    assert weights[-1] == (backbone.feature_dim + 1) * 5
