"""Learning curves of several trainings on one chart."""

from __future__ import annotations

import itertools
import re
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from flowercore import overlay
from flowercore.overlay import MARKS, Curve, overlaid_curves

CONFIG = Path(__file__).resolve().parents[1] / ".streamlit" / "config.toml"

# What people see who lack a kind of cone, on linear RGB: Machado, Oliveira and Fernandes 2009, "A
# physiologically-based model for simulation of color vision deficiency", severity 1.
VISION = {
    "full": np.eye(3),
    "protan": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deutan": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritan": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1.0, 1.089])


def linear(color: str) -> np.ndarray:
    parts = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(first: str, second: str) -> float:
    """WCAG 2 contrast ratio."""
    low, high = sorted(float((TO_XYZ @ linear(color))[1]) for color in (first, second))
    return (high + 0.05) / (low + 0.05)


def lab(light: np.ndarray) -> np.ndarray:
    x, y, z = np.cbrt(TO_XYZ @ np.clip(light, 0, 1) / WHITE)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def history(
    accuracy: list[float], validation: list[float] | None = None, loss: list[float] | None = None
) -> pd.DataFrame:
    losses = loss or [1 - value for value in accuracy]
    return pd.DataFrame(
        {
            "epoch": range(1, len(accuracy) + 1),
            "loss": losses,
            "accuracy": accuracy,
            "val_loss": np.nan if validation is None else [1.5 - value for value in validation],
            "val_accuracy": np.nan if validation is None else validation,
        }
    )


def plain(text: str) -> str:
    return re.sub(r"</?span[^>]*>", "", text).replace("<br>", "\n")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_colour_stands_out_in_both_themes(theme: str) -> None:
    background = tomllib.loads(CONFIG.read_text("utf-8"))["theme"][theme]["backgroundColor"]
    assert {color: contrast(color, background) >= 3 for color, _, _ in MARKS} == dict.fromkeys(
        (color for color, _, _ in MARKS), True
    )


@pytest.mark.parametrize("vision", VISION)
def test_colours_can_be_told_apart_with_any_colour_vision(vision: str) -> None:
    seen = [lab(VISION[vision] @ linear(color)) for color, _, _ in MARKS]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 15


def test_signs_tell_curves_apart_without_any_colour() -> None:
    assert len({symbol for _, symbol, _ in MARKS}) == len({sign for _, _, sign in MARKS}) == 6


def test_validation_is_drawn_and_training_where_there_is_none() -> None:
    figure = overlaid_curves(
        [Curve("a", history([0.5, 0.9], [0.4, 0.8]), 0), Curve("b", history([0.6, 0.7]), 1)],
        "accuracy",
    )
    assert [list(line.y) for line in figure.data] == [[0.4, 0.8], [0.6, 0.7]]
    assert [line.line.dash for line in figure.data] == ["solid", "dot"]
    assert "validation, epoch" in figure.data[0].hovertemplate
    assert "training, epoch" in figure.data[1].hovertemplate
    assert overlay.validated(history([0.5], [0.4]))
    assert not overlay.validated(history([0.5]))


def test_a_training_keeps_its_colour_whatever_stands_beside_it() -> None:
    third = Curve("c", history([0.5, 0.6]), 3)
    alone = overlaid_curves([third], "loss").data[0]
    among = overlaid_curves([Curve("a", history([0.5]), 0), third], "loss").data[1]
    color, symbol, sign = MARKS[3]
    for line in (alone, among):
        assert (line.line.color, line.marker.color, line.marker.symbol) == (color, color, symbol)
    note = overlaid_curves([third], "loss").layout.annotations[0].text
    assert f'<span style="color:{color}">{sign}</span>' in note


def test_only_the_end_of_a_line_carries_its_sign() -> None:
    (line,) = overlaid_curves([Curve("a", history([0.5, 0.6, 0.7]), 0)], "accuracy").data
    assert [size > 0 for size in line.marker.size] == [False, False, True]


