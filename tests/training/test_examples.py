"""How photos are shown to a network that is fine-tuned."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from flowercore.training.examples import Batches, Examples
from tests.training.small_tail import CLASSES, CONFIG


def test_blended_photos_have_blended_labels(examples: Examples) -> None:
    shown = Batches(examples, replace(CONFIG, mixup=0.4), CLASSES)
    x, y, w = next(shown.epoch())
    assert x.shape == (8, 6, 6, 4)
    np.testing.assert_allclose(y.sum(axis=1), 1, atol=1e-6)
    assert ((y > 0).sum(axis=1) == 2).any()
    np.testing.assert_array_equal(w, 1)
    _, y, _ = next(Batches(examples, CONFIG, CLASSES).epoch())
    assert ((y > 0).sum(axis=1) == 1).all()


def test_an_epoch_shows_each_photo_once_in_a_view_it_may_learn_from(
    examples: Examples,
) -> None:
    marked = np.zeros((48, 3, 1, 1, 2), np.float32)
    marked[..., 0] = np.arange(48)[:, None, None, None]
    marked[..., 1] = np.arange(3)[None, :, None, None]
    shown = Batches(replace(examples, activations=marked, views=(0, 2)), CONFIG, CLASSES)
    orders = []
    for _ in range(2):
        parts = [x[:, 0, 0] for x, _, _ in shown.epoch()]
        assert len(parts) == len(shown)
        seen = np.concatenate(parts)
        assert sorted(seen[:, 0]) == list(range(32))
        assert set(seen[:, 1]) == {0, 2}
        orders.append(seen.tolist())
    assert orders[0] != orders[1]
