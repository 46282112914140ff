"""The map: near stays near, the same photos get the same places, and nothing is not a number."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from flowercore.audit import layout as module
from flowercore.audit.findings import MAP
from flowercore.audit.layout import layout
from flowercore.audit.seen import Seen
from flowercore.errors import CancelledError
from tests.audit.conftest import WIDTH

Make = Callable[..., Seen]
TSNE, PCA = ["tsne_x", "tsne_y"], ["pca_x", "pca_y"]


def laid(photos: Seen) -> pd.DataFrame:
    places = layout(photos.photos, photos.vectors)
    assert list(places.columns) == list(MAP)
    assert places["key"].tolist() == [one.key for one in photos.photos]
    assert np.isfinite(places[TSNE + PCA].to_numpy()).all()
    return places


def at_home(places: pd.DataFrame, labels: list[str], axes: list[str]) -> float:
    """Return the share of photos whose nearest other one on the map is of their class."""
    points = places[axes].to_numpy()
    apart = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    names = np.array(labels)
    return float((names[apart.argmin(axis=1)] == names).mean())


def test_islands_stay_islands_and_come_back_the_same(seen: Make, islands: Callable) -> None:
    vectors, labels = islands(classes=4, each=25)
    photos = seen(vectors, labels)
    places = laid(photos)
    assert at_home(places, labels, TSNE) > 0.95
    assert at_home(places, labels, PCA) > 0.8
    pd.testing.assert_frame_equal(laid(photos), places, check_exact=True)


def test_of_many_photos_the_rest_is_put_among_their_nearest(
    seen: Make, islands: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 60)
    vectors, labels = islands(classes=4, each=40)
    assert at_home(laid(seen(vectors, labels)), labels, TSNE) > 0.95


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 8, 12])
def test_few_photos(seen: Make, count: int) -> None:
    vectors = np.abs(np.random.default_rng(0).normal(size=(count, WIDTH)))
    assert len(laid(seen(vectors, ["rose"] * count))) == count


def test_photos_that_are_all_the_same_lie_on_one_point(seen: Make) -> None:
    for vectors in (np.ones((30, WIDTH)), np.zeros((30, WIDTH))):
        assert np.ptp(laid(seen(vectors, ["rose"] * 30))[TSNE + PCA], axis=0).max() == 0


def test_copies_among_others_do_no_harm(seen: Make, islands: Callable) -> None:
    vectors, labels = islands(classes=2, each=20)
    everything = np.concatenate([vectors, np.repeat(vectors[:1], 60, axis=0)])
    laid(seen(everything, [*labels, *["daisy"] * 60]))


def test_it_can_be_stopped(seen: Make, islands: Callable) -> None:
    def stop() -> None:
        raise CancelledError("stopped")

    photos = seen(*islands(classes=4, each=100))
    with pytest.raises(CancelledError):
        layout(photos.photos, photos.vectors, stop)
