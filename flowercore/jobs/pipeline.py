"""One training from photos to verdict, as a row of steps that report to the run folder."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, replace
from importlib import metadata
from time import perf_counter

import numpy as np

from flowercore.backbones import registry, runtime
from flowercore.backbones.standardisation import Standardisation
from flowercore.data import catalog
from flowercore.data.dataset import Dataset
from flowercore.data.views import PLAIN
from flowercore.errors import CancelledError
from flowercore.files import require_free_space
from flowercore.jobs import batch_norm, calibrating, fine_tuning, judging, notebook
from flowercore.jobs.reporter import Reporter
from flowercore.jobs.tensorboard import FOLDER, Logs
from flowercore.prediction.novelty import novelty
from flowercore.runs import results, store
from flowercore.runs.store import Run
from flowercore.training.config import TrainConfig
from flowercore.training.features import Features, dataset_features
from flowercore.training.head import Head, initial_head, train_head
from flowercore.training.inputs import Inputs, inputs
from flowercore.training.out_of_fold import Pool, mean_probabilities
from flowercore.training.plan import Plan, make_plan
from flowercore.training.stopping import epochs_kept
from flowercore.training.twin_groups import twins_among

_PACKAGES = ("numpy", "pillow", "ai-edge-litert", "tensorflow", "tensorflow-cpu", "streamlit")


def versions() -> dict[str, str]:
    """Return the versions of the packages that decide a result."""
    from flowercore import __version__

    found = {"flower-lab": __version__}
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def train(run: Run) -> Run:
    """Carry a run through features, training and evaluation.

    Args:
        run: A run whose folder exists and which this process holds.

    Returns:
        The run, finished or stopped by the visitor with the epochs done so far.

    Raises:
        CancelledError: If the visitor stopped it before the first epoch.
        FlowercoreError: If it cannot be carried out.
    """
    config = TrainConfig.from_dict(run.config)
    config.validate()
    require_free_space()
    with ExitStack() as stack:
        logs = None
        if config.tensorboard:
            logs = stack.enter_context(Logs(store.folder(run.id) / FOLDER))
        return _train(run, config, logs)


def _train(run: Run, config: TrainConfig, logs: Logs | None) -> Run:
    began = perf_counter()
    dataset = catalog.load(config.data)
    run = store.update(run, dataset=_described(dataset), versions=versions())
    reporter = Reporter(run.id, config.epochs_in_all, len(dataset.classes), logs)
    reporter.check()
    runtime.prepare(config.backbone, progress=reporter.step("weights"), check=reporter.check)

    seconds: dict[str, float] = {}
    ready = _features(dataset, config, reporter)
    seconds["features"] = perf_counter() - began
    plan = ready.plan
    run = store.update(
        run,
        status="training",
        counts=plan.counts(),
        split_identity=plan.identity(),
        skipped=[asdict(s) for s in (*dataset.skipped, *ready.skipped, *plan.skipped)],
        notes=_notes(plan, config),
        model=_model(config, len(dataset.classes), ready.standardisation),
    )
    reporter.check()

    training_began = perf_counter()
    head, beside, features = _learned(run.id, dataset, ready, config, reporter)
    if not reporter.history:
        raise CancelledError("Stopped before the first epoch.")
    seconds["training"] = perf_counter() - training_began
    reporter.flush()
    results.write_head(run.id, {"kernel": head.kernel, "bias": head.bias, **beside})
    judging.write(run.id, dataset, plan, mean_probabilities(head, features))
    if config.batch_norm != "inference":
        calibrating.leave_out(run.id)
    elif results.compiled_tail(run.id) is None:
        _calibrate(run.id, ready, config, len(dataset.classes), reporter)
    _remember(run.id, dataset, ready, reporter)
    seconds["total"] = perf_counter() - began
    done = len(reporter.history)
    return store.update(
        run,
        status="stopped" if reporter.stopped else "finished",
        reason=f"Stopped after epoch {done} of {config.epochs_in_all}."
        if reporter.stopped
        else None,
        finished=store.now(),
        seconds=seconds,
    )


def _calibrate(
    run_id: str, ready: _Ready, config: TrainConfig, classes: int, reporter: Reporter
) -> None:
    split = ready.plan.split
    rows = np.concatenate([split.train, split.validation])
    groups = [ready.twins.get(photo.sha256, photo.sha256) for photo in ready.plan.photos]
    learned = ready.inputs.to_learn(ready.vectors)[rows]
    alike = ready.inputs.learned == ready.inputs.judged and learned.ndim == 2
    pool = Pool(
        learned,
        learned[:, None] if alike else ready.inputs.to_judge(ready.vectors)[rows],
        ready.plan.labels[rows],
        np.unique(groups, return_inverse=True)[1][rows],
    )
    epochs = epochs_kept(results.history(run_id), "head", config)
    progress = reporter.step("calibrating")
    # Who stops it now has a whole training: it is only not calibrated.
    with suppress(CancelledError):
        calibrating.of_head(
            run_id, pool, classes, config, epochs, progress=progress, check=reporter.check
        )


def _remember(run_id: str, dataset: Dataset, ready: _Ready, reporter: Reporter) -> None:
    """Write down what the photos are like that were learned from, to know others when they come."""
    split = ready.plan.split
    learned = np.concatenate([split.train, split.validation])
    with suppress(CancelledError):
        if ready.plain:
            vectors = ready.vectors[learned, 0]
        else:
            photos = tuple(ready.plan.photos[row] for row in learned)
            vectors = _plain(replace(dataset, photos=photos), reporter).vectors[:, 0]
        known = novelty(vectors)
        if known is not None:
            results.write_novelty(run_id, known.tensors())


@dataclass(frozen=True)
class _Ready:
    plan: Plan
    twins: dict[str, str]
    inputs: Inputs
    vectors: np.ndarray  # (N, V, D), in the order of plan.photos
    skipped: tuple
    standardisation: Standardisation | None
    plain: bool  # whether view 0 is the plain one through the default backbone


def _features(dataset: Dataset, config: TrainConfig, reporter: Reporter) -> _Ready:
    # A fine-tuned end learns from augmented views, the head before it from plain ones.
    needed = inputs(config, augment=not config.fine_tune_from)
    twins, features, standardisation = {}, None, None
    if config.split != "notebook" and not config.split_from:
        features = _plain(dataset, reporter)
        twins = twins_among(features)
    if config.preprocessing == "notebook":
        standardisation = notebook.standardisation(dataset, config, twins, reporter)
    plain = config.backbone == registry.DEFAULT and standardisation is None
    # What was read to find twins is often all that is needed.
    if features is None or not plain or needed.views != (PLAIN,):
        features = dataset_features(
            dataset,
            config.backbone,
            needed.views,
            standardisation=standardisation,
            progress=reporter.step("features"),
            check=reporter.check,
        )
    plan = make_plan(dataset, features.photos, config, twins)
    places = {photo.key: row for row, photo in enumerate(features.photos)}
    rows = [places[photo.key] for photo in plan.photos]
    whole = rows == list(range(len(features.photos)))
    vectors = features.vectors if whole else features.vectors[rows]
    plain = plain and needed.views[0] == PLAIN
    return _Ready(plan, twins, needed, vectors, features.skipped, standardisation, plain)


def _plain(dataset: Dataset, reporter: Reporter) -> Features:
    runtime.prepare(registry.DEFAULT, check=reporter.check)
    progress = reporter.step("features")
    return dataset_features(dataset, registry.DEFAULT, progress=progress, check=reporter.check)


def _learned(
    run_id: str, dataset: Dataset, ready: _Ready, config: TrainConfig, reporter: Reporter
) -> tuple[Head, dict[str, np.ndarray], np.ndarray]:
    """Train what the settings ask for.

    Returns:
        The head, what else belongs into its file, and what it is given, (N, J, D).
    """
    plan, plain = ready.plan, ready.inputs.to_judge(ready.vectors)
    if config.batch_norm != "inference":
        made = batch_norm.train(
            run_id, dataset, plan, plain, ready.standardisation, config, reporter
        )
        return made.head, {}, made.features
    head = _head(ready, config, len(dataset.classes), reporter)
    if config.fine_tune_from and not reporter.stopped:
        tuned = fine_tuning.tune(run_id, dataset, plan, head, config, reporter)
        if tuned is not None:
            return tuned.head, tuned.beside, tuned.features
    return head, {}, plain


def _head(ready: _Ready, config: TrainConfig, classes: int, reporter: Reporter) -> Head:
    dimension = ready.vectors.shape[2]
    if config.from_scratch:
        return initial_head(dimension, classes, np.random.default_rng(config.seed))
    reporter.step("head")(0, config.epochs)
    split, plain = ready.plan.split, ready.vectors[:, 0]
    return train_head(
        ready.inputs.to_learn(ready.vectors)[split.train],
        ready.plan.labels[split.train],
        (plain[split.validation], ready.plan.labels[split.validation]),
        classes,
        config,
        reporter.epoch,
    )


def _described(dataset: Dataset) -> dict[str, object]:
    return {
        "name": dataset.name,
        "origin": dataset.origin,
        "identity": dataset.identity,
        "root": str(dataset.root),
        "classes": list(dataset.classes),
        "counts": dataset.counts(),
    }


def _model(
    config: TrainConfig, classes: int, standardisation: Standardisation | None
) -> dict[str, object]:
    backbone = registry.get(config.backbone)
    tail = backbone.block(config.fine_tune_from).trainable if config.fine_tune_from else 0
    beside = config.frozen_beside and tail > 0  # what is trained is a copy then, with its own head
    heads = backbone.head_features(beside=beside, covariance=config.covariance) + 1 + beside
    return {
        "fingerprint": backbone.fingerprint,
        "trainable": tail + heads * classes,
        "frozen": backbone.parameters - (0 if beside else tail),
        "tail_from": backbone.blocks[0].name if config.batch_norm == "moving" else "",
        "standardisation": asdict(standardisation) if standardisation else None,
    }


def _notes(plan: Plan, config: TrainConfig) -> list[str]:
    notes = list(plan.notes)
    count = len(plan.split.train)
    if config.batch_size > count:
        notes.append(
            f"The batch size, {config.batch_size}, is larger than the {count} training photos: "
            "each epoch is a single step."
        )
    if config.recipe in ("notebook", "suspects") and config.backbone != "xception":
        notes.append(
            "The notebook's recipe uses Xception, whose ImageNet weights are not on this machine: "
            f"this run uses {registry.get(config.backbone).title} instead."
        )
    return notes
