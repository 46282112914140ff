"""Small pictures side by side: each where its click says it is, the chosen one framed."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from flowercore.mosaic_chart import mosaic

COLORS = [(250, 10, 10), (10, 250, 10), (10, 10, 250), (250, 250, 10), (10, 250, 250)]
TILES = [Image.new("RGB", (16, 16), color) for color in COLORS]
NAMES = ["red", "green", "blue", "yellow", "cyan"]


def test_each_picture_lies_where_its_mark_is() -> None:
    figure = mosaic(TILES, NAMES, None, columns=3, height=200)
    (sheet,) = figure.layout.images
    assert (sheet.sizex, sheet.sizey, sheet.x, sheet.y) == (3, 2, 0, 0)
    file = base64.b64decode(sheet.source.partition(",")[2])
    picture = np.asarray(Image.open(io.BytesIO(file))).astype(int)
    (marks,) = figure.data
    assert list(marks.customdata) == [0, 1, 2, 3, 4]
    assert list(marks.hovertext) == NAMES
    for x, y, color in zip(marks.x, marks.y, COLORS, strict=True):
        found = picture[int(y * 16), int(x * 16)]
        assert np.abs(found - color).max() < 12
    # Rows go downwards, as those of the picture do.
    assert list(figure.layout.yaxis.range) == [2, 0]
    assert figure.layout.yaxis.scaleanchor == "x"


@pytest.mark.parametrize(("chosen", "corner"), [(0, (0, 0)), (4, (1, 1))])
def test_the_chosen_one_is_framed(chosen: int, corner: tuple[int, int]) -> None:
    figure = mosaic(TILES, NAMES, chosen, columns=3, height=200)
    rings = [shape for shape in figure.layout.shapes if shape.type == "rect"]
    assert [(ring.x0, ring.y0, ring.x1, ring.y1) for ring in rings] == [
        (*corner, corner[0] + 1, corner[1] + 1)
    ] * 2


def test_without_a_choice_nothing_is_framed() -> None:
    figure = mosaic(TILES, NAMES, None, columns=3, height=200)
    assert not [shape for shape in figure.layout.shapes if shape.type == "rect"]
