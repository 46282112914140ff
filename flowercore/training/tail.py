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
from flowercore.training import sharpness
from flowercore.training.config import TrainConfig
from flowercore.training.examples import Batches, Examples
from flowercore.training.frozen_end import FrozenEnd
from flowercore.training.head import Epoch, Head, mean_of_logits
from flowercore.training.objective import log_softmax

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
    frozen: FrozenEnd | None = None,
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
        frozen: What will stay beside the trained end: what is watched is what is kept.

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
    network = sharpness.network(tail.input, dense(dropped), config.sharpness)
    dense.set_weights([head.kernel, head.bias])
    watched = examples.validation
    beside = frozen.logits(examples.activations[watched, 0]) if frozen and len(watched) else None
    shown = Batches(examples, config, head.kernel.shape[1])
    steps = len(shown)
    rate = _rate(config.fine_tune_learning_rate, steps, config.fine_tune_epochs * steps)
    network.compile(
        keras.optimizers.Adam(rate),
        keras.losses.CategoricalCrossentropy(
            from_logits=True, label_smoothing=config.label_smoothing
        ),
        metrics=["accuracy"],
        # Keras's usual choice, XLA, computes convolutions on one core (docs/decisions.md).
        jit_compile=False,
    )
    keeper = _Keeper(network, config)
    for number in range(1, config.fine_tune_epochs + 1):
        began = perf_counter()
        said = _pass(network, shown, keeper, on_batch)
        if said is None:
            break
        with keeper.as_kept():
            loss, accuracy = _validated(network, examples, config, beside)
            tired = keeper.end_epoch(said["loss"] if loss is None else loss)
        epoch = Epoch(
            number,
            said["loss"],
            said["accuracy"],
            loss,
            accuracy,
            perf_counter() - began,
            phase="tail",
            learning_rate=float(network.optimizer.learning_rate),
        )
        if not on_epoch(epoch) or tired:
            break
    network.set_weights(keeper.kept)
    if not keeper.learned:
        return None
    kernel, bias = dense.get_weights()
    return Head(kernel, bias)


def _pass(
    network: keras.Model,
    shown: Batches,
    keeper: _Keeper,
    on_batch: Callable[[int, int], bool],
) -> dict[str, float] | None:
    """Show each photo once; return loss and accuracy, or None if it was broken off.

    Not by Keras's ``fit``: it feeds a network through a generator of tf.data, which makes the whole
    process give memory back at once, so that each step asks for all of its own anew: half as long
    again (docs/decisions.md).
    """
    photos, sums = 0, {"loss": 0.0, "accuracy": 0.0}
    for done, (x, y, weights) in enumerate(shown.epoch(), start=1):
        # Of this batch alone: Keras forgets the ones before it.
        said = network.train_on_batch(x, y, sample_weight=weights, return_dict=True)
        photos += len(x)
        for name in sums:
            sums[name] += len(x) * float(said[name])
        keeper.end_step()
        if not on_batch(done, len(shown)):
            return None
    return {name: value / photos for name, value in sums.items()}


def kept_end(tail: keras.Model, head: Head, frozen: FrozenEnd | None) -> tuple[keras.Model, Head]:
    """Return what a fine-tuned model is made of.

    With a frozen end beside it that is both ends side by side, and their heads as one: an ensemble
    in output space, which M. Wortsman and others 2022 (arXiv 2109.01903, appendix) compare with
    interpolating weights.

    Args:
        tail: The trained end.
        head: The head that belongs to it.
        frozen: What stays beside it; None for nothing.

    Returns:
        From activations to the last feature map, and the head on its average.
    """
    if frozen is None:
        return tail, head
    return surgery.side_by_side(frozen.end, tail), mean_of_logits(frozen.head, head)


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


class _Keeper:
    """Averages weights step by step, and keeps those of the last or the best epoch.

    Attributes:
        kept: What the network is given at the end.
        learned: Whether those are of a finished epoch.
    """

    def __init__(self, network: keras.Model, config: TrainConfig) -> None:
        import tensorflow as tf

        self.kept, self.learned = network.get_weights(), False
        self._network, self._config = network, config
        self._best, self._worse = float("inf"), 0
        self._steps = 0
        self._values = [variable.value for variable in network.trainable_variables]
        self._start = [tf.constant(value) for value in self._values]
        self._average = [tf.Variable(value) for value in self._values]

        @tf.function
        def move(share: Any) -> None:
            for average, value in zip(self._average, self._values, strict=True):
                average.assign_add(share * (value - average))

        self._move = move

    def end_step(self) -> None:
        """Take note of the weights after a step."""
        import tensorflow as tf

        self._steps += 1
        if self._config.weight_average:
            # Young averages forget quickly: the first weights are not worth keeping.
            young = (1 + self._steps) / (10 + self._steps)
            self._move(tf.constant(1 - min(self._config.weight_average, young), tf.float32))

    def end_epoch(self, loss: float) -> bool:
        """Take note of an epoch while the weights are as they would be kept.

        Args:
            loss: By which epochs are compared.

        Returns:
            Whether there was no better one for as long as the patience lasts.
        """
        patience = self._config.early_stopping
        if loss < self._best or not patience:
            self._best, self._worse = loss, 0
            self.kept, self.learned = self._network.get_weights(), True
        else:
            self._worse += 1
        return bool(patience) and self._worse >= patience

    @contextmanager
    def as_kept(self) -> Iterator[None]:
        """Give the network for a while the weights that it would be kept with."""
        # Averaged over the last steps (Izmailov and others 2018, arXiv 1803.05407), then moved
        # towards the start (WiSE-FT, Wortsman and others 2022, arXiv 2109.01903).
        raw = [value.numpy() for value in self._values]
        arrived = self._average if self._config.weight_average else self._values
        share = self._config.weight_interpolation
        for value, start, end in zip(self._values, self._start, arrived, strict=True):
            value.assign(start + share * (end - start))
        try:
            yield
        finally:
            for value, before in zip(self._values, raw, strict=True):
                value.assign(before)


def _validated(
    network: keras.Model, examples: Examples, config: TrainConfig, beside: np.ndarray | None
) -> tuple[float | None, float | None]:
    rows = examples.validation
    if len(rows) == 0:
        return None, None
    logits = _logits(network, examples, rows)
    if beside is not None:
        logits = (logits + beside) / 2
    said, labels, smooth = log_softmax(logits), examples.labels[rows], config.label_smoothing
    chosen = said[np.arange(len(rows)), labels]
    loss = -((1 - smooth) * chosen + smooth * said.mean(axis=1)).mean()
    return float(loss), float((logits.argmax(axis=1) == labels).mean())


def _logits(network: keras.Model, examples: Examples, rows: np.ndarray) -> np.ndarray:
    """Return what a network says of the plain view of photos, float64 (N, C)."""
    found = []
    for first in range(0, len(rows), _FORWARD):
        part = rows[first : first + _FORWARD]
        x = examples.activations[part, 0].astype(np.float32)
        found.append(network(x, training=False).numpy().astype(np.float64))
    return np.concatenate(found)


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
