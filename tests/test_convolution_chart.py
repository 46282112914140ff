"""One place of a convolution in numbers: short numbers, right products, text that can be read."""

from __future__ import annotations

import re

import numpy as np
import plotly.graph_objects as go
import pytest

from flowercore.convolution_chart import number, products
from flowercore.figures import CLEAR
from tests.test_figures import contrast, rgb, themes

VALUES = np.array([[0, 255, 100], [30, 0, 200], [117, 118, 7]], np.float64)
WEIGHTS = np.array([[-1, 0, 1], [-2, 0, 2], [-0.5, 0, 0.25]])


def drawn(inside: np.ndarray | None = None) -> go.Figure:
    within = np.ones((3, 3), bool) if inside is None else inside
    return products(VALUES, WEIGHTS, within, VALUES.astype(np.uint8))


def words(figure: go.Figure) -> dict[tuple[float, float], str]:
    return {(one.x, one.y): re.sub(r"<[^>]*>", "", one.text) for one in figure.layout.annotations}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"),
        (-0.001, "0"),
        (0.111111, "0.11"),
        (0.5, "0.5"),
        (-1, "−1"),
        (-12.34, "−12.3"),
        (100, "100"),
        (-2040.4, "−2040"),
        (9.999, "10"),
    ],
)
def test_numbers_are_as_short_as_a_cell_wants_them(value: float, said: str) -> None:
    assert number(value) == said


def test_three_squares_stand_beside_each_other() -> None:
    said = words(drawn())
    for row, column in np.ndindex(3, 3):
        assert said[column, row] == number(VALUES[row, column])
        assert said[column + 4, row] == number(WEIGHTS[row, column])
        assert said[column + 8, row] == number(VALUES[row, column] * WEIGHTS[row, column])
    assert [said[place, -0.95] for place in (1, 5, 9)] == ["Pixels", "Kernel", "Products"]
    assert [said[place, 1] for place in (3, 7)] == ["×", "="]


def test_numbers_on_greys_can_be_read() -> None:
    for tone in (*range(0, 256, 15), *range(108, 128)):
        values = np.full((1, 1), float(tone))
        figure = products(values, values, np.ones((1, 1), bool), values.astype(np.uint8))
        color = re.search(r"color:(#\w+)", figure.layout.annotations[0].text)
        assert color is not None
        assert figure.layout.shapes[0].fillcolor == f"rgb({tone},{tone},{tone})"
        assert contrast(rgb(color[1]), (tone / 255,) * 3) >= 4.5


@pytest.mark.parametrize(("background", "text"), themes())
def test_numbers_on_weights_can_be_read_in_both_themes(background: str, text: str) -> None:
    for shape in drawn().layout.shapes[9:]:
        red, green, blue, alpha = (float(part) for part in re.findall(r"[\d.]+", shape.fillcolor))
        paper = tuple(
            alpha * part / 255 + (1 - alpha) * under
            for part, under in zip((red, green, blue), rgb(background), strict=True)
        )
        assert contrast(paper, rgb(text)) >= 4.5  # type: ignore[arg-type]


def test_what_lies_in_the_padding_has_no_tone() -> None:
    inside = np.ones((3, 3), bool)
    inside[0] = False
    figure = drawn(inside)
    assert [shape.fillcolor for shape in figure.layout.shapes[:3]] == [CLEAR] * 3
    assert "currentColor" in figure.layout.annotations[0].text


def test_without_any_weight_it_is_drawn_all_the_same() -> None:
    nothing = np.zeros((3, 3))
    figure = products(nothing, nothing, np.ones((3, 3), bool), nothing.astype(np.uint8))
    assert len(figure.layout.shapes) == 27
