"""Accuracy over photos a class: what is drawn, what comes out, what is kept."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest

from flowercore.errors import CancelledError, DatasetError, StorageError
from flowercore.files import home_folder
from flowercore.learning_curve_chart import learning_curve_chart
from flowercore.teaching import learning_curve as curves
from flowercore.teaching.learning_curve import LearningCurve, Line, drawn, line, sizes_for


def clouds(
    per_class: int = 30, classes: int = 3, spread: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    labels = np.arange(per_class * classes) % classes
    centres = rng.normal(0, 1, (classes, 8))
    values = centres[labels] + rng.normal(0, spread, (len(labels), 8))
    return values.astype(np.float32), labels


def alone(labels: np.ndarray) -> list[str]:
    return [str(row) for row in range(len(labels))]


def test_a_draw_tests_on_a_fifth_and_keeps_twins_on_one_side() -> None:
    _, labels = clouds()
    groups = alone(labels)
    groups[0] = groups[3] = groups[6] = "twins"  # all of class 0
    draws = drawn(labels, groups, 8)
    assert len({tuple(draw.test) for draw in draws}) == 8
    for draw in draws:
        assert len(draw.test) in range(18, 21)
        assert len({0, 3, 6} & set(draw.test)) in (0, 3)
        learned = np.concatenate(draw.others)
        assert sorted([*draw.test, *learned]) == list(range(len(labels)))
        for number, rows in enumerate(draw.others):
            assert set(labels[rows]) == {number}
    assert sizes_for(draws) == (1, 2, 5, 10, 20)


def test_photos_that_all_show_the_same_are_divided_all_the_same() -> None:
    labels = np.arange(12) % 2
    draws = drawn(labels, ["object" if label else f"{row}" for row, label in enumerate(labels)])
    assert sizes_for(draws) == (1, 2, 5)


def test_too_few_photos_are_refused() -> None:
    with pytest.raises(DatasetError, match="Received: a class of 1"):
        drawn(np.array([0, 0, 0, 1]), ["a", "b", "c", "d"])


def test_more_photos_teach_more_and_nothing_is_learned_from_noise() -> None:
    features, labels = clouds()
    draws = drawn(labels, alone(labels), 5)
    calls: list[tuple[int, int]] = []
    found = line(
        "x", features, labels, draws, progress=lambda done, total: calls.append((done, total))
    )
    sizes = sizes_for(draws)
    assert [len(row) for row in found.accuracies] == [5] * len(sizes)
    assert found.mean(len(sizes) - 1) > found.mean(0) + 0.1
    assert calls[-1] == (5 * len(sizes), 5 * len(sizes))
    assert line("x", features, labels, draws) == found
    blind = np.random.default_rng(0).normal(size=features.shape).astype(np.float32)
    guessed = line("x", blind, labels, draws)
    assert abs(guessed.mean(len(sizes) - 1) - 1 / 3) < 0.15


def test_it_learns_from_no_test_photo() -> None:
    """Labels of test photos that are changed change what is measured, and not what is learned."""
    features, labels = clouds(spread=0.1)
    (draw,) = drawn(labels, alone(labels), 1)
    assert line("x", features, labels, [draw]).mean(4) == 1
    turned = labels.copy()
    turned[draw.test] = (turned[draw.test] + 1) % 3
    assert line("x", features, turned, [draw]).mean(4) == 0


def test_it_can_be_stopped() -> None:
    features, labels = clouds()

    def stop() -> None:
        raise CancelledError("You stopped it.")

    with pytest.raises(CancelledError):
        line("x", features, labels, drawn(labels, alone(labels), 1), check=stop)


def curve(with_it: list[float], without: list[float]) -> LearningCurve:
    lines = (
        Line("a", tuple((one - 0.02, one + 0.02) for one in with_it)),
        Line("b", tuple((one, one) for one in without)),
    )
    return LearningCurve(5, 500, 100, (1, 2, 5, 10)[: len(with_it)], lines)


@pytest.mark.parametrize(
    ("with_it", "without", "said"),
    [
        ([0.5, 0.6, 0.8, 0.85], [0.2, 0.2, 0.2, 0.3], "1 photo of each class is enough for 50 %"),
        ([0.2, 0.6, 0.8, 0.85], [0.2, 0.2, 0.2, 0.3], "2 photos of each class are enough for 60 %"),
        ([0.2, 0.2, 0.2, 0.2], [0.3, 0.3, 0.3, 0.3], "Pretraining is worth nothing"),
        ([0.5, 0.6, 0.8, 0.85], [0.2] * 4, "from 5 to 10 photos a class, still brought 5.0 points"),
        ([0.5, 0.6, 0.85, 0.85], [0.2] * 4, "from 5 to 10 photos a class, brought nothing more"),
        ([0.5], [0.2], "too few photos to see"),
    ],
)
def test_the_sentence(with_it: list[float], without: list[float], said: str) -> None:
    assert said in curve(with_it, without).sentence


def test_what_is_kept_is_found_for_the_same_photos_alone() -> None:
    found = curve([0.5, 0.6, 0.8, 0.85], [0.2, 0.2, 0.2, 0.3])
    curves.write("photos", "network", found)
    assert curves.read("photos", "network") == found
    assert curves.read("other photos", "network") is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sizes", []),
        ("sizes", [2, 1, 5, 10]),
        ("lines", {}),
        ("lines", {"a": [[0.5]]}),
        ("lines", {"a": [[2.0]] * 4}),
        ("classes", "x"),
        ("tested", 0),
    ],
)
def test_a_damaged_file_is_said_in_words(name: str, value: object) -> None:
    found = curve([0.5, 0.6, 0.8, 0.85], [0.2, 0.2, 0.2, 0.3])
    curves.write("photos", "network", found)
    (path,) = home_folder("teaching").iterdir()
    path.write_text(json.dumps(found.to_dict() | {name: value}))
    with pytest.raises(StorageError, match="Compute it again"):
        curves.read("photos", "network")


def test_the_chart_holds_means_spreads_and_names() -> None:
    found = curve([0.5, 0.6, 0.8, 0.85], [0.2, 0.2, 0.2, 0.3])
    figure = learning_curve_chart(found)
    means = [one for one in figure.data if one.mode == "lines+markers"]
    assert [list(one.y) for one in means] == [
        pytest.approx([0.5, 0.6, 0.8, 0.85]),
        pytest.approx([0.2, 0.2, 0.2, 0.3]),
    ]
    band = next(one for one in figure.data if one.fill == "toself")
    assert list(band.y)[:4] == pytest.approx([0.48, 0.58, 0.78, 0.83])
    assert list(band.y)[4:] == pytest.approx([0.87, 0.82, 0.62, 0.52])
    names = " ".join(note.text for note in figure.layout.annotations)
    for part in ("with ImageNet 85%", "without 30%", "guessing"):
        assert part in names
    heights = sorted(note.y for note in figure.layout.annotations)
    assert min(b - a for a, b in pairwise(heights)) > 0.07
