"""The commands that make a model and take it home. Each returns what ``--json`` prints."""

from __future__ import annotations

import secrets
import sys
from argparse import Namespace
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from flowercore.backbones import registry, runtime, weights
from flowercore.data import catalog
from flowercore.data.dataset import Dataset
from flowercore.errors import ConfigError, FlowercoreError, NotFoundError
from flowercore.evaluation import compare as comparison
from flowercore.jobs import mending, starter_setup, worker
from flowercore.jobs.garden_beside import painted_beside
from flowercore.runs import results, starter, store
from flowercore.runs.store import Run
from flowercore.settings import settings
from flowercore.terminal import Progress
from flowercore.training import plan, recipes
from flowercore.training.config import TrainConfig


def prepare(arguments: Namespace) -> dict[str, Any]:
    """Compile a backbone; without a wish, the default one, and paint the garden if it is wanted."""
    if arguments.backbone is not None:
        _prepare_backbone(arguments.backbone)
        return {"backbone": arguments.backbone}
    with painted_beside():
        _prepare_backbone(registry.DEFAULT)
        if starter.packaged() and not starter.available():
            with Progress("Setting up the starter model"):
                starter_setup.set_up()
        made = {"backbone": registry.DEFAULT, "starter": starter.available()}
        if not settings().garden:
            return made
        dataset = _garden()
    return made | {"dataset": dataset.name, "photos": len(dataset.photos)}


def starter_(arguments: Namespace) -> dict[str, Any]:
    """Make the starter model anew from photos that are at hand."""
    # It brings in TensorFlow, for which no other command should wait.
    from flowercore.jobs.starter import build

    others = None if arguments.others is None else Path(arguments.others)
    with Progress("Making the starter model") as progress:
        made = build(Path(arguments.data), others, Path(arguments.output), progress.line)
    return asdict(made)


def backbones(arguments: Namespace) -> list[dict[str, Any]]:
    """List the networks that can be trained, and their blocks."""
    return [
        {
            "name": backbone.name,
            "title": backbone.title,
            "parameters": backbone.parameters,
            "input_size": backbone.input_size,
            "missing": weights.missing(backbone),
            "blocks": {block.name: block.trainable for block in backbone.blocks},
        }
        for backbone in map(registry.get, registry.names())
    ]


def _prepare_backbone(name: str) -> None:
    if not runtime.ready(name):
        with Progress(f"Compiling {registry.get(name).title} for this machine") as progress:
            runtime.prepare(name, progress=progress.count)


def _garden() -> Dataset:
    if any(entry.name == catalog.GARDEN for entry in catalog.entries()):
        return catalog.load(catalog.GARDEN)
    with Progress("Painting the sample garden") as progress:
        return catalog.ensure_garden(progress.count)


def train(arguments: Namespace) -> dict[str, Any]:
    """Train in this process, once or as often as a recipe says, and report what came out."""
    configs = _configs(arguments)
    for config in configs:
        config.validate()
    if arguments.data == catalog.GARDEN:
        _garden()
    for config in configs:
        plan.check(config)
    runs = [_trained(config) for config in configs]
    reports = [_report(run) for run in runs]
    if arguments.recipe is None:
        return reports[0]
    first = runs[0].id
    return {
        **reports[0],
        "recipe": arguments.recipe,
        "runs": reports,
        "comparisons": [_compared(first, run.id) for run in runs[1:]],
    }


def retrain(arguments: Namespace) -> dict[str, Any]:
    """Train as a run did on the photos as they are now; say on the same test what that changed."""
    config = mending.retraining(arguments.run, arguments.data)
    plan.check(config)
    run = _trained(config)
    return {**_report(run), "comparison": _compared(arguments.run, run.id)}


def _configs(arguments: Namespace) -> list[TrainConfig]:
    given = {
        field.name: getattr(arguments, field.name)
        for field in fields(TrainConfig)
        if getattr(arguments, field.name, None) is not None
    }
    if "augmentations" in given:
        given["augmentations"] = tuple(filter(None, given["augmentations"].split(",")))
    if arguments.recipe is None:
        return [TrainConfig(**given)]
    configs = recipes.recipe(given.pop("recipe"), given.pop("data"), seed=given.pop("seed", 42))
    if len(configs) > 1:
        if "backbone" in given or "name" in given:
            raise ConfigError(
                "A recipe of several trainings has backbones and names of its own. Received: "
                "--backbone or --name as well. Leave them out."
            )
        given["experiment"] = secrets.token_hex(4)
    return [replace(config, **given) for config in configs]


def _trained(config: TrainConfig) -> Run:
    _prepare_backbone(config.backbone)
    with Progress(f"Training {config.name}".rstrip()) as progress:
        run = worker.train_now(config, progress.line)
    for skipped in run.skipped:
        print(f"left out: {skipped['name']}: {skipped['reason']}", file=sys.stderr)
    for note in run.notes:
        print(note, file=sys.stderr)
    if run.status == "failed":
        raise FlowercoreError(run.reason or "The training failed.")
    return run


def _report(run: Run) -> dict[str, Any]:
    history = results.history(run.id)
    verdict = results.metrics(run.id)
    columns = ("accuracy", "loss", "val_accuracy", "val_loss")
    return {
        "run": run.id,
        "name": run.title,
        "status": run.status,
        "classes": list(run.classes),
        "counts": run.counts,
        "model": run.model,
        "history": {
            name: [] if history[name].isna().all() else history[name].tolist() for name in columns
        },
        "test": {
            "accuracy": verdict.get("accuracy"),
            "accuracy_interval": verdict.get("accuracy_interval"),
            "loss": verdict.get("loss"),
        },
        "seconds": run.seconds,
        "skipped": run.skipped,
        "notes": run.notes,
    }


def _compared(run_a: str, run_b: str) -> dict[str, Any]:
    try:
        return comparison.compare(run_a, run_b).to_dict()
    except NotFoundError as error:  # stopped before its test, or no test split
        return {"run_a": run_a, "run_b": run_b, "error": str(error)}


def export(arguments: Namespace) -> dict[str, Any]:
    """Write a run's models, labels, card and example into a folder."""
    from flowercore.export.bundle import export_run

    store.get(arguments.run)
    with Progress("Exporting") as progress:
        return export_run(arguments.run, Path(arguments.output), progress=progress.count).to_dict()
