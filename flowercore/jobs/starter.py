"""Making the model that is there on first start, from photos that are not part of the project."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save as save_tensors

from flowercore.backbones import registry, runtime
from flowercore.data import views
from flowercore.data.dataset import Dataset
from flowercore.data.names import shown
from flowercore.data.photo import read_photo_bytes
from flowercore.data.split import deal_folds
from flowercore.errors import ConfigError, DatasetError, JobError
from flowercore.evaluation.calibration import Calibration, fit_temperature, scaled
from flowercore.evaluation.intervals import wilson_interval
from flowercore.evaluation.metrics import evaluate
from flowercore.evaluation.ranking import ranking
from flowercore.export.starter_card import starter_card
from flowercore.files import write_bytes, write_json
from flowercore.jobs import calibrating, calibrating_tail, tasks, worker
from flowercore.jobs.task_work import TaskReporter
from flowercore.prediction.novelty import novelty
from flowercore.runs import holder, results
from flowercore.runs.starter import CARD
from flowercore.runs.store import Run
from flowercore.training import recipes
from flowercore.training.config import TrainConfig
from flowercore.training.features import dataset_features
from flowercore.training.out_of_fold import LEAST_FOLDS, Pool

NAME = "Flower Lab's starter"
SEED = 42
_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
_DIGITS = 6

Say = Callable[[str], None]


@dataclass(frozen=True)
class Built:
    """What was made.

    Attributes:
        accuracy: Of 5-fold cross-validation.
        accuracy_interval: 95 % interval of it.
        novelty: How well flowers are told from other things; empty without such photos.
        files: Bytes by file name.
    """

    accuracy: float
    accuracy_interval: tuple[float, float]
    novelty: dict[str, float]
    files: dict[str, int]


def build(photos: Path, others: Path | None, folder: Path, say: Say) -> Built:
    """Train the starter model and write it: the same photos give the same bytes on one machine.

    Args:
        photos: A folder of class folders; nothing of it is written.
        others: A folder of photos of other things, to measure how many of them are refused; they
            teach nothing. None to leave that out.
        folder: Where to write, such as ``flowercore/starter``.
        say: Called now and then with a line about how far it is.

    Raises:
        FlowercoreError: If it cannot be done.
    """
    _make(folder)
    _deterministic()
    config = replace(
        recipes.fine_tune(TrainConfig(data=str(photos), seed=SEED)),
        name=NAME,
        test_split=0.0,
        validation_split=0.0,
    )
    run = worker.train_now(config, say)
    if run.status != "finished":
        raise JobError(run.reason or "The training did not finish.")
    name = holder.new_name()
    with holder.held(name):
        task = tasks.new("calibrate", {"run": run.id}, visitor="", held_by=name)
        reporter = TaskReporter(task)
        dataset, pool = calibrating.pool_of(run, reporter)
        folds = calibrating.tail_folds(pool)
        if not folds:
            raise DatasetError(
                "The starter is judged by cross-validation: each class needs at least "
                f"{LEAST_FOLDS} different photos. Add some to the smallest class."
            )
        say(f"Fine-tuning {folds} more times, each without some photos")
        judged = calibrating_tail.out_of_fold(run, config, dataset, pool, folds, reporter)
    say("Writing")
    calibration = Calibration.of(fit_temperature(pool.labels, judged), folds)
    honest = scaled(judged, calibration.temperature)
    verdict = evaluate(pool.labels, honest, run.classes)
    strange = _write_novelty(dataset, pool, others, folder)
    described = _description(run, config, dataset)
    facts = (_rounded(asdict(calibration)), _rounded(strange))
    metrics = _rounded({**verdict.to_dict(), "folds": folds})
    for name, value in zip(
        ("run", "metrics", "calibration", "novelty"), (described, metrics, *facts), strict=True
    ):
        write_json(folder / f"{name}.json", value)
    card = starter_card(described, metrics, *facts)
    write_bytes(folder / CARD, card.encode())
    tail = results.tail(run.id)
    if tail is None:
        raise JobError("The starter is fine-tuned. Received: a run that trained its head alone.")
    # Half precision: no class of 500 photos changes with it, and half the download is saved.
    write_bytes(folder / "tail.safetensors", save_tensors(_halves(tail)))
    head = results.head(run.id)
    weights = {name: head.pop(name) for name in ("kernel", "bias")}
    write_bytes(folder / "head.safetensors", save_tensors({**_halves(head), **weights}))
    sizes = {path.name: path.stat().st_size for path in sorted(folder.iterdir()) if path.is_file()}
    return Built(verdict.accuracy, verdict.accuracy_interval, strange, sizes)


def _halves(tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: value.astype(np.float16) for name, value in sorted(tensors.items())}


def _make(folder: Path) -> None:
    # Before a quarter of an hour's work, and not after it.
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except OSError as error:
        raise ConfigError(
            "The starter is written into a folder. Received: "
            f"'{shown(folder.name)}': {(error.strerror or 'refused').lower()}."
        ) from error
    if not writable:
        raise ConfigError(
            f"The starter's folder must allow writing. Received: '{shown(folder.name)}'."
        )


def _deterministic() -> None:
    import tensorflow as tf

    # Sums in whatever order threads come are not the same bytes twice.
    tf.config.experimental.enable_op_determinism()
    os.environ.setdefault("TF_DETERMINISTIC_OPS", "1")


def _description(run: Run, config: TrainConfig, dataset: Dataset) -> dict[str, Any]:
    """Return ``run.json`` without moments, machines and folders."""
    settings = config.to_dict() | {"data": "flower_photos_500"}
    return {
        "id": "starter",
        "status": "finished",
        "config": settings,
        "dataset": {
            "name": "500 photos of flower_photos",
            "origin": "500 photos of TensorFlow's flower_photos, 100 of each class",
            "identity": run.dataset["identity"],
            "classes": list(run.classes),
            "counts": dataset.counts(),
        },
        "counts": {"train": len(dataset.photos), "validation": 0, "test": 0},
        "model": run.model,
        "versions": {name: text for name, text in run.versions.items() if name != "streamlit"},
        "name": NAME,
    }


def _write_novelty(
    dataset: Dataset, pool: Pool, others: Path | None, folder: Path
) -> dict[str, float]:
    features = dataset_features(dataset, registry.DEFAULT).vectors[:, 0]
    known = novelty(features)
    if known is None:
        raise JobError("Too few photos to tell what is like them.")
    write_bytes(folder / "novelty.safetensors", save_tensors(known.tensors()))
    if others is None:
        return {}
    strangers = _features_of(others)
    fold_of = deal_folds(pool.labels, pool.groups, 5, seed=SEED)
    own, foreign, refused, accepted = [], [], 0, []
    for fold in range(5):
        part = novelty(features[fold_of != fold])
        assert part is not None
        mine, theirs = part.scores(features[fold_of == fold]), part.scores(strangers)
        own.append(mine - part.threshold)
        foreign.append(theirs - part.threshold)
        refused += int((mine > part.threshold).sum())
        accepted.append(float((theirs <= part.threshold).mean()))
    scores = np.concatenate([*own, *foreign])
    belongs = np.arange(len(scores)) >= len(features)
    curve = ranking(belongs, scores)
    assert curve is not None
    low, high = wilson_interval(round(np.mean(accepted) * len(strangers)), len(strangers))
    return {
        "photos": len(features),
        "others": len(strangers),
        "refused": refused / len(features),
        "accepted": float(np.mean(accepted)),
        "accepted_low": low,
        "accepted_high": high,
        "auroc": curve.roc.area,
    }


def _features_of(folder: Path) -> np.ndarray:
    backbone = registry.get(registry.DEFAULT)
    extractor = runtime.extractor(backbone.name)
    found = [
        extractor.one(
            views.pixels(
                read_photo_bytes(path), [views.PLAIN], name=path.name, size=backbone.input_size
            )[0]
        )
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in _SUFFIXES
    ]
    if not found:
        raise JobError(f"There must be photos of other things. Received: {folder.name}, with none.")
    return np.array(found)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, _DIGITS)
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list | tuple) else value
