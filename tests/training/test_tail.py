"""Training the end of a backbone: what moves, what stays, and what is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from flowercore.backbones import weights
from flowercore.errors import StorageError
from flowercore.training import tail as tails
from flowercore.training.config import TrainConfig
from flowercore.training.examples import Batches, Examples
from flowercore.training.head import Epoch, Head, initial_head

CLASSES = 3
CONFIG = TrainConfig(
    data="none",
    batch_size=8,
    seed=5,
    fine_tune_from="stem",
    fine_tune_epochs=3,
    fine_tune_learning_rate=3e-3,
    label_smoothing=0.1,
)


@pytest.fixture
def tail() -> Any:
    weights.import_keras()
    import keras

    keras.utils.set_random_seed(1)
    inputs = keras.Input((6, 6, 4))
    x = keras.layers.Conv2D(8, 3, padding="same", name="conv")(inputs)
    x = keras.layers.BatchNormalization(name="bn")(x)
    model = keras.Model(inputs, keras.layers.ReLU(name="relu")(x))
    scale = np.array([1, 2, 0.5, 1, 1, 1, 1, 1], np.float32)
    model.get_layer("bn").set_weights([scale, scale, 0.1 * scale, scale])
    return model


@pytest.fixture
def examples() -> Examples:
    rng = np.random.default_rng(0)
    labels = np.arange(48) % CLASSES
    patterns = rng.normal(0, 1.5, (CLASSES, 1, 1, 1, 4))
    values = patterns[labels] + rng.normal(0, 1.0, (48, 3, 6, 6, 4))
    return Examples(values.astype(np.float16), labels, np.arange(32), np.arange(32, 48), (0, 1, 2))


def head() -> Head:
    return initial_head(8, CLASSES, np.random.default_rng(2))


def trained(
    tail: Any, examples: Examples, config: TrainConfig = CONFIG, stop: Any = None
) -> tuple[Head | None, list[Epoch]]:
    epochs: list[Epoch] = []

    def keep(epoch: Epoch) -> bool:
        epochs.append(epoch)
        return True

    listen = stop or (lambda done, steps: True)
    return tails.train_tail(tail, head(), examples, config, keep, listen), epochs


def copies(tail: Any) -> dict[str, np.ndarray]:
    return {path: value.copy() for path, value in tails.tensors(tail).items()}


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
    loss, _ = _loss(tail, found, examples, rows)
    assert loss == pytest.approx(losses[best], abs=1e-4)


def _loss(tail: Any, head: Head, examples: Examples, rows: np.ndarray) -> tuple[float, np.ndarray]:
    maps = tail(examples.activations[rows, 0].astype(np.float32), training=False).numpy()
    probabilities = head.probabilities(maps.mean(axis=(1, 2)))
    smooth = 0.9 * np.eye(CLASSES)[examples.labels[rows]] + 0.1 / CLASSES
    return float(-(smooth * np.log(probabilities)).sum(axis=1).mean()), probabilities


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
    loss, _ = _loss(tail, part, examples, examples.validation)
    assert epochs[-1].val_loss == pytest.approx(loss, abs=1e-4)


def test_sharpness_steps_by_the_gradient_at_the_highest_loss_nearby(
    tail: Any, examples: Examples
) -> None:
    """Adam's first step is as long as the rate, against the sign of the gradient it is given."""
    import tensorflow as tf

    radius = 2.0
    kernel = tail.get_layer("conv").kernel
    start, begun = kernel.numpy().copy(), head()
    config = replace(CONFIG, fine_tune_epochs=1, batch_size=64, augment=0)
    x, y, _ = next(Batches(examples, config, CLASSES).epoch())
    weights = [variable.value for variable in tail.get_layer("conv").weights]
    dense = [tf.Variable(begun.kernel), tf.Variable(begun.bias)]

    def slope() -> list[np.ndarray]:
        with tf.GradientTape() as tape:
            logits = tf.reduce_mean(tail(x), (1, 2)) @ dense[0] + dense[1]
            wanted = 0.9 * y + 0.1 / CLASSES
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(wanted, logits))
        return [one.numpy() for one in tape.gradient(loss, [*weights, *dense])]

    here = slope()
    length = np.sqrt(sum(float((one**2).sum()) for one in here))
    for value, gradient in zip([*weights, *dense], here, strict=True):
        value.assign_add(radius * gradient / length)
    there = slope()
    kernel.assign(start)
    weights[1].assign(np.zeros(8, np.float32))
    sure = (np.abs(there[0]) > 0.03) & (np.abs(here[0]) > 0.03)  # median 0.1: no rounding
    assert (np.sign(there[0]) != np.sign(here[0]))[sure].sum() > 5

    _, (epoch,) = trained(tail, examples, replace(config, sharpness=radius))
    moved = kernel.numpy() - start
    np.testing.assert_allclose(moved[sure], -3e-3 * np.sign(there[0])[sure], rtol=1e-2)
    # What is reported is the loss where the weights stood, as without it.
    kernel.assign(start)
    weights[1].assign(np.zeros(8, np.float32))
    _, (plain,) = trained(tail, examples, config)
    assert epoch.loss == pytest.approx(plain.loss, abs=1e-5)
    assert epoch.accuracy == plain.accuracy
    np.testing.assert_allclose(
        (kernel.numpy() - start)[sure], -3e-3 * np.sign(here[0])[sure], rtol=1e-2
    )


