"""The difference of two accuracies on different photos, against the published examples."""

from __future__ import annotations

import pytest

from flowercore.evaluation.domain_gap import domain_gap


@pytest.mark.parametrize(
    ("own", "here", "interval"),
    [
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((6, 7), (2, 7), (0.0582, 0.8062)),
        ((5, 56), (0, 29), (-0.0381, 0.1926)),
        ((0, 10), (0, 10), (-0.2775, 0.2775)),
        ((10, 10), (0, 10), (0.6075, 1.0000)),
    ],
)
def test_the_interval_is_newcombes(
    own: tuple[int, int], here: tuple[int, int], interval: tuple[float, float]
) -> None:
    assert domain_gap(own, here).interval == pytest.approx(interval, abs=5e-5)


def test_it_is_worse_or_better_only_where_that_is_no_chance() -> None:
    assert domain_gap((95, 100), (380, 500)).worse
    assert domain_gap((380, 500), (95, 100)).better
    near = domain_gap((95, 100), (28, 30))
    assert not near.worse
    assert not near.better
