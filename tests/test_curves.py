from __future__ import annotations

import re

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from flowercore import curves, figures


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


def plain(text: str) -> str:
    return re.sub(r"</?span[^>]*>", "", text)


def test_curves_of_training_and_validation_are_named_at_their_ends(history: pd.DataFrame) -> None:
    figure = curves.learning_curves(history)
    assert [list(line.y) for line in figure.data[:2]] == [[0.4, 0.7, 0.85], [0.35, 0.6, 0.75]]
    assert [line.line.dash for line in figure.data] == ["solid", "dash"] * 2
    names = {plain(note.text): note for note in figure.layout.annotations if note.yref == "y"}
    assert set(names) == {"training 85.0%", "validation 75.0%"}
    assert (names["training 85.0%"].x, names["training 85.0%"].y) == (3, 0.85)
    assert names["training 85.0%"].yshift > names["validation 75.0%"].yshift


def test_loss_above_keeps_its_name_above(history: pd.DataFrame) -> None:
    notes = {plain(n.text): n for n in curves.learning_curves(history).layout.annotations}
    assert notes["validation 0.900"].yshift > notes["training 0.600"].yshift


def test_both_quantities_have_axes_of_their_own(history: pd.DataFrame) -> None:
    figure = curves.learning_curves(history)
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
    figure = curves.learning_curves(history)
    assert [line.name for line in figure.data] == ["training", "training"]
    assert len(figure.layout.annotations) == 2


def test_first_epoch_is_visible_and_the_axis_shows_all_that_will_come(
    history: pd.DataFrame,
) -> None:
    figure = curves.learning_curves(history.head(1), epochs=25)
    assert {line.mode for line in figure.data} == {"markers"}
    assert tuple(figure.layout.xaxis.range) == (1, 25)


def test_a_training_that_has_no_epoch_yet_is_an_empty_figure(history: pd.DataFrame) -> None:
    figure = curves.learning_curves(history.head(0), epochs=25)
    assert len(figure.data) == 0
    assert tuple(figure.layout.xaxis.range) == (1, 25)


def test_few_epochs_have_a_tick_each(history: pd.DataFrame) -> None:
    assert curves.learning_curves(history.head(1)).layout.xaxis.dtick == 1
    assert curves.learning_curves(history, epochs=25).layout.xaxis.dtick is None


@pytest.fixture
def tuned(history: pd.DataFrame) -> pd.DataFrame:
    return history.assign(phase=["head", "head", "tail"])


def lines(figure: go.Figure) -> list[tuple[float, float, str]]:
    return [(shape.x0, shape.x1, shape.yref) for shape in figure.layout.shapes]


def test_a_line_marks_where_fine_tuning_began(tuned: pd.DataFrame) -> None:
    figure = curves.learning_curves(tuned)
    assert lines(figure) == [(2.5, 2.5, "y domain"), (2.5, 2.5, "y2 domain")]
    named = [note for note in figure.layout.annotations if note.yref == "y domain"]
    assert [(plain(note.text), note.x, note.xanchor) for note in named] == [
        ("head", 2.5, "right"),
        ("fine-tuning", 2.5, "left"),
    ]


@pytest.mark.parametrize("phases", [["head"] * 3, ["tail"] * 3], ids=["head", "scratch"])
def test_a_training_of_one_phase_has_no_such_line(history: pd.DataFrame, phases: list[str]) -> None:
    figure = curves.learning_curves(history.assign(phase=phases))
    assert lines(figure) == []
    assert len(figure.layout.annotations) == 4


def test_the_last_epoch_of_the_head_is_found(history: pd.DataFrame, tuned: pd.DataFrame) -> None:
    assert curves.boundary(tuned) == 2
    assert curves.boundary(history) is None
    assert curves.boundary(tuned.head(2)) is None


def test_backgrounds_are_clear_and_no_text_colour_is_fixed(tuned: pd.DataFrame) -> None:
    figure = curves.learning_curves(tuned)
    assert figure.layout.paper_bgcolor == figures.CLEAR
    assert figure.layout.plot_bgcolor == figures.CLEAR
    assert all(note.font.color is None for note in figure.layout.annotations)
    assert set(re.findall(r"color:([^\\\"]+)", figure.to_json())) <= {"currentColor"}
