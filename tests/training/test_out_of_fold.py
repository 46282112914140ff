"""Photos judged by heads that have not learned from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from flowercore.data.split import deal_folds
from flowercore.errors import CancelledError
from flowercore.training import one_core
from flowercore.training.batches import Batches
from flowercore.training.config import TrainConfig
from flowercore.training.head import Epoch, train_head
from flowercore.training.out_of_fold import Pool, folds_for, mean_probabilities, out_of_fold
from flowercore.training.stopping import epochs_kept

CONFIG = TrainConfig(data="x", epochs=20, batch_size=8)
BY_HEART = TrainConfig(data="x", epochs=20, batch_size=8, learning_rate=0.1)


def pool(each: int = 20, views: int = 1, noise: float = 1.0, seed: int = 0) -> Pool:
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(3), each)
    centres = rng.normal(size=(3, 12))
    plain = centres[labels] + noise * rng.normal(size=(3 * each, 12))
    judged = np.stack([plain + 0.1 * rng.normal(size=plain.shape) for _ in range(views)], axis=1)
    judged = judged.astype(np.float32)
    return Pool(judged[:, 0], judged, labels, np.arange(3 * each))


def test_each_fold_is_judged_by_a_head_that_never_saw_it() -> None:
    """A label that only its own photo could have taught is not known."""
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, 60)
    vectors = np.eye(60, dtype=np.float32) * 5  # nothing in common: all is learned by heart
    found = out_of_fold(
        Pool(vectors, vectors[:, None], labels, np.arange(60)), 2, BY_HEART, epochs=20, folds=5
    )
    assert (found.argmax(axis=1) == labels).mean() < 0.8
    head = train_head(vectors, labels, (vectors[:0], labels[:0]), 2, BY_HEART, lambda _: True)
    assert (head.probabilities(vectors).argmax(axis=1) == labels).all()


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"optimizer": "sgd", "learning_rate": 0.02, "label_smoothing": 0.1},
        {"l2": 0.01, "class_weights": True},
        {"schedule": "cosine"},
        # Ends at another rate in each fold: the loss of the photos left out decides.
        {"schedule": "plateau", "learning_rate": 0.3, "epochs": 60},
    ],
    ids=lambda settings: " ".join(settings) or "usual",
)
def test_side_by_side_heads_become_what_they_become_alone(settings: dict[str, Any]) -> None:
    """In one batch an epoch, where nothing depends on who shares a batch with whom."""
    photos = pool(noise=2.0)
    photos = replace(photos, labels=np.where(np.arange(60) < 30, 0, photos.labels))
    config = replace(CONFIG, batch_size=100, **settings)
    found = out_of_fold(photos, 3, config, epochs=60, folds=4)
    fold_of = deal_folds(photos.labels, photos.groups, 4, seed=config.seed)
    rates = set()
    for fold in range(4):
        seen, held = fold_of != fold, fold_of == fold
        watched = (photos.judged[held, 0], photos.labels[held])
        history: list[Epoch] = []

        def went_on(epoch: Epoch, history: list[Epoch] = history) -> bool:
            history.append(epoch)
            return True

        head = train_head(
            photos.learned[seen],
            photos.labels[seen],
            watched,
            3,
            config,
            went_on,
        )
        rates.add(history[-1].learning_rate)
        alone = mean_probabilities(head, photos.judged[held])
        np.testing.assert_allclose(found[held], alone, atol=2e-4)
    assert len(rates) > 1 or config.schedule != "plateau"


def test_a_head_takes_as_many_steps_as_the_run_and_learns_from_as_many_photos_in_each() -> None:
    photos = pool(each=40)
    steps: list[int] = []

    class Counted(Batches):
        def epoch(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
            for rows, vectors in super().epoch():
                steps.append(len(rows))
                yield rows, vectors

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flowercore.training.out_of_fold.Batches", Counted)
        out_of_fold(photos, 3, replace(CONFIG, batch_size=9), epochs=1, folds=4)
    assert len(steps) == len(Batches(photos.learned[:90], 9, 0, np.random.default_rng(0)))
    assert set(steps) == {12}, "9 of 12 photos are of other folds"


def test_small_products_are_not_shared_between_cores() -> None:
    """On a busy machine each would wait for a core: half a minute for a tenth of a second."""
    photos, seen = pool(), []

    def threads() -> set[int]:
        # NumPy's: SciPy, which other tests import, brings one of its own.
        known = one_core._LIBRARIES.select(user_api="blas").info()
        return {one["num_threads"] for one in known}

    def look(*_: object) -> bool:
        seen.append(threads())
        return True

    with threadpool_limits(2, user_api="blas"):
        out_of_fold(photos, 3, CONFIG, epochs=2, folds=3, check=lambda: look() and None)
        nobody = (photos.learned[:0], photos.labels[:0])
        train_head(photos.learned, photos.labels, nobody, 3, replace(CONFIG, epochs=1), look)
        assert threads() == {2}
    assert seen == 3 * [{1}]


def test_twins_are_left_out_together() -> None:
    """With twins on both sides, what was learned by heart would be known."""
    rng = np.random.default_rng(1)
    labels = np.repeat(rng.integers(0, 2, 30), 2)
    vectors = np.repeat(np.eye(30, dtype=np.float32) * 5, 2, axis=0)
    apart = Pool(vectors, vectors[:, None], labels, np.arange(60))
    together = Pool(vectors, vectors[:, None], labels, np.repeat(np.arange(30), 2))
    known = out_of_fold(apart, 2, BY_HEART, epochs=20, folds=5).argmax(axis=1) == labels
    honest = out_of_fold(together, 2, BY_HEART, epochs=20, folds=5).argmax(axis=1) == labels
    assert known.mean() > 0.7 > honest.mean()


def test_as_many_epochs_are_trained_as_the_run_kept() -> None:
    photos = pool()
    seen: list[tuple[int, int]] = []
    brief = out_of_fold(photos, 3, CONFIG, epochs=2, folds=3, progress=lambda *a: seen.append(a))
    long = out_of_fold(photos, 3, CONFIG, epochs=20, folds=3)
    once = out_of_fold(photos, 3, replace(CONFIG, epochs=2), epochs=9, folds=3)
    np.testing.assert_array_equal(brief, once)
    assert not np.allclose(brief, long, atol=0.05)
    assert seen == [(0, 2), (1, 2), (2, 2)]
    np.testing.assert_allclose(long.sum(axis=1), 1)


def test_probabilities_are_averaged_over_views() -> None:
    photos = pool(views=2)
    head = train_head(
        photos.learned,
        photos.labels,
        (photos.learned[:0], photos.labels[:0]),
        3,
        CONFIG,
        lambda _: True,
    )
    one, two = (head.probabilities(photos.judged[:, view]) for view in (0, 1))
    np.testing.assert_allclose(mean_probabilities(head, photos.judged), (one + two) / 2, atol=1e-6)


def test_it_can_be_stopped() -> None:
    def stop() -> None:
        raise CancelledError("stop")

    with pytest.raises(CancelledError):
        out_of_fold(pool(), 3, CONFIG, epochs=20, folds=3, check=stop)


@pytest.mark.parametrize(
    ("validation", "each", "expected"),
    [
        (0.1, 20, 10),
        (0.0, 20, 10),
        (0.2, 20, 5),
        (0.5, 20, 3),
        (0.1, 6, 6),
        (0.1, 2, 0),
        (0.1, 1000, 5),
    ],
)
def test_folds_leave_as_many_photos_as_the_run_had(
    validation: float, each: int, expected: int
) -> None:
    assert folds_for(pool(each), validation) == expected


def test_epochs_kept_are_all_or_those_up_to_the_best() -> None:
    history = pd.DataFrame(
        {
            "phase": ["head"] * 4 + ["tail"] * 2,
            "loss": [4, 3, 2, 1, 0.9, 0.8],
            "val_loss": [3, 1, 2, 2, 0.4, 0.5],
        }
    )
    stopping = TrainConfig(data="x", early_stopping=5)
    assert epochs_kept(history, "head", CONFIG) == 4
    assert epochs_kept(history, "head", stopping) == 2
    assert epochs_kept(history, "tail", stopping) == 1
    assert epochs_kept(history.assign(val_loss=np.nan), "head", stopping) == 4
    assert epochs_kept(history.iloc[:4], "tail", CONFIG) == 0
