"""What fine-tuned models say of photos that they have not learned from. Imports Keras."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from flowercore.backbones import registry, runtime, surgery
from flowercore.data.dataset import Dataset
from flowercore.data.split import deal_folds
from flowercore.jobs.task_work import TaskReporter
from flowercore.runs import results
from flowercore.runs.store import Run
from flowercore.training import frozen_end
from flowercore.training import tail as tails
from flowercore.training.activations import boundary_activations
from flowercore.training.config import TrainConfig
from flowercore.training.examples import Examples
from flowercore.training.head import Epoch, Head, initial_head, train_head
from flowercore.training.inputs import inputs
from flowercore.training.out_of_fold import Pool, mean_probabilities
from flowercore.training.stopping import epochs_kept

if TYPE_CHECKING:
    import keras

# Photos in one forward pass.
_FORWARD = 32


def out_of_fold(
    run: Run,
    config: TrainConfig,
    dataset: Dataset,
    pool: Pool,
    folds: int,
    reporter: TaskReporter,
) -> np.ndarray:
    """Fine-tune without each fold in turn and ask the model about that fold.

    Args:
        run: The run.
        config: Its settings.
        dataset: Its training and validation photos, N of them.
        pool: The same as vectors of the frozen backbone, plain.
        folds: How many.
        reporter: Hears how far it is.

    Returns:
        float64, shape (N, C): probabilities of each photo, averaged over its views.

    Raises:
        CancelledError: If somebody asked the task to stop.
    """
    import keras

    needed = inputs(config, augment=True)
    block = registry.get(config.backbone).block(config.fine_tune_from)
    if block.boundary is not None:
        runtime.prepare(config.backbone, block.name)
    activations = boundary_activations(
        dataset,
        dataset.photos,
        config.backbone,
        block.name,
        needed.views,
        progress=reporter.counter("Computing what stays frozen"),
        check=reporter.check,
    )
    epochs = epochs_kept(results.history(run.id), "tail", config)
    settings = replace(config, early_stopping=0)
    fold_of = deal_folds(pool.labels, pool.groups, folds, seed=config.seed)
    found = np.zeros((len(pool.labels), len(run.classes)))
    for fold in range(folds):
        held = np.flatnonzero(fold_of == fold)
        rest = np.flatnonzero(fold_of != fold)
        step = f"Fine-tuning without some photos, {fold + 1} of {folds}"
        reporter.step(step, 0, epochs)
        head = _head(run, settings, pool, rest, held, reporter)
        _, tail = surgery.cut(registry.get(config.backbone), block.name)
        examples = Examples(activations, pool.labels, rest, held, needed.learned)
        done = 0

        def on_epoch(epoch: Epoch, step: str = step) -> bool:
            nonlocal done
            done = epoch.epoch
            reporter.step(step, done, epochs)
            return done < epochs

        def on_batch(*_: int) -> bool:
            reporter.check()
            return True

        frozen = frozen_end.learn(head, examples, needed.judged, config, check=reporter.check)
        tuned = tails.train_tail(tail, head, examples, settings, on_epoch, on_batch, frozen) or head
        end, tuned = tails.kept_end(tail, tuned, frozen)
        found[held] = mean_probabilities(tuned, _features(end, activations, held, needed.judged))
        # Each fold builds networks of its own, which Keras would otherwise keep.
        keras.backend.clear_session()
    return found


def _head(
    run: Run,
    config: TrainConfig,
    pool: Pool,
    rest: np.ndarray,
    held: np.ndarray,
    reporter: TaskReporter,
) -> Head:
    classes = len(run.classes)
    if config.from_scratch:
        rng = np.random.default_rng(config.seed)
        return initial_head(pool.judged.shape[2], classes, rng)
    epochs = epochs_kept(results.history(run.id), "head", config)

    def on_epoch(epoch: Epoch) -> bool:
        reporter.check()
        return epoch.epoch < epochs

    plain = pool.judged[:, 0]
    watched = plain[held], pool.labels[held]
    return train_head(plain[rest], pool.labels[rest], watched, classes, config, on_epoch)


def _features(
    end: keras.Model, activations: np.ndarray, rows: np.ndarray, views: tuple[int, ...]
) -> np.ndarray:
    found = []
    for start in range(0, len(rows), _FORWARD):
        part = rows[start : start + _FORWARD]
        each = [
            end(activations[part, view].astype(np.float32), training=False).numpy().mean((1, 2))
            for view in views
        ]
        found.append(np.stack(each, axis=1))
    return np.concatenate(found)
