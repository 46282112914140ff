from __future__ import annotations

import re
import tomllib
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest

from flowercore import figures
from flowercore.evaluation.metrics import Evaluation, evaluate

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def evaluation() -> Evaluation:
    true = np.array([0] * 4 + [1] * 2)
    predicted = [0, 0, 0, 2, 1, 0]
    return evaluate(true, np.eye(3)[predicted], ("daisy", "rose", "tulip"))


def plain(text: str) -> str:
    return re.sub(r"</?span[^>]*>", "", text)


def luminance(color: tuple[float, float, float]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: tuple[float, float, float], second: tuple[float, float, float]) -> float:
    """WCAG 2 contrast ratio."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def rgb(color: str) -> tuple[float, float, float]:
    return tuple(int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))  # type: ignore[return-value]


def themes() -> list[tuple[str, str]]:
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
    return [
        (theme[kind]["backgroundColor"], theme[kind]["textColor"]) for kind in ("light", "dark")
    ]


@pytest.mark.parametrize("background", [theme[0] for theme in themes()])
@pytest.mark.parametrize(
    "color", [figures.BLUE, figures.VERMILION, figures.GREEN, figures.GREY], ids=str
)
def test_marks_stand_out_in_both_themes(color: str, background: str) -> None:
    assert contrast(rgb(color), rgb(background)) >= 3.0


@pytest.mark.parametrize(
    "scale", [figures.RIGHT_SCALE, figures.WRONG_SCALE], ids=("right", "wrong")
)
@pytest.mark.parametrize(("background", "text"), themes())
def test_numbers_can_be_read_in_the_strongest_cell(
    background: str, text: str, scale: list[list[object]]
) -> None:
    parts = re.findall(r"[\d.]+", str(scale[-1][1]))
    alpha = float(parts[3])
    cell = tuple(
        alpha * int(part) / 255 + (1 - alpha) * below
        for part, below in zip(parts[:3], rgb(background), strict=True)
    )
    assert contrast(cell, rgb(text)) >= 4.5  # type: ignore[arg-type]


def all_figures(evaluation: Evaluation) -> list[go.Figure]:
    return [
        figures.confusion_matrix(evaluation, "counts"),
        figures.confusion_matrix(evaluation, "rows"),
        figures.confusion_matrix(evaluation, "columns"),
        figures.probability_bars({"rose": 0.7, "tulip": 0.3}),
        figures.class_counts({"rose": 7, "tulip": 3}),
    ]


def test_backgrounds_are_clear_and_no_text_colour_is_fixed(evaluation: Evaluation) -> None:
    for figure in all_figures(evaluation):
        assert figure.layout.paper_bgcolor == figures.CLEAR
        assert figure.layout.plot_bgcolor == figures.CLEAR
        text = figure.to_json()
        assert figure.layout.font.color is None
        assert all(note.font.color is None for note in figure.layout.annotations)
        assert set(re.findall(r"color:([^\\\"]+)", text)) <= {"currentColor"}


def test_every_cell_has_a_square_that_says_which_it_is(evaluation: Evaluation) -> None:
    right, wrong, squares = figures.confusion_matrix(evaluation, "counts").data
    both = np.nan_to_num(np.array(right.z, float)) + np.nan_to_num(np.array(wrong.z, float))
    assert both.tolist() == evaluation.confusion_matrix.tolist()
    assert right.hoverinfo == wrong.hoverinfo == "skip"
    assert len(squares.customdata) == 9
    for x, y, (true, predicted) in zip(squares.x, squares.y, squares.customdata, strict=True):
        assert (evaluation.classes[y], evaluation.classes[x]) == (true, predicted)
    assert 0 < squares.marker.opacity < 0.05
    assert squares.hovertext[2] == (
        "daisy taken for tulip: 1<br>25 % of all daisy<br>100 % of all called tulip"
    )


def test_mistakes_have_a_colour_and_a_scale_of_their_own() -> None:
    matrix = evaluate(np.array([0] * 50 + [1] * 3), np.eye(2)[[0] * 49 + [1] * 4], ("a", "b"))
    right, wrong, _ = figures.confusion_matrix(matrix).data
    assert (right.zmax, wrong.zmax) == (49, 1)
    assert right.colorscale != wrong.colorscale
    # No mistake, no colour: the cell stays empty.
    assert [list(row) for row in wrong.z] == [[None, 1.0], [None, None]]


def test_first_class_is_on_top(evaluation: Evaluation) -> None:
    low, high = figures.confusion_matrix(evaluation).layout.yaxis.range
    assert low > high


def test_rows_are_fractions_and_a_class_without_photos_has_none(evaluation: Evaluation) -> None:
    figure = figures.confusion_matrix(evaluation, "rows")
    assert list(figure.data[0].z[0]) == [0.75, None, None]
    assert list(figure.data[1].z[0]) == [None, None, 0.25]
    assert list(figure.data[1].z[2]) == [None, None, None]
    numbers = [plain(note.text) for note in figure.layout.annotations]
    assert numbers == ["75 %", "0 %", "25 %", "50 %", "50 %", "0 %", "–", "–", "–"]


def test_columns_are_fractions_of_what_was_called_a_class(evaluation: Evaluation) -> None:
    figure = figures.confusion_matrix(evaluation, "columns")
    numbers = [plain(note.text) for note in figure.layout.annotations]
    assert numbers == ["75 %", "0 %", "100 %", "25 %", "100 %", "0 %", "0 %", "0 %", "0 %"]


def test_many_classes_have_no_numbers_in_their_cells() -> None:
    count = figures.CLASSES_WITH_NUMBERS + 1
    names = tuple(f"class {number}" for number in range(count))
    figure = figures.confusion_matrix(evaluate(np.arange(count), np.eye(count), names))
    assert len(figure.layout.annotations) == 0
    assert len(figure.data[2].customdata) == count * count
    assert figure.layout.height < 30 * count


def test_bars_are_sorted_with_percents_that_never_claim_certainty() -> None:
    probabilities = {"daisy": 0.003, "rose": 0.9969, "tulip": 0.0001, "lily": 0.0}
    (bars,) = figures.probability_bars(probabilities).data
    assert list(bars.x) == [0.9969, 0.003, 0.0001, 0.0]
    assert bars.hovertext[0] == "rose: &gt;99 %"
    assert [plain(text) for text in bars.text] == ["&gt;99 %", "&lt;1 %", "&lt;1 %", "0 %"]
    assert bars.marker.color[0] == figures.GREEN
    assert set(bars.marker.color[1:]) == {figures.GREY}
    assert bars.orientation == "h"


def test_counts_keep_their_order() -> None:
    figure = figures.class_counts({"tulip": 3, "daisy": 1200})
    assert [plain(name) for name in figure.layout.yaxis.ticktext] == ["tulip", "daisy"]
    assert list(figure.data[0].x) == [3, 1200]
    assert [plain(text) for text in figure.data[0].text] == ["3", "1,200"]


def test_counts_of_nothing_are_an_empty_figure() -> None:
    assert len(figures.class_counts({}).data[0].x) == 0


def test_class_names_cannot_bring_markup() -> None:
    name = "<a href='https://example.org'>rose</a>"
    evaluation = evaluate(np.array([0, 1]), np.eye(2), (name, "2"))
    for figure in (
        figures.confusion_matrix(evaluation),
        figures.probability_bars({name: 1.0}),
        figures.class_counts({name: 1}),
    ):
        axis = figure.layout.yaxis.ticktext[0]
        assert "<a" not in axis
        assert "&lt;a" in axis
        assert all("<a" not in text for text in figure.data[-1].hovertext)


def test_numbers_on_axes_and_texts_of_marks_take_the_pages_own_colour(
    evaluation: Evaluation,
) -> None:
    for figure in all_figures(evaluation):
        for axis in (figure.layout.xaxis, figure.layout.yaxis):
            assert f"{axis.tickprefix}1{axis.ticksuffix}" == figures.ink(1)
            assert axis.title.text is None or "currentColor" in axis.title.text
        marks = [one.hovertemplate for one in figure.data if one.hovertext is not None]
        assert all("currentColor" in template for template in marks)
