"""What an exported model's card says, as plain values: ``card.json``."""

from __future__ import annotations

from importlib import metadata
from typing import Any

from flowercore.backbones import registry
from flowercore.backbones.facts import DownloadedWeights, PackagedWeights, Weights
from flowercore.data import catalog
from flowercore.errors import StorageError
from flowercore.evaluation.metrics import Evaluation, largest_confusions
from flowercore.export.limits import limits
from flowercore.export.parity import Parity
from flowercore.runs import results
from flowercore.runs.store import Run
from flowercore.training.config import TrainConfig

CONFUSIONS = 5
# They name the data's place, the run among others, or decide nothing about the model.
_NOT_SETTINGS = ("data", "name", "recipe", "experiment", "tensorboard")
_PACKAGES = ("keras", "tensorflow", "tensorflow-cpu", "ai-edge-litert")


def collect(run: Run, parity: Parity, files: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Gather what is known of a run and of its exported models.

    Args:
        run: A run that has ended with a head.
        parity: What trying the models came to.
        files: Size and hash by file name.

    Returns:
        Values for JSON. Nothing in it names a folder of this machine or who started the run.

    Raises:
        StorageError: If a file of the run is damaged.
    """
    config = TrainConfig.from_dict(run.config)
    backbone = registry.get(config.backbone)
    painted = run.dataset["origin"] == catalog.GARDEN_ORIGIN
    verdict = _results(run)
    # A run that was stopped early has settings for fine-tuning and was not fine-tuned.
    block = config.fine_tune_from if results.tail(run.id) else ""
    tail = backbone.block(block).trainable if block else 0
    beside = results.frozen_beside(run)  # what was trained is a copy then, with its own head
    covariance = results.covariance(run)
    features = backbone.head_features(beside=beside, covariance=covariance)
    head = (features + 1 + beside) * len(run.classes)
    return {
        "title": run.title,
        "note": run.note,
        "run": run.id,
        "status": run.status,
        "reason": run.reason,
        "finished": run.finished,
        "classes": list(run.classes),
        "input": {
            "size": backbone.input_size,
            "values": "0 to 255, red, green, blue",
            "squeezed": config.preprocessing == "notebook",
        },
        "data": {
            "name": run.dataset["name"],
            "origin": run.dataset["origin"],
            "painted": painted,
            "identity": run.dataset["identity"],
            "counts": run.dataset["counts"],
            "split": {**run.counts, "identity": run.split_identity},
            "left_out": len(run.skipped),
        },
        "settings": {k: v for k, v in config.to_dict().items() if k not in _NOT_SETTINGS},
        "recipe": config.recipe,
        "epochs_done": len(results.history(run.id)),
        "notes": run.notes,
        "results": verdict,
        "limits": limits(run, painted=painted, tested=verdict is not None),
        "backbone": {
            "name": backbone.name,
            "title": backbone.title,
            "source": backbone.source,
            "weights": _origin(backbone.weights),
            "licence": backbone.licence,
            "fine_tuned_from": block,
            "pretrained_beside": beside,
            "covariance": covariance,
        },
        "model": {
            "trainable": head + tail,
            "frozen": backbone.parameters - (0 if beside else tail),
            "standardisation": run.model.get("standardisation"),
            "with_mirror_image": config.flip_average,
        },
        "parity": parity.to_dict(),
        "files": files,
        "versions": {"trained_with": run.versions, "exported_with": _versions()},
    }


def _results(run: Run) -> dict[str, Any] | None:
    metrics = results.metrics(run.id)
    if not metrics:
        return None
    try:
        confusions = largest_confusions(Evaluation.from_dict(metrics), CONFUSIONS)
    except (KeyError, TypeError, ValueError) as error:
        raise StorageError(
            "The run's file metrics.json cannot be used: it was edited. Train again; other runs "
            "are not affected."
        ) from error
    named = [{"true": true, "predicted": said, "photos": n} for true, said, n in confusions]
    return {**metrics, "largest_confusions": named}


def _origin(weights: Weights) -> dict[str, Any]:
    if isinstance(weights, PackagedWeights):
        return {"from": f"the Python package {weights.requirement}", "hash": weights.hash}
    if isinstance(weights, DownloadedWeights):
        return {"from": weights.url, "hash": weights.hash}
    return {"from": f"chance, seed {weights.seed}", "hash": None}


def _versions() -> dict[str, str]:
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:  # only one of TensorFlow's two builds is installed
            continue
    return found
