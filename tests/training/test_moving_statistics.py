"""A frozen backbone whose BatchNormalization moves: number for number what Keras does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from flowercore.backbones import registry, weights
from flowercore.errors import ConfigError
from flowercore.training import moving_statistics
from flowercore.training.config import TrainConfig
from flowercore.training.head import Epoch, Head, initial_head, train_head
from flowercore.training.moving_statistics import Photos

CLASSES, SIDE = 3, 8
CONFIG = TrainConfig(
    data="none", batch_size=8, epochs=4, seed=5, learning_rate=1e-2, batch_norm="moving"
)
LABELS = np.arange(42) % CLASSES
TRAIN, VALIDATION = np.arange(30), np.arange(30, 42)  # the last batch of an epoch has 6


@pytest.fixture
def backbone() -> Any:
    weights.import_keras()
    import keras

    keras.utils.set_random_seed(1)
    inputs = keras.Input((SIDE, SIDE, 3))
    x = keras.layers.Rescaling(1 / 127.5, -1)(inputs)
    x = keras.layers.Conv2D(8, 3, use_bias=False, name="conv1")(x)
    x = keras.layers.BatchNormalization(name="bn1")(x)
    x = keras.layers.Dropout(0.5, name="drop")(keras.layers.ReLU()(x))
    x = keras.layers.Conv2D(6, 3, use_bias=False, name="conv2")(x)
    x = keras.layers.BatchNormalization(name="bn2")(x)
    model = keras.Model(inputs, keras.layers.ReLU()(x))
    for name, width in (("bn1", 8), ("bn2", 6)):
        scale = np.linspace(0.5, 2, width, dtype=np.float32)
        model.get_layer(name).set_weights([scale, 0.1 * scale, 0.2 * scale, scale])
    return model


def pictures() -> np.ndarray:
    rng = np.random.default_rng(0)
    colors = rng.uniform(60, 200, (CLASSES, 1, 1, 3))
    noise = rng.normal(0, 30, (len(LABELS), SIDE, SIDE, 3))
    return np.clip(colors[LABELS] + noise, 0, 255).astype(np.float32)


def photos(seen: list[np.ndarray] | None = None) -> Photos:
    values = pictures()

    def pixels(rows: np.ndarray) -> np.ndarray:
        if seen is not None:
            seen.append(rows)
        return values[rows]

    return Photos(pixels, LABELS, TRAIN, VALIDATION)


def trained(
    network: Any,
    config: TrainConfig = CONFIG,
    shown: Photos | None = None,
    on_epoch: Callable[[Epoch], bool] | None = None,
    on_batch: Callable[[int, int], bool] | None = None,
) -> tuple[Head | None, list[Epoch]]:
    epochs: list[Epoch] = []

    def keep(epoch: Epoch) -> bool:
        epochs.append(epoch)
        return on_epoch(epoch) if on_epoch else True

    head = moving_statistics.train_head_in_training_mode(
        network, shown or photos(), CLASSES, config, keep, on_batch or (lambda done, of: True)
    )
    return head, epochs


def statistics(network: Any) -> np.ndarray:
    norms = [network.get_layer(name) for name in ("bn1", "bn2")]
    parts = [part.numpy() for one in norms for part in (one.moving_mean, one.moving_variance)]
    return np.concatenate(parts)


def in_keras(network: Any, order: list[np.ndarray]) -> tuple[Any, list[dict[str, float]]]:
    """Train as anybody would who freezes the weights of a backbone and forgets its statistics."""
    import keras

    for layer in network.layers:
        layer.trainable = isinstance(layer, keras.layers.BatchNormalization)
    for name in ("bn1", "bn2"):
        network.get_layer(name).gamma.trainable = False
        network.get_layer(name).beta.trainable = False
    network.get_layer("drop").rate = 0.0
    dense = keras.layers.Dense(CLASSES)
    model = keras.Model(network.input, dense(keras.layers.GlobalAveragePooling2D()(network.output)))
    first = initial_head(6, CLASSES, np.random.default_rng(CONFIG.seed))
    dense.set_weights([first.kernel, first.bias])
    model.compile(
        keras.optimizers.Adam(CONFIG.learning_rate),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    assert len(model.trainable_variables) == 2
    values, steps, judged = pictures(), -(-len(TRAIN) // CONFIG.batch_size), []
    for number, rows in enumerate(order, start=1):
        model.train_on_batch(values[rows], LABELS[rows])
        if number % steps == 0:
            judged.append(
                model.evaluate(values[VALIDATION], LABELS[VALIDATION], return_dict=True, verbose=0)
            )
    return dense, judged


def test_statistics_head_and_losses_are_keras_own(backbone: Any) -> None:
    import keras

    reference = keras.models.clone_model(backbone)
    reference.set_weights(backbone.get_weights())
    before = statistics(backbone)
    kernels = backbone.get_layer("conv1").get_weights()[0].copy()
    seen: list[np.ndarray] = []
    head, epochs = trained(backbone, shown=photos(seen))
    order = [rows for rows in seen if set(rows) <= set(TRAIN)]
    assert [len(rows) for rows in order] == [8, 8, 8, 6] * 4

    dense, judged = in_keras(reference, order)
    assert np.abs(statistics(backbone) - before).max() > 0.01
    np.testing.assert_allclose(statistics(backbone), statistics(reference), rtol=1e-5, atol=1e-6)
    assert head is not None
    np.testing.assert_allclose(head.kernel, dense.get_weights()[0], atol=1e-5)
    np.testing.assert_allclose(head.bias, dense.get_weights()[1], atol=1e-5)
    assert [epoch.val_loss for epoch in epochs] == pytest.approx(
        [one["loss"] for one in judged], abs=1e-5
    )
    assert [epoch.val_accuracy for epoch in epochs] == pytest.approx(
        [one["accuracy"] for one in judged]
    )
    np.testing.assert_array_equal(backbone.get_layer("conv1").get_weights()[0], kernels)


def test_photos_come_in_the_order_of_a_plain_training(backbone: Any) -> None:
    seen: list[np.ndarray] = []
    trained(backbone, shown=photos(seen))
    order = np.concatenate([rows for rows in seen if set(rows) <= set(TRAIN)])
    # A plain training of one-hot vectors: which photo was seen when shows in nothing else.
    epochs: list[np.ndarray] = []

    class Recorded(np.ndarray):
        def __getitem__(self, key: Any) -> Any:
            if isinstance(key, tuple) and isinstance(key[0], np.ndarray):
                epochs.append(key[0])
            return np.asarray(self)[key]

    vectors = np.zeros((len(TRAIN), 1, 6), np.float32).view(Recorded)
    none = np.empty((0, 6), np.float32), np.empty(0, np.int64)
    train_head(vectors, LABELS[TRAIN], none, CLASSES, CONFIG, lambda epoch: True)
    np.testing.assert_array_equal(order, np.concatenate(epochs))


def test_by_batch_keeps_the_statistics_and_judges_with_them(backbone: Any) -> None:
    import keras

    other = keras.models.clone_model(backbone)
    other.set_weights(backbone.get_weights())
    before = statistics(backbone)
    head, epochs = trained(backbone, replace(CONFIG, batch_norm="batch"))
    np.testing.assert_array_equal(statistics(backbone), before)
    assert head is not None
    features = backbone(pictures()[VALIDATION], training=False).numpy().mean(axis=(1, 2))
    right = head.probabilities(features).argmax(axis=1) == LABELS[VALIDATION]
    assert epochs[-1].val_accuracy == pytest.approx(right.mean())
    moving, _ = trained(other)
    assert moving is not None
    # Learning sees the same batches either way; only what is judged with differs.
    np.testing.assert_allclose(moving.kernel, head.kernel, atol=1e-6)
    assert np.abs(statistics(other) - before).max() > 0.01


def test_an_unfinished_epoch_is_forgotten(backbone: Any) -> None:
    start = backbone.get_weights()
    whole, _ = trained(backbone, on_epoch=lambda epoch: epoch.epoch < 2)
    moved = statistics(backbone)
    backbone.set_weights(start)
    steps: list[int] = []

    def stop_in_the_third(done: int, of: int) -> bool:
        assert of == 4
        steps.append(done)
        return len(steps) < 10

    stopped, epochs = trained(backbone, on_batch=stop_in_the_third)
    assert steps == [1, 2, 3, 4, 1, 2, 3, 4, 1, 2]
    assert len(epochs) == 2
    assert whole is not None
    assert stopped is not None
    np.testing.assert_allclose(stopped.kernel, whole.kernel, atol=1e-6)
    np.testing.assert_allclose(statistics(backbone), moved, atol=1e-6)


def test_stopped_in_the_first_epoch_nothing_has_changed(backbone: Any) -> None:
    before = statistics(backbone)
    head, epochs = trained(backbone, on_batch=lambda done, of: done < 2)
    assert head is None
    assert epochs == []
    np.testing.assert_array_equal(statistics(backbone), before)


def test_without_validation_photos_there_is_no_validation(backbone: Any) -> None:
    shown = replace(photos(), validation=np.empty(0, np.int64))
    _, epochs = trained(backbone, shown=shown)
    assert {epoch.val_loss for epoch in epochs} == {None}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"batch_norm": "frozen"}, "BatchNorm must be one of inference, moving, batch"),
        ({"backbone": "vgg16"}, "VGG16 (ImageNet), which has none"),
        ({"fine_tune_from": "head"}, "a frozen backbone and plain photos"),
        ({"augment": 2}, "a frozen backbone and plain photos"),
        ({"early_stopping": 3}, "statistics are no weights"),
    ],
)
def test_what_makes_no_sense_together_is_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        TrainConfig.from_dict({"data": "none", "batch_norm": "moving", **settings}).validate()
    assert words in str(refused.value)
    assert "Received" in str(refused.value)


def test_what_goes_together_is_accepted() -> None:
    for name in ("moving", "batch"):
        TrainConfig(data="none", batch_norm=name, dropout=0.1, preprocessing="notebook").validate()


def test_which_backbones_have_such_layers() -> None:
    without = {one.name for one in registry.backbones() if not one.has_batch_norm}
    assert without == {"vgg16", "convnext-tiny", "small-convnet"}
