"""Confident learning: as its authors have it, on honest probabilities, open about what it can."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from flowercore.audit.label_quality import issues, off_diagonal, out_of_sample, suspects
from flowercore.audit.seen import Seen
from flowercore.errors import CancelledError

Make = Callable[..., Seen]


def noisy(seed: int, count: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(classes), rng.integers(0, classes, count - classes)])
    truth = np.where(rng.random(count) < 0.15, rng.integers(0, classes, count), labels)
    logits = rng.normal(size=(count, classes)) + 2.5 * np.eye(classes)[truth]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return probabilities, labels


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("classes", [2, 5, 12])
def test_the_confident_joint_is_the_authors(seed: int, classes: int) -> None:
    from cleanlab.count import compute_confident_joint
    from cleanlab.filter import find_label_issues

    probabilities, labels = noisy(seed, 300, classes)
    _, indices = compute_confident_joint(
        labels, probabilities, calibrate=False, return_indices_of_off_diagonals=True
    )
    ours = off_diagonal(probabilities, labels)
    assert np.flatnonzero(ours).tolist() == sorted(indices)
    theirs = find_label_issues(labels, probabilities, filter_by="confident_learning", n_jobs=1)
    assert set(np.flatnonzero(theirs)) <= set(np.flatnonzero(ours))


def test_our_order_is_the_authors_self_confidence() -> None:
    from cleanlab.rank import get_label_quality_scores

    probabilities, labels = noisy(3, 200, 4)
    theirs = get_label_quality_scores(labels, probabilities, method="self_confidence")
    own = probabilities[np.arange(len(labels)), labels]
    assert np.array_equal(np.argsort(own, kind="stable"), np.argsort(theirs, kind="stable"))


def test_an_unlikely_label_is_doubted_also_below_the_thresholds() -> None:
    # Nobody is as sure of class 0 as its own photos are; 0.15 for a label is little all the same.
    probabilities = np.array([[0.99, 0.01], [0.97, 0.03], [0.2, 0.8], [0.85, 0.15]])
    labels = np.array([0, 0, 1, 1])
    assert off_diagonal(probabilities, labels).tolist() == [False] * 4
    assert issues(probabilities, labels).tolist() == [False, False, False, True]
    assert not issues(np.full((4, 2), 0.5), labels).any()


def test_wrong_labels_are_found_with_the_right_one(seen: Make, islands: Callable) -> None:
    vectors, labels = islands(classes=3, each=30)
    wrong = {4: "rose", 40: "tulip", 41: "daisy", 77: "daisy"}
    given = [wrong.get(number, label) for number, label in enumerate(labels)]
    found, notes = suspects(seen(vectors, given))
    assert notes == []
    worst = sorted(found, key=lambda one: -one["score"])[:4]
    assert {one["key"]: one["suggested"] for one in worst} == {
        "rose/0004.jpg": "daisy",
        "tulip/0040.jpg": "rose",
        "daisy/0041.jpg": "rose",
        "daisy/0077.jpg": "tulip",
    }
    why = next(one["why"] for one in worst if one["key"] == "rose/0004.jpg")
    assert why.startswith("5 of its 5 nearest photos are labelled daisy. A model that has not seen")
    assert len(found) <= 6


def test_right_labels_are_not_doubted(seen: Make, islands: Callable) -> None:
    found, _ = suspects(seen(*islands(classes=4, each=25)))
    assert found == []


def test_a_copy_with_the_same_wrong_label_does_not_vouch_for_it(
    seen: Make, islands: Callable
) -> None:
    vectors, labels = islands(classes=2, each=30)
    everything = np.concatenate([vectors, np.repeat(vectors[:1], 8, axis=0)])
    given = ["rose", *labels[1:], *["rose"] * 8]
    names = ["copy", *[f"{number:04d}" for number in range(1, 60)], *["copy"] * 8]
    found, _ = suspects(seen(everything, given, names=names))
    assert {one["key"] for one in found} >= {"rose/0000.jpg", "rose/0060.jpg", "rose/0067.jpg"}


def test_every_photo_is_judged_without_having_been_learned_from() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(4), [40, 20, 10, 5])
    groups = np.arange(75)
    groups[40:44] = 40
    probabilities = out_of_sample(
        rng.normal(size=(75, 6)).astype(np.float32), labels, groups, classes=4
    )
    assert np.allclose(probabilities.sum(axis=1), 1)


def test_a_small_class_is_named_and_not_judged(seen: Make, islands: Callable) -> None:
    vectors, labels = islands(classes=3, each=10)
    keep = [*range(20), 20, 21, 22]
    found, notes = suspects(seen(vectors[keep], [labels[row] for row in keep]))
    assert [one["key"] for one in found if one["key"].startswith("tulip")] == []
    assert notes == [
        "Labels of 'tulip' cannot be judged: that takes 5 different photos, and there are 3."
    ]


def test_too_little_to_judge_is_said(seen: Make, islands: Callable) -> None:
    for classes, each in ((2, 3), (1, 30), (2, 4)):
        found, notes = suspects(seen(*islands(classes=classes, each=each)))
        assert found == []
        assert "Labels cannot be judged" in notes[0]
    # Thirty copies of one photo are one photo.
    _, notes = suspects(seen(np.ones((60, 8)), ["rose"] * 30 + ["tulip"] * 30))
    assert "Labels cannot be judged" in notes[0]
    assert suspects(seen(np.empty((0, 8)), []))[0] == []


def test_progress_and_stop(seen: Make, islands: Callable) -> None:
    told: list[tuple[int, int]] = []
    photos = seen(*islands())
    suspects(photos, progress=lambda *at: told.append(at))
    assert told == [(done, 15) for done in range(16)]

    def stop() -> None:
        raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        out_of_sample(
            photos.vectors, np.arange(60) % 3, np.arange(60), 3, progress=None, check=stop
        )