def test_a_whole_training_with_sharpness_learns(tail: Any, examples: Examples) -> None:
    config = replace(CONFIG, fine_tune_epochs=8, sharpness=0.05, class_weights=True)
    found, epochs = trained(tail, examples, config)
    assert found is not None
    assert epochs[-1].loss < 0.8 * epochs[0].loss


def test_what_is_watched_with_the_pretrained_end_beside_is_what_is_kept(
    tail: Any, examples: Examples, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keras

    untouched = keras.models.clone_model(tail)
    untouched.set_weights(tail.get_weights())
    monkeypatch.setattr(tails.surgery, "cut", lambda backbone, block: (None, untouched))
    config = replace(CONFIG, frozen_beside=True)
    found, epochs = trained(tail, examples, config)
    assert found is not None
    end, both = tails.kept_end(tail, found, head(), config)
    assert both.kernel.shape == (16, CLASSES)
    loss, said = _loss(end, both, examples, examples.validation)
    assert epochs[-1].val_loss == pytest.approx(loss, abs=1e-4)
    right = (said.argmax(axis=1) == examples.labels[examples.validation]).mean()
    assert epochs[-1].val_accuracy == pytest.approx(right)
    # The mean of what each end says by itself, in logits up to a constant of each photo.
    each = [
        np.log(_loss(one, of, examples, examples.validation)[1])
        for one, of in ((untouched, head()), (tail, found))
    ]
    mean = np.mean(each, axis=0)
    apart = np.log(said) - mean
    np.testing.assert_allclose(
        apart, apart.mean(axis=1, keepdims=True).repeat(CLASSES, 1), atol=1e-4
    )
    assert tails.kept_end(tail, found, head(), CONFIG) == (tail, found)


def test_rare_classes_count_more_when_wanted(tail: Any, examples: Examples) -> None:
    rare = np.where(examples.labels[:32] == 0)[0][:1]
    train = np.concatenate([rare, np.where(examples.labels[:32] != 0)[0]])
    few = replace(examples, train=train, validation=np.arange(32, 48))
    start = copies(tail)

    def mean_probability(config: TrainConfig) -> float:
        tails.restore(tail, start)
        found, _ = trained(tail, few, config)
        assert found is not None
        return float(_loss(tail, found, few, few.validation)[1][:, 0].mean())

    plain = mean_probability(CONFIG)
    assert mean_probability(replace(CONFIG, class_weights=True)) > plain


def test_blended_photos_have_blended_labels(tail: Any, examples: Examples) -> None:
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


def test_weights_of_another_network_are_refused(tail: Any) -> None:
    values = copies(tail)
    del values["conv/bias"]
    with pytest.raises(StorageError, match=r"tail\.safetensors does not fit"):
        tails.restore(tail, values)
