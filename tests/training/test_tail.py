"""Training the end of a backbone: what moves, what stays, and what is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from flowercore.errors import StorageError
from flowercore.training import tail as tails
from flowercore.training.config import TrainConfig
from flowercore.training.examples import Examples
from flowercore.training.head import Epoch
from tests.training.small_tail import CLASSES, CONFIG, copies, head, loss_of, trained


def test_it_learns_and_says_what_it_measured(tail: Any, examples: Examples) -> None:
    found, epochs = trained(tail, examples, replace(CONFIG, fine_tune_epochs=8))
    assert [epoch.epoch for epoch in epochs] == list(range(1, 9))
    assert {epoch.phase for epoch in epochs} == {"tail"}
    assert epochs[-1].loss < 0.7 * epochs[0].loss
    assert found is not None

    pooled = tail(examples.activations[32:, 0].astype(np.float32), training=False)
    probabilities = found.probabilities(pooled.numpy().mean(axis=(1, 2)))
    labels = examples.labels[32:]
    right = float((probabilities.argmax(axis=1) == labels).mean())
    assert epochs[-1].val_accuracy == pytest.approx(right)
    smooth = 0.9 * np.eye(CLASSES)[labels] + 0.1 / CLASSES
    loss = float(-(smooth * np.log(probabilities)).sum(axis=1).mean())
    assert epochs[-1].val_loss == pytest.approx(loss, abs=1e-4)


@pytest.mark.parametrize("sharpness", [0.0, 1e-6])
def test_an_epoch_tells_of_all_its_photos(tail: Any, examples: Examples, sharpness: float) -> None:
    """Steps that move nothing: the mean over the epoch is what the end says of its photos."""
    config = replace(
        CONFIG,
        batch_size=7,  # 32 photos: the last batch holds 4
        fine_tune_epochs=2,
        fine_tune_learning_rate=1e-9,
        sharpness=sharpness,
    )
    plain = replace(examples, views=(0,))
    loss, said = loss_of(tail, head(), plain, plain.train)
    right = (said.argmax(axis=1) == plain.labels[plain.train]).mean()
    assert 0 < right < 1
    _, epochs = trained(tail, plain, config)
    for epoch in epochs:
        assert epoch.loss == pytest.approx(loss, abs=1e-4)
        assert epoch.accuracy == pytest.approx(right, abs=1e-6)


def test_statistics_of_batch_normalization_stay(tail: Any, examples: Examples) -> None:
    before = copies(tail)
    trained(tail, examples)
    after = copies(tail)
    moved = {path for path in before if not np.array_equal(before[path], after[path])}
    assert moved == {"conv/kernel", "conv/bias"}


def test_the_rate_rises_over_the_first_epoch_and_falls(tail: Any, examples: Examples) -> None:
    _, epochs = trained(tail, examples, replace(CONFIG, fine_tune_epochs=5))
    rates = [epoch.learning_rate for epoch in epochs]
    assert rates[0] == pytest.approx(3e-3, rel=1e-3)
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] == pytest.approx(3e-5, rel=0.05)


def test_a_single_step_is_not_wasted_on_warming_up(tail: Any, examples: Examples) -> None:
    before = copies(tail)
    config = replace(CONFIG, fine_tune_epochs=1, batch_size=64)
    trained(tail, examples, config)
    assert not np.array_equal(copies(tail)["conv/kernel"], before["conv/kernel"])


def test_the_same_seed_gives_the_same_weights(tail: Any, examples: Examples) -> None:
    start = copies(tail)
    one, _ = trained(tail, examples)
    first = copies(tail)
    tails.restore(tail, start)
    two, _ = trained(tail, examples)
    assert one is not None
    assert two is not None
    np.testing.assert_allclose(one.kernel, two.kernel, atol=1e-6)
    for path, value in copies(tail).items():
        np.testing.assert_allclose(value, first[path], atol=1e-6)


def test_an_unfinished_epoch_is_forgotten(tail: Any, examples: Examples) -> None:
    start = copies(tail)
    steps: list[tuple[int, int]] = []

    def stop_in_the_second(done: int, of: int) -> bool:
        steps.append((done, of))
        return len(steps) < 6

    stopped, epochs = trained(tail, examples, stop=stop_in_the_second)
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4), (1, 4), (2, 4)]
    assert len(epochs) == 1
    kept = copies(tail)

    tails.restore(tail, start)
    only_one: list[Epoch] = []
    whole = tails.train_tail(
        tail,
        head(),
        examples,
        CONFIG,
        lambda epoch: only_one.append(epoch) is not None,  # stops after the first
        lambda done, of: True,
    )
    assert stopped is not None
    assert whole is not None
    np.testing.assert_allclose(stopped.kernel, whole.kernel, atol=1e-6)
    for path, value in copies(tail).items():
        np.testing.assert_allclose(value, kept[path], atol=1e-6)


def test_stopped_in_the_first_epoch_nothing_has_changed(tail: Any, examples: Examples) -> None:
    before = copies(tail)
    found, epochs = trained(tail, examples, stop=lambda done, steps: done < 2)
    assert found is None
    assert epochs == []
    for path, value in copies(tail).items():
        np.testing.assert_array_equal(value, before[path])


def test_early_stopping_keeps_the_best_weights(tail: Any, examples: Examples) -> None:
    # Labels that mean nothing can only be learned by heart: validation gets worse soon.
    labels = np.random.default_rng(7).permutation(examples.labels)
    examples = replace(examples, labels=labels)
    wild = replace(CONFIG, fine_tune_learning_rate=0.01, fine_tune_epochs=30, early_stopping=3)
    found, epochs = trained(tail, examples, wild)
    losses = [epoch.val_loss for epoch in epochs]
    best = int(np.argmin(losses))
    assert len(epochs) == best + 1 + 3 < 30
    assert found is not None
    rows = examples.validation
    loss, _ = loss_of(tail, found, examples, rows)
    assert loss == pytest.approx(losses[best], abs=1e-4)


def test_the_average_of_the_weights_is_smoother_than_the_last_ones(
    tail: Any, examples: Examples
) -> None:
    start = copies(tail)
    loud = replace(CONFIG, fine_tune_epochs=2, fine_tune_learning_rate=0.03)
    trained(tail, examples, loud)
    last = copies(tail)
    tails.restore(tail, start)
    trained(tail, examples, replace(loud, weight_average=0.98))
    average = copies(tail)

    def far(values: dict[str, np.ndarray]) -> float:
        return float(np.abs(values["conv/kernel"] - start["conv/kernel"]).mean())

    assert 0 < far(average) < far(last)


def test_the_kept_weights_lie_between_start_and_end(tail: Any, examples: Examples) -> None:
    start = copies(tail)
    whole, _ = trained(tail, examples)
    end = copies(tail)
    tails.restore(tail, start)
    part, epochs = trained(tail, examples, replace(CONFIG, weight_interpolation=0.25))
    assert whole is not None
    assert part is not None
    for path, value in copies(tail).items():
        wanted = start[path] + 0.25 * (end[path] - start[path])
        np.testing.assert_allclose(value, wanted, atol=1e-6)
    begun = head().kernel
    np.testing.assert_allclose(part.kernel, begun + 0.25 * (whole.kernel - begun), atol=1e-6)
    # What is watched is what is kept.
    loss, _ = loss_of(tail, part, examples, examples.validation)
    assert epochs[-1].val_loss == pytest.approx(loss, abs=1e-4)


def test_rare_classes_count_more_when_wanted(tail: Any, examples: Examples) -> None:
    rare = np.where(examples.labels[:32] == 0)[0][:1]
    train = np.concatenate([rare, np.where(examples.labels[:32] != 0)[0]])
    few = replace(examples, train=train, validation=np.arange(32, 48))
    start = copies(tail)

    def mean_probability(config: TrainConfig) -> float:
        tails.restore(tail, start)
        found, _ = trained(tail, few, config)
        assert found is not None
        return float(loss_of(tail, found, few, few.validation)[1][:, 0].mean())

    plain = mean_probability(CONFIG)
    assert mean_probability(replace(CONFIG, class_weights=True)) > plain


def test_weights_of_another_network_are_refused(tail: Any) -> None:
    values = copies(tail)
    del values["conv/bias"]
    with pytest.raises(StorageError, match=r"tail\.safetensors does not fit"):
        tails.restore(tail, values)
