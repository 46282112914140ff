"""What a run was asked to do and which of several is better, in words. Nothing here draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flowercore.backbones import registry
from flowercore.errors import FlowercoreError
from flowercore.evaluation.compare import Comparison
from flowercore.evaluation.wording import differences, trained
from flowercore.runs.store import Run
from flowercore.training.config import TrainConfig
from ui.words import data_of, many


def settings_of(run: Run) -> TrainConfig | None:
    """Return a run's settings, or None where ``run.json`` was edited into something else."""
    try:
        config = TrainConfig.from_dict(run.config)
        config.validate()
    except (FlowercoreError, TypeError, ValueError):
        return None
    return config


def summary(run: Run, config: TrainConfig | None) -> str:
    """Return a run's settings as one line; those that differ from the defaults are told as well."""
    if config is None:
        return "Its settings cannot be read."
    epochs = [] if config.from_scratch else [many(config.epochs, "epoch")]
    parts = [
        data_of(run),
        *([] if config.backbone == registry.DEFAULT else [registry.get(config.backbone).title]),
        *epochs,
        f"batch {config.batch_size}",
        f"rate {config.learning_rate:g}",
        f"seed {config.seed}",
        *([f"trained {trained(config)}"] if config.fine_tune_from else []),
        *([many(config.augment, "augmented view")] if config.augment else []),
    ]
    usual = TrainConfig(
        data=config.data,
        epochs=config.epochs,
        batch_size=config.batch_size,
        learning_rate=config.learning_rate,
        seed=config.seed,
        augment=config.augment,
    )
    _, others = differences([usual, config])[0]
    return " · ".join([*parts, *filter(None, [others])])


def weights(count: int) -> str:
    """Return a number of weights as it fits on a tile: ``6,405``, ``3.08 M``."""
    return f"{count / 1e6:.2f} M" if count >= 1_000_000 else f"{count:,}"


def verdict(comparisons: Sequence[Comparison], names: Mapping[str, str]) -> str:
    """Say which of several runs is better, and plainly when that is not settled.

    Args:
        comparisons: The best of them with each of the others.
        names: What each run is called, by id.
    """
    return " ".join(_verdict(one, names) for one in comparisons)


def _verdict(one: Comparison, names: Mapping[str, str]) -> str:
    if one.settled or one.only_a_right == one.only_b_right:
        return one.verdict
    ahead = one.run_a if one.only_a_right > one.only_b_right else one.run_b
    behind = one.run_b if ahead == one.run_a else one.run_a
    more, fewer = sorted((one.only_a_right, one.only_b_right), reverse=True)
    text = (
        f"{names[ahead]} is ahead of {names[behind]}, and that is not settled: "
        f"{many(more, 'photo')} it alone gets right against {fewer} (p = {one.p_value:.2g}), "
        "which may be chance."
    )
    return text if one.same_split else f"{text} They were tested on different photos."