def test_text_takes_the_pages_colour_and_backgrounds_are_clear() -> None:
    figure = overlaid_curves([Curve("a", history([0.5]), 2)], "loss")
    colors = set(re.findall(r"color:([^\\\"]+)", figure.to_json()))
    assert colors == {"currentColor", MARKS[2][0]}
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"


def test_the_axes_hold_every_training() -> None:
    curves = [Curve("a", history([0.83] * 3), 0), Curve("b", history([0.97] * 7), 1)]
    figure = overlaid_curves(curves, "accuracy")
    assert tuple(figure.layout.xaxis.range) == (1, 7)
    low, high = figure.layout.yaxis.range
    assert low == pytest.approx(0.8)
    assert 0.97 < high <= 1.02
    low, high = overlaid_curves(curves, "loss").layout.yaxis.range
    assert low == 0
    assert 0.17 < high < 0.2


@pytest.mark.parametrize("accuracy", [[1.0], [0.0], [0.9], [0.2, 0.2]])
def test_the_axis_has_a_length_for_any_accuracy(accuracy: list[float]) -> None:
    low, high = overlaid_curves([Curve("a", history(accuracy), 0)], "accuracy").layout.yaxis.range
    assert low <= min(accuracy)
    assert max(accuracy) < high
    assert high - low > 0.05


@pytest.mark.parametrize("level", [0.1, 0.5, 0.95])
def test_names_that_would_meet_move_apart_in_their_order(level: float) -> None:
    ends = [level + step for step in (0.0, 0.001, 0.002, 0.03, 0.0005, 0.0015)]
    curves = [Curve(f"run {n}", history([0.1, end]), n) for n, end in enumerate(ends)]
    notes = overlaid_curves(curves, "accuracy").layout.annotations
    places = [note.y for note in notes]
    assert np.argsort(places).tolist() == np.argsort(ends).tolist()
    assert np.diff(sorted(places)).min() > 0.07
    assert all(0 < place < 1 for place in places)


def test_long_names_take_two_lines_and_keep_beginning_and_end() -> None:
    curves = [
        Curve("Small ConvNet from scratch", history([0.5]), 0),
        Curve("a name that " * 8 + "ends here", history([0.5]), 1),
    ]
    figure = overlaid_curves(curves, "accuracy")
    first, second = [plain(note.text) for note in figure.layout.annotations]
    assert first == "● Small ConvNet\nfrom scratch"
    assert second.startswith("■ a name that")
    assert second.endswith("ends here")
    assert all(len(line) <= 18 for line in second.split("\n"))
    assert len(second.split("\n")) == 2
    # Room for both lines of both.
    assert abs(figure.layout.annotations[0].y - figure.layout.annotations[1].y) > 0.12
    assert 100 < figure.layout.margin.r < 140


def test_a_training_that_diverged_ends_where_its_numbers_do() -> None:
    run = history([0.5, 0.4, 0.3], loss=[1.0, np.inf, np.nan])
    (line,) = overlaid_curves([Curve("a", run, 0)], "loss").data
    assert (list(line.x), list(line.y)) == ([1], [1.0])


def test_without_an_epoch_there_is_an_empty_figure() -> None:
    figure = overlaid_curves([Curve("a", history([]), 0)], "accuracy")
    assert len(figure.data) == len(figure.layout.annotations) == 0
    assert len(overlaid_curves([], "loss").data) == 0


def test_names_cannot_bring_markup() -> None:
    figure = overlaid_curves([Curve("<a href='x'>b</a>", history([0.5]), 0)], "loss")
    assert "<a" not in figure.data[0].hovertemplate
    assert "&lt;a" in figure.data[0].hovertemplate
    assert "<a" not in figure.layout.annotations[0].text


def test_shortened() -> None:
    assert overlay.shortened("x" * 26) == "x" * 26
    assert overlay.shortened("Fine-tuned on many photos 08:15", 20) == "Fine-tuned…tos 08:15"
