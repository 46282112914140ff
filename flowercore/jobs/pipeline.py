"""One training from photos to verdict, as a row of steps that report to the run folder."""

from __future__ import annotations

from dataclasses import asdict
from importlib import metadata
from time import perf_counter

import numpy as np
import pandas as pd

from flowercore.backbones import runtime
from flowercore.data import catalog
from flowercore.data.dataset import Dataset
from flowercore.errors import CancelledError, FlowercoreError
from flowercore.evaluation.metrics import evaluate
from flowercore.files import require_free_space
from flowercore.runs import results, store
from flowercore.runs.store import Run
from flowercore.training.config import TrainConfig
from flowercore.training.features import dataset_features
from flowercore.training.head import Epoch, Head, train_head
from flowercore.training.plan import Plan, make_plan

# A page looks twice a second; writing oftener costs more than the epochs of a head.
_REPORT_SECONDS = 0.2
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
    began = perf_counter()
    config = TrainConfig.from_dict(run.config)
    config.validate()
    require_free_space()
    runtime.prepare(config.backbone)
    dataset = catalog.load(config.data)
    run = store.update(run, dataset=_described(dataset), versions=versions())
    reporter = _Reporter(run.id, config.epochs)

    features_began = perf_counter()
    features = dataset_features(
        dataset, config.backbone, progress=reporter.photos, check=reporter.check
    )
    features_seconds = perf_counter() - features_began
    plan = make_plan(dataset, features.photos, config)
    rows = {photo.key: row for row, photo in enumerate(features.photos)}
    vectors = features.vectors[[rows[photo.key] for photo in plan.photos]]
    run = store.update(
        run,
        status="training",
        counts=plan.counts(),
        split_identity=plan.identity(),
        skipped=[asdict(s) for s in (*dataset.skipped, *features.skipped, *plan.skipped)],
        notes=_notes(plan, config),
    )
    reporter.check()

    training_began = perf_counter()
    split = plan.split
    head = train_head(
        vectors[split.train],
        plan.labels[split.train],
        (vectors[split.validation], plan.labels[split.validation]),
        len(dataset.classes),
        config,
        reporter.epoch,
    )
    training_seconds = perf_counter() - training_began
    reporter.flush()
    results.write_head(run.id, {"kernel": head.kernel, "bias": head.bias})
    _write_verdict(run.id, dataset, plan, head, vectors)
    seconds = {
        "features": features_seconds,
        "training": training_seconds,
        "total": perf_counter() - began,
    }
    stopped = reporter.stopped
    return store.update(
        run,
        status="stopped" if stopped else "finished",
        reason=f"Stopped after epoch {len(reporter.history)} of {config.epochs}."
        if stopped
        else None,
        finished=store.now(),
        seconds=seconds,
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


def _notes(plan: Plan, config: TrainConfig) -> list[str]:
    count = len(plan.split.train)
    if config.batch_size <= count:
        return []
    return [
        f"The batch size, {config.batch_size}, is larger than the {count} training photos: "
        "each epoch is a single step."
    ]


def _write_verdict(
    run_id: str, dataset: Dataset, plan: Plan, head: Head, vectors: np.ndarray
) -> None:
    probabilities = head.probabilities(vectors)
    parts = np.empty(len(plan.photos), object)
    parts[plan.split.train] = "train"
    parts[plan.split.validation] = "validation"
    parts[plan.split.test] = "test"
    table = pd.DataFrame(
        {
            "key": [photo.key for photo in plan.photos],
            "sha256": [photo.sha256 for photo in plan.photos],
            "split": parts,
            "label": [photo.label for photo in plan.photos],
            "predicted": [dataset.classes[i] for i in probabilities.argmax(axis=1)],
            **{f"p_{name}": probabilities[:, i] for i, name in enumerate(dataset.classes)},
        }
    )
    results.write_predictions(run_id, table)
    test = plan.split.test
    if len(test):
        verdict = evaluate(plan.labels[test], probabilities[test], dataset.classes)
        results.write_metrics(run_id, verdict.to_dict())


class _Reporter:
    """Writes how far a run is and listens for the wish to stop."""

    def __init__(self, run_id: str, epochs: int) -> None:
        self._run_id = run_id
        self._epochs = epochs
        self._written = float("-inf")
        self.history: list[dict[str, object]] = []
        self.stopped = False

    def photos(self, done: int, total: int) -> None:
        if done == total or self._due():
            results.write_progress(self._run_id, {"done": done, "total": total})
            self._written = perf_counter()

    def check(self) -> None:
        if store.cancel_requested(self._run_id):
            raise CancelledError("Stopped before the first epoch.")

    def epoch(self, epoch: Epoch) -> bool:
        self.history.append(asdict(epoch))
        if not np.isfinite(epoch.loss):
            self.flush()
            raise FlowercoreError(
                f"The loss is no longer a number after epoch {epoch.epoch}: training diverged. "
                "Choose a lower learning rate."
            )
        if self._due():
            self._write(durable=False)
            if store.cancel_requested(self._run_id) and epoch.epoch < self._epochs:
                self.stopped = True
        return not self.stopped

    def flush(self) -> None:
        self._write(durable=True)

    def _due(self) -> bool:
        return perf_counter() - self._written >= _REPORT_SECONDS

    def _write(self, *, durable: bool) -> None:
        results.write_history(self._run_id, self.history, durable=durable)
        results.write_progress(self._run_id, {"epoch": len(self.history), "epochs": self._epochs})
        self._written = perf_counter()
