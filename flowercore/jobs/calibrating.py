"""Finding the temperature at which a run's probabilities can be trusted.

It is fitted on what models say of training and validation photos that they have not learned from:
the photos of one validation split are too few, and the test photos must stay unseen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from flowercore.backbones import registry, runtime
from flowercore.backbones.standardisation import Standardisation
from flowercore.data import catalog
from flowercore.data.dataset import Dataset
from flowercore.errors import ConfigError, JobError, NotFoundError
from flowercore.evaluation.calibration import Calibration, fit_temperature
from flowercore.jobs.task_work import TaskReporter
from flowercore.runs import results, store
from flowercore.runs.store import Run
from flowercore.training.config import TrainConfig
from flowercore.training.features import dataset_features
from flowercore.training.inputs import inputs
from flowercore.training.out_of_fold import Pool, folds_for, least_different, out_of_fold
from flowercore.training.stopping import epochs_kept
from flowercore.training.twin_groups import twin_groups

_EXPERIMENT = (
    "In this run the backbone's BatchNorm statistics were allowed to change, to see what that "
    "does. It is there to be looked at, and its probabilities are left as they are."
)
_TAIL_FOLDS = 5
"""A fine-tuning takes minutes: as many as the usual cross-validation has."""

Progress = Callable[[int, int], None]
Check = Callable[[], None]


def of_head(
    run_id: str,
    pool: Pool,
    classes: int,
    config: TrainConfig,
    epochs: int,
    *,
    progress: Progress | None = None,
    check: Check | None = None,
) -> Calibration:
    """Calibrate a run whose head alone was trained, and write it down.

    Args:
        run_id: The run.
        pool: Its training and validation photos.
        classes: Number of classes.
        config: Its settings.
        epochs: Epochs that its head kept.
        progress: Called with (epochs trained, epochs in all).
        check: Called after each epoch; raises to stop.
    """
    folds = folds_for(pool, config.validation_split)
    if not folds:
        return _write(run_id, Calibration(reason=_too_few(pool)))
    found = out_of_fold(
        pool, classes, config, epochs=epochs, folds=folds, progress=progress, check=check
    )
    return _write(run_id, Calibration.of(fit_temperature(pool.labels, found), folds))


def calibrate(arguments: dict[str, Any], reporter: TaskReporter) -> dict[str, Any]:
    """Calibrate a run that was not when it was trained, as a task of a worker.

    Args:
        arguments: ``run``, the id of a run with a trained head.
        reporter: Hears how far it is.

    Returns:
        The calibration as JSON values.

    Raises:
        FlowercoreError: If it cannot be done.
    """
    run = store.get(str(arguments["run"]))
    if run.active:
        raise JobError(
            f"A run is calibrated when it has ended. Received: one that is {run.status}."
        )
    config = TrainConfig.from_dict(run.config)
    if config.batch_norm != "inference":
        return asdict(leave_out(run.id))
    dataset, pool = pool_of(run, reporter)
    if results.compiled_tail(run.id) is None:
        found = of_head(
            run.id,
            pool,
            len(run.classes),
            config,
            epochs_kept(results.history(run.id), "head", config),
            progress=reporter.counter("Training without some photos"),
            check=reporter.check,
        )
        return asdict(found)
    folds = tail_folds(pool)
    if not folds:
        return asdict(_write(run.id, Calibration(reason=_too_few(pool))))
    from flowercore.jobs import calibrating_tail

    probabilities = calibrating_tail.out_of_fold(run, config, dataset, pool, folds, reporter)
    fit = fit_temperature(pool.labels, probabilities)
    return asdict(_write(run.id, Calibration.of(fit, folds)))


def leave_out(run_id: str) -> Calibration:
    """Write down that a run is not calibrated: its BatchNormalization changed, for an experiment.

    Heads for it would have to learn anew, in training mode, once for each fold.
    """
    return _write(run_id, Calibration(reason=_EXPERIMENT))


def pool_of(run: Run, reporter: TaskReporter) -> tuple[Dataset, Pool]:
    """Return the training and validation photos of a run, and the same as vectors.

    Args:
        run: A run that has ended with predictions.
        reporter: Hears how far it is.

    Raises:
        FlowercoreError: If they are gone, or cannot be read.
    """
    reporter.step("Reading the list of photos")
    dataset, labels = _pool_photos(run)
    groups = _groups(dataset, reporter)
    config = TrainConfig.from_dict(run.config)
    return dataset, _vectors(run, config, dataset, labels, groups, reporter)


def tail_folds(pool: Pool) -> int:
    """Return how often a fine-tuning is repeated without some of its photos; 0 for not at all."""
    return min(_TAIL_FOLDS, folds_for(pool, 0))


def _write(run_id: str, found: Calibration) -> Calibration:
    results.write_calibration(run_id, asdict(found))
    return found


def _too_few(pool: Pool) -> str:
    return (
        "It takes at least 3 different photos of each class to learn from. Received: a class of "
        f"{least_different(pool.labels, pool.groups)}."
    )


def _pool_photos(run: Run) -> tuple[Dataset, np.ndarray]:
    """Return the photos of training and validation that are still there, and their classes."""
    table = results.predictions(run.id)
    table = table[table["split"] != "test"]
    dataset = catalog.load(run.config["data"], mended=False)
    there = {(photo.key, photo.sha256): photo for photo in dataset.photos}
    who = list(zip(table["key"], table["sha256"], strict=True))
    rows = [row for row, one in enumerate(who) if one in there]
    if len(rows) < 0.9 * len(who):
        raise NotFoundError(
            "A run is calibrated on the photos that it learned from. Received: a dataset in which "
            f"{len(who) - len(rows):,} of {len(who):,} of them are gone or changed. Train again."
        )
    numbers = {name: number for number, name in enumerate(run.classes)}
    labels = np.array([numbers[table["label"].iloc[row]] for row in rows], np.int64)
    return replace(dataset, photos=tuple(there[who[row]] for row in rows)), labels


def _groups(dataset: Dataset, reporter: TaskReporter) -> np.ndarray:
    twins = twin_groups(
        dataset, progress=reporter.counter("Looking for twins"), check=reporter.check
    )
    names = [twins.get(photo.sha256, photo.sha256) for photo in dataset.photos]
    return np.unique(names, return_inverse=True)[1]


def _vectors(
    run: Run,
    config: TrainConfig,
    dataset: Dataset,
    labels: np.ndarray,
    groups: np.ndarray,
    reporter: TaskReporter,
) -> Pool:
    needed = inputs(config, augment=not config.fine_tune_from)
    values = run.model.get("standardisation")
    runtime.prepare(registry.get(config.backbone).name)
    features = dataset_features(
        dataset,
        config.backbone,
        needed.views,
        standardisation=Standardisation(**values) if values else None,
        progress=reporter.counter("Looking at the photos"),
        check=reporter.check,
    )
    if len(features.photos) < len(dataset.photos):
        raise ConfigError(
            "A run is calibrated on the photos that it learned from. Received: "
            f"{features.skipped[0].reason}"
        )
    return Pool(
        needed.to_learn(features.vectors),
        needed.to_judge(features.vectors),
        labels,
        groups,
    )
