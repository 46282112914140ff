"""A dot a draw, the test's interval, and what the notebook read."""

from __future__ import annotations

from flowercore.figures import GREEN, VERMILION
from flowercore.noise_chart import noise_chart
from flowercore.teaching.validation_noise import ValidationNoise

FOUND = ValidationNoise(40, 100, 360, (34, 36, 36, 38), (86, 86, 86, 86))


def test_every_draw_is_a_dot_at_its_accuracy() -> None:
    (dots,) = noise_chart(FOUND, 0.72).data
    assert list(dots.x) == [0.85, 0.9, 0.9, 0.95]
    assert list(dots.y) == [1, 1, 2, 1]
    assert dots.hovertext[1] == "36 of 40 right: 90.0%<br>2 of 4 draws"


def test_the_interval_and_both_accuracies_are_drawn() -> None:
    figure = noise_chart(FOUND, 0.72)
    band, test, claimed = figure.layout.shapes
    assert (band.x0, band.x1) == FOUND.test_interval
    assert (test.x0, test.line.color) == (0.86, GREEN)
    assert (claimed.x0, claimed.line.color) == (0.72, VERMILION)
    low, high = figure.layout.xaxis.range
    assert low < 0.72 < 1 < high
