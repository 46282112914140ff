"""Batches show every photo once an epoch, in one view, with dropout if wanted."""

from __future__ import annotations

import numpy as np

from flowercore.training.batches import Batches


def vectors(photos: int = 50, views: int = 3, size: int = 8) -> np.ndarray:
    """Return vectors, shape (N, V, D), whose values say photo and view: photo + view / 10."""
    values = np.arange(photos)[:, None] + np.arange(views)[None] / 10
    return np.repeat(values[:, :, None], size, axis=2).astype(np.float32)


def one_epoch(batches: Batches) -> tuple[np.ndarray, np.ndarray]:
    parts = list(batches.epoch())
    return np.concatenate([rows for rows, _ in parts]), np.concatenate([x for _, x in parts])


def test_each_epoch_shows_each_photo_once_in_another_order() -> None:
    batches = Batches(vectors()[:, 0], 16, 0.0, np.random.default_rng(1))
    first, shown = one_epoch(batches)
    second, _ = one_epoch(batches)
    assert sorted(first) == sorted(second) == list(range(50))
    assert first.tolist() != second.tolist()
    np.testing.assert_array_equal(shown[:, 0], first)
    assert [len(rows) for rows, _ in batches.epoch()] == [16, 16, 16, 2]
    assert len(batches) == 4


def test_a_view_is_drawn_evenly_for_each_photo_and_epoch() -> None:
    batches = Batches(vectors(photos=200), 16, 0.0, np.random.default_rng(1))
    seen = []
    for _ in range(30):
        rows, shown = one_epoch(batches)
        view = np.rint((shown[:, 0] - rows) * 10).astype(int)
        seen.append(view[np.argsort(rows)])
    counts = np.bincount(np.concatenate(seen), minlength=3)
    assert len(counts) == 3
    # 6,000 draws: the standard deviation of each count is 37.
    assert abs(counts - 2000).max() < 150
    assert (seen[0] != seen[1]).any()
    assert all(len(set(views)) > 1 for views in np.array(seen).T)


def test_neither_views_nor_dropout_change_the_order() -> None:
    def orders(features: np.ndarray, dropout: float) -> list[list[int]]:
        batches = Batches(features, 16, dropout, np.random.default_rng(5))
        return [one_epoch(batches)[0].tolist() for _ in range(3)]

    plain = orders(vectors()[:, 0], 0.0)
    assert orders(vectors(), 0.0) == plain
    assert orders(vectors(), 0.5) == plain
    rng = np.random.default_rng(5)
    assert [rng.permutation(50).tolist() for _ in range(3)] == plain


def test_dropout_drops_its_share_and_scales_the_rest() -> None:
    features = np.ones((400, 500), np.float32)
    batches = Batches(features, 64, 0.3, np.random.default_rng(1))
    _, first = one_epoch(batches)
    _, second = one_epoch(batches)
    np.testing.assert_allclose(np.unique(first), [0, 1 / 0.7], rtol=1e-6)
    # 200,000 values: the standard deviation of the share is 0.001.
    assert abs((first == 0).mean() - 0.3) < 0.005
    assert abs(first.mean() - 1) < 0.01
    assert (first != second).any()
    np.testing.assert_array_equal(features, 1)
