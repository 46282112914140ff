from __future__ import annotations

import re
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from flowercore import figures
from flowercore.evaluation.metrics import Evaluation, evaluate

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def history() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "epoch": [1, 2, 3],
            "loss": [1.5, 0.9, 0.6],
            "accuracy": [0.4, 0.7, 0.85],
            "val_loss": [1.6, 1.1, 0.9],
            "val_accuracy": [0.35, 0.6, 0.75],
            "seconds": [0.1, 0.1, 0.1],
        }
    )


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


@pytest.mark.parametrize(("background", "text"), themes())
def test_numbers_can_be_read_in_the_strongest_cell(background: str, text: str) -> None:
    parts = re.findall(r"[\d.]+", figures.CELL_SCALE[-1][1])
    alpha = float(parts[3])
    cell = tuple(
        alpha * int(part) / 255 + (1 - alpha) * below
        for part, below in zip(parts[:3], rgb(background), strict=True)
    )
    assert contrast(cell, rgb(text)) >= 4.5  # type: ignore[arg-type]


def all_figures(history: pd.DataFrame, evaluation: Evaluation) -> list[go.Figure]:
    return [
        figures.learning_curve(history, "loss"),
        figures.learning_curves(history),
        figures.confusion_matrix(evaluation, "counts"),
        figures.confusion_matrix(evaluation, "rows"),
        figures.probability_bars({"rose": 0.7, "tulip": 0.3}),
        figures.class_counts({"rose": 7, "tulip": 3}),
    ]


def test_backgrounds_are_clear_and_no_text_colour_is_fixed(
    history: pd.DataFrame, evaluation: Evaluation
) -> None:
    for figure in all_figures(history, evaluation):
        assert figure.layout.paper_bgcolor == figures.CLEAR
        assert figure.layout.plot_bgcolor == figures.CLEAR
        text = figure.to_json()
        assert figure.layout.font.color is None
        assert all(note.font.color is None for note in figure.layout.annotations)
        assert set(re.findall(r"color:([^\\\"]+)", text)) <= {"currentColor"}


def test_curves_of_training_and_validation_are_named_at_their_ends(history: pd.DataFrame) -> None:
    figure = figures.learning_curve(history, "accuracy")
    assert [list(line.y) for line in figure.data] == [[0.4, 0.7, 0.85], [0.35, 0.6, 0.75]]
    assert [line.line.dash for line in figure.data] == ["solid", "dash"]
    names = {plain(note.text): note for note in figure.layout.annotations}
    assert set(names) == {"training 85.0%", "validation 75.0%"}
    assert (names["training 85.0%"].x, names["training 85.0%"].y) == (3, 0.85)
    assert names["training 85.0%"].yshift > names["validation 75.0%"].yshift


def test_loss_above_keeps_its_name_above(history: pd.DataFrame) -> None:
    notes = {plain(n.text): n for n in figures.learning_curve(history, "loss").layout.annotations}
    assert notes["validation 0.900"].yshift > notes["training 0.600"].yshift


def test_both_quantities_have_axes_of_their_own(history: pd.DataFrame) -> None:
    figure = figures.learning_curves(history)
    assert [(line.yaxis, list(line.y)[-1]) for line in figure.data] == [
        ("y", 0.85),
        ("y", 0.75),
        ("y2", 0.6),
        ("y2", 0.9),
    ]
    assert figure.layout.yaxis2.domain[1] < figure.layout.yaxis.domain[0]
    assert [note.yref for note in figure.layout.annotations] == ["y", "y", "y2", "y2"]


@pytest.mark.parametrize("absent", ["column", "empty"])
def test_without_validation_only_the_training_is_drawn(history: pd.DataFrame, absent: str) -> None:
    if absent == "column":
        history = history.drop(columns=["val_loss", "val_accuracy"])
    else:
        history = history.assign(val_loss=np.nan, val_accuracy=np.nan)
    figure = figures.learning_curves(history)
    assert [line.name for line in figure.data] == ["training", "training"]
    assert len(figure.layout.annotations) == 2


def test_first_epoch_is_visible_and_the_axis_shows_all_that_will_come(
    history: pd.DataFrame,
) -> None:
    figure = figures.learning_curve(history.head(1), "loss", epochs=25)
    assert {line.mode for line in figure.data} == {"markers"}
    assert tuple(figure.layout.xaxis.range) == (1, 25)


def test_a_training_that_has_no_epoch_yet_is_an_empty_figure(history: pd.DataFrame) -> None:
    figure = figures.learning_curves(history.head(0), epochs=25)
    assert len(figure.data) == 0
    assert tuple(figure.layout.xaxis.range) == (1, 25)


def test_every_cell_has_a_square_that_says_which_it_is(evaluation: Evaluation) -> None:
    heatmap, squares = figures.confusion_matrix(evaluation, "counts").data
    assert [list(row) for row in heatmap.z] == evaluation.confusion_matrix.tolist()
    assert heatmap.hoverinfo == "skip"
    assert len(squares.customdata) == 9
    for x, y, (true, predicted) in zip(squares.x, squares.y, squares.customdata, strict=True):
        assert (evaluation.classes[y], evaluation.classes[x]) == (true, predicted)
    assert 0 < squares.marker.opacity < 0.05
    assert squares.hovertext[2] == "daisy taken for tulip: 1, 25 % of all daisy"


def test_first_class_is_on_top(evaluation: Evaluation) -> None:
    low, high = figures.confusion_matrix(evaluation).layout.yaxis.range
    assert low > high


def test_rows_are_fractions_and_a_class_without_photos_has_none(evaluation: Evaluation) -> None:
    figure = figures.confusion_matrix(evaluation, "rows")
    assert list(figure.data[0].z[0]) == [0.75, 0.0, 0.25]
    assert np.isnan(np.array(figure.data[0].z[2], dtype=float)).all()
    numbers = [plain(note.text) for note in figure.layout.annotations]
    assert numbers == ["75 %", "0 %", "25 %", "50 %", "50 %", "0 %", "–", "–", "–"]


def test_many_classes_have_no_numbers_in_their_cells() -> None:
    count = figures.CLASSES_WITH_NUMBERS + 1
    names = tuple(f"class {number}" for number in range(count))
    figure = figures.confusion_matrix(evaluate(np.arange(count), np.eye(count), names))
    assert len(figure.layout.annotations) == 0
    assert len(figure.data[1].customdata) == count * count


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
