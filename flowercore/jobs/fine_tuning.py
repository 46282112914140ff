"""The part of a training that needs TensorFlow: the end of a backbone learns too."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from flowercore.backbones import litert, registry, runtime
from flowercore.data.dataset import Dataset
from flowercore.errors import CancelledError
from flowercore.jobs.reporter import Reporter
from flowercore.runs import results
from flowercore.settings import settings
from flowercore.training.activations import boundary_activations
from flowercore.training.config import TrainConfig
from flowercore.training.examples import Examples
from flowercore.training.head import Head
from flowercore.training.inputs import inputs
from flowercore.training.plan import Plan

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Tuned:
    """A fine-tuned model on its photos.

    Attributes:
        head: The head that belongs to the end that judges.
        beside: What `flowercore.training.frozen_end.build` needs to build that end anew.
        features: What that end gives, float32, shape (N, V, D), for the views in which
            photos are judged.
    """

    head: Head
    beside: dict[str, np.ndarray]
    features: np.ndarray


def tune(
    run_id: str,
    dataset: Dataset,
    plan: Plan,
    head: Head,
    config: TrainConfig,
    reporter: Reporter,
) -> Tuned | None:
    """Train the end of a backbone and write it into the run's folder.

    Args:
        run_id: The run.
        dataset: Whose photos.
        plan: Which photo serves for what.
        head: Where the head starts from.
        config: Settings with a ``fine_tune_from``.
        reporter: Hears how far it is; its ``stopped`` tells whether the visitor stopped it.

    Returns:
        The model, or None if not one epoch of it was finished: the head's epochs are then kept.

    Raises:
        CancelledError: If the visitor stopped it before the first epoch of all.
        FlowercoreError: If it cannot be carried out.
    """
    try:
        return _tune(run_id, dataset, plan, head, config, reporter)
    except CancelledError:
        if not reporter.history:
            raise
        reporter.stopped = True
        return None


def _tune(
    run_id: str,
    dataset: Dataset,
    plan: Plan,
    head: Head,
    config: TrainConfig,
    reporter: Reporter,
) -> Tuned | None:
    needed = inputs(config, augment=True)
    block = registry.get(config.backbone).block(config.fine_tune_from)
    reporter.step("trunk")
    if block.boundary is not None:
        runtime.prepare(config.backbone, block.name)

    count = reporter.step("activations")
    activations = boundary_activations(
        dataset,
        plan.photos,
        config.backbone,
        block.name,
        needed.views,
        progress=count,
        check=reporter.check,
    )
    count = reporter.step("beside")
    from flowercore.backbones import surgery
    from flowercore.training import frozen_end
    from flowercore.training import tail as tails

    _, tail = surgery.cut(registry.get(config.backbone), block.name)
    reporter.check()
    examples = Examples(
        activations, plan.labels, plan.split.train, plan.split.validation, needed.learned
    )
    frozen = frozen_end.learn(
        head, examples, needed.judged, config, progress=count, check=reporter.check
    )
    count = reporter.step("tail")
    tuned = tails.train_tail(
        tail, head, examples, config, reporter.epoch, reporter.batch(count), frozen
    )
    if tuned is None:
        return None
    end, whole_head = tails.kept_end(tail, tuned, frozen)
    found = kept(
        run_id,
        tail,
        end,
        lambda row: [activations[row, view] for view in needed.judged],
        len(plan.photos),
        reporter,
    )
    return Tuned(whole_head, frozen.tensors if frozen else {}, found)


def kept(
    run_id: str,
    tail: keras.Model,
    end: keras.Model,
    shown: Callable[[int], list[np.ndarray]],
    photos: int,
    reporter: Reporter,
) -> np.ndarray:
    """Write a trained end into the run's folder, what judges with it compiled, and ask that.

    Args:
        run_id: The run.
        tail: From activations, or pixels, to the last feature map: what was trained.
        end: What judges: the same, or it and others beside it.
        shown: Returns what it takes, without a batch axis, for each view of a photo.
        photos: How many photos N.
        reporter: Hears how far it is.

    Returns:
        What it gives, float32, shape (N, V, D).
    """
    from flowercore.training import tail as tails

    count = reporter.step("judging")
    compiled = litert.compile_model(end, "activations", litert.pooled)
    results.write_tail(run_id, tails.tensors(tail), compiled)
    network = litert.Compiled(compiled, settings().threads)

    def features(row: int) -> list[np.ndarray]:
        return [network.run(values, litert.FEATURES)[0] for values in shown(row)]

    found = []
    with ThreadPoolExecutor(network.threads) as pool:
        for done, one in enumerate(pool.map(features, range(photos)), start=1):
            found.append(one)
            count(done, photos)
    return np.array(found)
