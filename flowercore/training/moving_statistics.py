"""A head on a frozen backbone whose BatchNormalization is not frozen. Imports Keras.

BatchNormalization (Ioffe and Szegedy 2015, arXiv 1502.03167) has two ways to work. In inference it
shifts and scales by the mean and variance that it noted while the backbone was pretrained. In
training it uses those of the batch, and notes a moving average of them. To freeze its weights does
not stop that: who runs the backbone in training mode lets a few hundred photos in batches of 16
replace what was measured on a million. This is that training, to see what it does.

Order of photos, first weights of the head, losses and updates are those of
`flowercore.training.head.train_head`, so that two runs differ in nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from flowercore.training.batches import ComputedBatches
from flowercore.training.config import TrainConfig
from flowercore.training.head import Epoch, Head, Learner, initial_head, measured, one_pass
from flowercore.training.objective import Objective
from flowercore.training.optimizers import make_optimizer
from flowercore.training.schedules import make_schedule

if TYPE_CHECKING:
    import keras

# Photos in one forward pass in inference mode, where the size of a batch changes nothing.
_FORWARD = 32


@dataclass(frozen=True)
class Photos:
    """Labelled photos as the network takes them.

    Attributes:
        pixels: From rows, shape (B,), to pixels of 0..255, float32, shape (B, S, S, 3).
        labels: int64, shape (N,).
        train: Rows that are learned from.
        validation: Rows that are watched; maybe none.
    """

    pixels: Callable[[np.ndarray], np.ndarray]
    labels: np.ndarray
    train: np.ndarray
    validation: np.ndarray


class _BrokenOffError(Exception):
    """Somebody wants no further step."""


def train_head_in_training_mode(
    network: keras.Model,
    photos: Photos,
    classes: int,
    config: TrainConfig,
    on_epoch: Callable[[Epoch], bool],
    on_batch: Callable[[int, int], bool],
) -> Head | None:
    """Train a head on features that BatchNormalization computes with each batch's own statistics.

    Args:
        network: A whole backbone, from pixels to the last feature map. Its weights stay; with
            ``batch_norm`` moving the statistics of its BatchNormalization layers move in place.
        photos: What is learned from.
        classes: Number of classes.
        config: Settings of the head, with a ``batch_norm`` of moving or batch.
        on_epoch: Called after every epoch; returns whether to go on.
        on_batch: Called after every step with (steps done, steps in an epoch); returns whether to
            go on. What the unfinished epoch did is forgotten.

    Returns:
        The head after the last finished epoch, or None if there was none: the network is then as
        it was.
    """
    statistics = _statistics(network, moving=config.batch_norm == "moving")
    seen, judged = _modes(network)
    step, steps = 0, -(-len(photos.train) // config.batch_size)

    def compute(rows: np.ndarray) -> np.ndarray:
        nonlocal step
        features = np.array(seen(photos.pixels(photos.train[rows])))
        step += 1
        if not on_batch(step, steps):
            raise _BrokenOffError
        return features

    rng = np.random.default_rng(config.seed)
    learner = Learner(initial_head(network.output_shape[-1], classes, rng))
    head = learner.head
    batches = ComputedBatches(len(photos.train), compute, config.batch_size, config.dropout, rng)
    objective = Objective.of(photos.labels[photos.train], classes, config, weighed=True)
    held_back = Objective.of(photos.labels[photos.validation], classes, config, weighed=False)
    optimizer = make_optimizer(config.optimizer, [learner.weights])
    schedule = make_schedule(config.schedule, config.learning_rate, config.epochs * len(batches))
    kept: tuple[Head, list[np.ndarray]] | None = None
    first = [value.numpy() for value in statistics]
    watched: np.ndarray | None = None
    for epoch in range(1, config.epochs + 1):
        began, step = perf_counter(), 0
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                loss, accuracy, rate = one_pass(learner, batches, objective, optimizer, schedule)
                if watched is None or statistics:
                    watched = _judged(judged, photos, head.kernel.shape[0])
                val_loss, val_accuracy = measured(head, watched, held_back)
        except _BrokenOffError:
            break
        schedule.end_epoch(loss if val_loss is None else val_loss)
        kept = Head(head.kernel.copy(), head.bias.copy()), [one.numpy() for one in statistics]
        ended = Epoch(
            epoch=epoch,
            loss=loss,
            accuracy=accuracy,
            val_loss=val_loss,
            val_accuracy=val_accuracy,
            seconds=perf_counter() - began,
            learning_rate=rate,
        )
        if not on_epoch(ended):
            break
    for variable, value in zip(statistics, first if kept is None else kept[1], strict=True):
        variable.assign(value)
    return None if kept is None else kept[0]


def _statistics(network: keras.Model, *, moving: bool) -> list[Any]:
    """Let BatchNormalization work in training mode; return those of its statistics that move."""
    import keras

    found: list[Any] = []
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            # A layer that is not trainable would stay in inference mode, which is the right way.
            layer.trainable = True
            if moving:
                found += [layer.moving_mean.value, layer.moving_variance.value]
            else:
                layer.momentum = 1.0
        elif isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0  # it has a training mode as well, and is not under suspicion
    return found


def _modes(network: keras.Model) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return the features of pixels in training mode and in inference mode."""
    import tensorflow as tf

    spec = tf.TensorSpec((None, *network.input_shape[1:]), tf.float32)

    def features(pixels: Any, *, training: bool) -> Any:
        return tf.reduce_mean(network(pixels, training=training), [1, 2])

    # Only the head learns, so the backbone is asked for no gradient.
    in_training = tf.function(lambda x: features(x, training=True), input_signature=[spec])
    in_inference = tf.function(lambda x: features(x, training=False), input_signature=[spec])
    return in_training, in_inference


def _judged(judged: Callable[..., Any], photos: Photos, dimension: int) -> np.ndarray:
    parts = [
        judged(photos.pixels(photos.validation[first : first + _FORWARD])).numpy()
        for first in range(0, len(photos.validation), _FORWARD)
    ]
    return np.concatenate(parts) if parts else np.empty((0, dimension), np.float32)
