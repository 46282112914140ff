"""Measuring how long a training takes on this machine, as a task of a worker. Imports Keras."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from flowercore.backbones import registry, runtime
from flowercore.backbones.registry import Backbone
from flowercore.jobs.task_work import TaskReporter
from flowercore.teaching import timing
from flowercore.training.config import TrainConfig
from flowercore.training.examples import Examples
from flowercore.training.head import Epoch, initial_head, train_head

_PHOTOS = 96  # of noise: how long a network takes does not depend on what it sees
_CLASSES = 5
_EPOCHS = 3  # the first one includes building the graph
_PLACES = 6


def measure(arguments: dict[str, Any], reporter: TaskReporter) -> dict[str, Any]:
    """Train the head alone, and the network from a few blocks on, for a few seconds each.

    Args:
        arguments: ``backbone``, a name in the registry.
        reporter: Hears how far it is.

    Returns:
        At how many places it was measured.

    Raises:
        FlowercoreError: If it cannot be done.
    """
    backbone = registry.get(str(arguments["backbone"]))
    reporter.step("Getting the network ready")
    runtime.prepare(backbone.name, check=reporter.check)
    places = timing.places(backbone, _PLACES)
    count = reporter.counter("Measuring how long training takes")
    count(0, len(places) + 2)
    seconds = {timing.LOOK: _look(backbone)}
    count(1, len(places) + 2)
    seconds[timing.HEAD] = _head(backbone)
    count(2, len(places) + 2)
    slowest = 0.0
    for done, block in enumerate(reversed(places), start=3):
        # From an earlier block on there is more to do: where a clock says less, it was disturbed.
        slowest = max(slowest, _tail(backbone, block, reporter))
        seconds[block] = slowest
        count(done, len(places) + 2)
    reporter.check()
    timing.write(backbone, seconds)
    return {"places": len(seconds)}


def _look(backbone: Backbone) -> float:
    """Return seconds a photo for the frozen network, as many side by side as there are threads."""
    extractor = runtime.extractor(backbone.name)
    photo = _noise((backbone.input_size, backbone.input_size, 3))
    with ThreadPoolExecutor(extractor.threads) as pool:
        for _ in range(2):  # interpreters are made in the first round
            began = perf_counter()
            list(pool.map(extractor.one, [photo] * _PHOTOS))
            seconds = perf_counter() - began
    return seconds / _PHOTOS


def _head(backbone: Backbone) -> float:
    """Return seconds a photo and epoch for the head alone."""
    labels = np.arange(4 * _PHOTOS) % _CLASSES
    features = _noise((len(labels), backbone.feature_dim))
    found: list[Epoch] = []
    none = np.empty((0, backbone.feature_dim), np.float32), np.empty(0, np.int64)
    config = TrainConfig(data="", epochs=9)
    train_head(features, labels, none, _CLASSES, config, _into(found))
    return median(one.seconds for one in found) / len(labels)


def _tail(backbone: Backbone, block: str, reporter: TaskReporter) -> float:
    """Return seconds a photo and epoch for the network from a block on and the head."""
    from flowercore.backbones import surgery
    from flowercore.training import tail as tails

    _, tail = surgery.cut(backbone, block)
    labels = np.arange(_PHOTOS) % _CLASSES
    rows = np.arange(_PHOTOS)
    nobody = np.empty(0, np.int64)
    activations = _noise((_PHOTOS, 1, *tail.input_shape[1:]))
    examples = Examples(activations, labels, rows, nobody, (0,))
    head = initial_head(backbone.feature_dim, _CLASSES, np.random.default_rng(0))
    config = replace(TrainConfig(data=""), fine_tune_from=block, fine_tune_epochs=_EPOCHS)
    found: list[Epoch] = []

    def on_batch(*_: int) -> bool:
        reporter.check()
        return True

    tails.train_tail(tail, head, examples, config, _into(found), on_batch)
    import keras

    keras.backend.clear_session()
    return min(one.seconds for one in found) / _PHOTOS


def _into(found: list[Epoch]) -> Callable[[Epoch], bool]:
    def keep(epoch: Epoch) -> bool:
        found.append(epoch)
        return True

    return keep


def _noise(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(0).random(shape, np.float32)
