"""Strangers come first; copies, black photos and other classes make nobody a stranger."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from flowercore.audit.outliers import LEAST, outliers
from flowercore.audit.seen import Seen
from tests.audit.conftest import WIDTH

Make = Callable[..., Seen]


def far(photos: Seen) -> list[str]:
    return [one["key"] for one in sorted(outliers(photos), key=lambda one: -one["score"])]


def test_strangers_come_first(seen: Make, islands: Callable[..., tuple]) -> None:
    vectors, labels = islands()
    strangers = np.abs(np.random.default_rng(9).normal(size=(3, WIDTH)))
    found = far(seen(np.concatenate([vectors, strangers]), [*labels, "rose", "rose", "tulip"]))
    assert set(found[:3]) == {"rose/0060.jpg", "rose/0061.jpg", "tulip/0062.jpg"}
    assert len(found) <= 8


def test_a_strangers_copies_do_not_make_it_at_home(seen: Make, islands: Callable) -> None:
    vectors, labels = islands()
    stranger = np.abs(np.random.default_rng(9).normal(size=(1, WIDTH)))
    everything = np.concatenate([vectors, np.repeat(stranger, 12, axis=0)])
    names = [f"{n:04d}" for n in range(60)] + ["copy"] * 6 + [f"near{n}" for n in range(6)]
    found = far(seen(everything, [*labels, *["rose"] * 12], names=names))
    assert set(found[:12]) == {f"rose/{number:04d}.jpg" for number in range(60, 72)}


def test_a_wrong_label_makes_no_stranger(seen: Make, islands: Callable) -> None:
    vectors, labels = islands()
    before = far(seen(vectors, labels))
    swapped = ["rose" if n == 5 else label for n, label in enumerate(labels)]
    after = far(seen(vectors, swapped))
    assert [key.split("/")[1] for key in after] == [key.split("/")[1] for key in before]


def test_photos_that_show_nothing_are_neither_strangers_nor_neighbours(
    seen: Make, islands: Callable
) -> None:
    vectors, labels = islands()
    black = np.full((30, WIDTH), 0.3)
    contrast = [0.2] * 60 + [0.0] * 30
    everything = np.concatenate([vectors, black])
    assert far(seen(everything, [*labels, *["rose"] * 30], contrast=contrast)) == far(
        seen(vectors, labels)
    )


def test_where_nothing_differs_nobody_is_far(seen: Make) -> None:
    assert far(seen(np.ones((40, 8)), ["rose"] * 40)) == []
    assert far(seen(np.zeros((40, 8)), ["rose"] * 40)) == []
    # All equally far from each other.
    assert far(seen(np.eye(40), ["rose"] * 40)) == []


def test_few_photos_are_not_judged(seen: Make, islands: Callable) -> None:
    vectors, labels = islands(classes=1, each=LEAST - 1)
    assert far(seen(vectors, labels)) == []
    assert far(seen(np.empty((0, 8)), [])) == []
