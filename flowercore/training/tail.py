"""Fine-tuning: the end of a backbone is trained together with its head. Imports Keras.

The frozen beginning was computed before (`flowercore.training.activations`), so an epoch costs what
the end costs. The end starts from its ImageNet weights and the head from one that was trained on
the frozen backbone: a random head would send large gradients into weights that are good already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from flowercore.backbones import surgery
from flowercore.errors import StorageError
from flowercore.training.config import TrainConfig
from flowercore.training.examples import Examples, batches
from flowercore.training.head import Epoch, Head

if TYPE_CHECKING:
    import keras

# Photos in one forward pass where no gradients are needed.
_FORWARD = 32
# Most of all steps over which the learning rate rises; one epoch where that is less.
_WARM_UP = 0.25


def train_tail(
    tail: keras.Model,
    head: Head,
    examples: Examples,
    config: TrainConfig,
    on_epoch: Callable[[Epoch], bool],
    on_batch: Callable[[int, int], bool],
) -> Head | None:
    """Train the end of a backbone, in place, with its head.

    Args:
        tail: From activations to the last feature map; see `flowercore.backbones.surgery.cut`.
        head: Where the head starts from.
        examples: What to learn from.
        config: Settings; the learning rate rises over one epoch to ``fine_tune_learning_rate`` and
            falls as half a cosine to a hundredth of it.
        on_epoch: Called after every epoch; returns whether to go on.
        on_batch: Called after every step with (steps done, steps in an epoch); returns whether to
            go on. What the unfinished epoch taught is forgotten.

    Returns:
        The head that belongs to the trained end, or None if not one epoch was finished: the end is
        then as it was.
    """
    import keras

    keras.utils.set_random_seed(config.seed)
    surgery.freeze_statistics(tail)
    dense = keras.layers.Dense(head.kernel.shape[1], name="head", dtype="float32")
    pooled = keras.layers.GlobalAveragePooling2D(name="pool")(tail.output)
    dropped = keras.layers.Dropout(config.dropout, name="dropout")(pooled)
    network = keras.Model(tail.input, dense(dropped))
    dense.set_weights([head.kernel, head.bias])
    shown = batches(examples, config, head.kernel.shape[1])
    steps = len(shown)
    rate = _rate(config.fine_tune_learning_rate, steps, config.fine_tune_epochs * steps)
    network.compile(
        keras.optimizers.Adam(rate),
        keras.losses.CategoricalCrossentropy(
            from_logits=True, label_smoothing=config.label_smoothing
        ),
        metrics=["accuracy"],
    )
    watch = _watch(network, examples, config, steps, on_epoch, on_batch)
    network.fit(
        shown,
        epochs=config.fine_tune_epochs,
        callbacks=[watch],
        verbose=0,
        shuffle=False,
    )
    network.set_weights(watch.kept)
    if watch.epochs_kept == 0:
        return None
    kernel, bias = dense.get_weights()
    return Head(kernel, bias)


def _rate(highest: float, epoch: int, total: int) -> Any:
    """Rise to the highest rate over an epoch, then fall as half a cosine to a hundredth of it."""
    import keras

    rising = min(epoch, int(_WARM_UP * total))
    schedule = keras.optimizers.schedules.CosineDecay
    if not rising:
        return schedule(highest, total, alpha=0.01)
    # The first step counts: it does not begin at a rate of zero.
    return schedule(
        highest / (rising + 1),
        total - rising,
        alpha=0.01,
        warmup_target=highest,
        warmup_steps=rising,
    )


def _watch(
    network: keras.Model,
    examples: Examples,
    config: TrainConfig,
    steps: int,
    on_epoch: Callable[[Epoch], bool],
    on_batch: Callable[[int, int], bool],
) -> Any:
    import keras
    import tensorflow as tf

    trained = [variable.value for variable in network.trainable_variables]

    class Watch(keras.callbacks.Callback):
        """Reports, averages, and keeps the weights of the last or the best epoch."""

        def __init__(self) -> None:
            super().__init__()
            self.kept = network.get_weights()
            self.epochs_kept = 0
            self._best = float("inf")
            self._worse = 0
            self._steps_done = 0
            self._broken_off = False
            self._start = [tf.constant(value) for value in trained]
            self._average = [tf.Variable(value) for value in trained]

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self._began = perf_counter()

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self._steps_done += 1
            if config.weight_average:
                # Young averages forget quickly: the first weights are not worth keeping.
                young = (1 + self._steps_done) / (10 + self._steps_done)
                _move(tf.constant(1 - min(config.weight_average, young), tf.float32))
            if not on_batch(batch + 1, steps):
                self._broken_off = self.model.stop_training = True

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if self._broken_off:
                return
            with self._as_kept():
                loss, accuracy = _validated(network, examples, config)
                value = logs["loss"] if loss is None else loss
                better = value < self._best or not config.early_stopping
                if better:
                    self._best, self._worse = value, 0
                    self.kept, self.epochs_kept = network.get_weights(), epoch + 1
                else:
                    self._worse += 1
            measured = Epoch(
                epoch + 1,
                float(logs["loss"]),
                float(logs["accuracy"]),
                loss,
                accuracy,
                perf_counter() - self._began,
                phase="tail",
                learning_rate=float(network.optimizer.learning_rate),
            )
            tired = config.early_stopping and self._worse >= config.early_stopping
            if not on_epoch(measured) or tired:
                self.model.stop_training = True

        @contextmanager
        def _as_kept(self) -> Iterator[None]:
            # Averaged over the last steps (Izmailov and others 2018, arXiv 1803.05407), then moved
            # towards the start (WiSE-FT, Wortsman and others 2022, arXiv 2109.01903).
            raw = [value.numpy() for value in trained]
            arrived = self._average if config.weight_average else trained
            share = config.weight_interpolation
            for value, start, end in zip(trained, self._start, arrived, strict=True):
                value.assign(start + share * (end - start))
            try:
                yield
            finally:
                for value, before in zip(trained, raw, strict=True):
                    value.assign(before)

    watch = Watch()

    @tf.function
    def _move(share: Any) -> None:
        for average, value in zip(watch._average, trained, strict=True):
            average.assign_add(share * (value - average))

    return watch


def _validated(
    network: keras.Model, examples: Examples, config: TrainConfig
) -> tuple[float | None, float | None]:
    rows = examples.validation
    if len(rows) == 0:
        return None, None
    losses, right = 0.0, 0
    for first in range(0, len(rows), _FORWARD):
        part = rows[first : first + _FORWARD]
        x = examples.activations[part, 0].astype(np.float32)
        logits = network(x, training=False).numpy().astype(np.float64)
        labels = examples.labels[part]
        logits -= logits.max(axis=1, keepdims=True)
        log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        chosen = log_p[np.arange(len(part)), labels]
        smooth = config.label_smoothing
        losses -= float(((1 - smooth) * chosen + smooth * log_p.mean(axis=1)).sum())
        right += int((logits.argmax(axis=1) == labels).sum())
    return losses / len(rows), right / len(rows)


def tensors(tail: keras.Model) -> dict[str, np.ndarray]:
    """Return all weights of a trained end, by the path of their variable."""
    return {variable.path: variable.numpy() for variable in tail.weights}


def restore(tail: keras.Model, values: dict[str, np.ndarray]) -> None:
    """Put weights from `tensors` into an end that was cut in the same place.

    Raises:
        StorageError: If they are of another one.
    """
    received = {path: value.shape for path, value in values.items()}
    if received != {variable.path: tuple(variable.shape) for variable in tail.weights}:
        raise StorageError(
            "The run's file tail.safetensors does not fit its backbone and block: it was edited, "
            "or comes from another version. Train again; other runs are not affected."
        )
    for variable in tail.weights:
        variable.assign(values[variable.path])
