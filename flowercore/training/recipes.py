"""Settings that belong together, as one click: the notebook's, the best measured, experiments."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flowercore.backbones import registry, weights
from flowercore.errors import ConfigError
from flowercore.training.config import TrainConfig

XCEPTION = "xception"
SCRATCH = "small-convnet"
UNTRAINED = "no-pretraining"


@dataclass(frozen=True)
class Recipe:
    """One click's worth of settings.

    Attributes:
        name: How it is called on the command line.
        title: How it is called on a page.
        text: What it does and what for, in a sentence or two.
    """

    name: str
    title: str
    text: str


RECIPES = (
    Recipe(
        "notebook",
        "The notebook's recipe",
        "What the course's notebook does: photos squeezed, standardised by the training photos' "
        "mean and deviation, a frozen backbone, one dense layer, Adam, 25 epochs. Beside it, the "
        "same with the backbone's own preprocessing.",
    ),
    Recipe(
        "fine-tune",
        "The best we know",
        "The head first, then the last blocks of the backbone on augmented views, beside the same "
        "blocks as they were, whose head is also given how features vary together: both judge "
        "together, a photo and its mirror image.",
    ),
    Recipe(
        "control",
        "What pretraining is worth",
        "Three trainings on the same split: a backbone that has seen ImageNet, the same one that "
        "has seen nothing, and a small ConvNet trained from scratch.",
    ),
    Recipe(
        "suspects",
        "Why the notebook got 72 %",
        "Four trainings on the notebook's split that differ in one thing each: as it should be, "
        "with the notebook's preprocessing, with BatchNorm statistics that move although the "
        "backbone is frozen, and with those of each batch while training.",
    ),
)
SUSPECTS_EPOCHS = 8
"""Enough for a head to settle; more of them in training mode take minutes (docs/decisions.md)."""


def recipe(name: str, data: str, *, seed: int = 42) -> list[TrainConfig]:
    """Return the settings of a recipe's trainings.

    Args:
        name: notebook, fine-tune, control or suspects.
        data: Name of a dataset, or a folder.
        seed: Decides every random choice.

    Raises:
        ConfigError: If there is no recipe of that name.
    """
    base = TrainConfig(data=data, seed=seed, recipe=name)
    if name == "notebook":
        return _notebook(base)
    if name == "fine-tune":
        return [fine_tune(base)]
    if name == "control":
        return _control(base)
    if name == "suspects":
        return _suspects(base)
    known = ", ".join(one.name for one in RECIPES)
    raise ConfigError(f"A recipe must be one of {known}. Received: {name!r}.")


def notebooks_backbone() -> str:
    """Return Xception where its ImageNet weights are on this machine, else the embedded one."""
    return XCEPTION if weights.missing(registry.get(XCEPTION)) is None else registry.DEFAULT


def _notebook(base: TrainConfig) -> list[TrainConfig]:
    base = replace(base, backbone=notebooks_backbone(), split="notebook")
    return [
        replace(base, preprocessing="notebook", name="Notebook's preprocessing"),
        replace(base, name="Backbone's own"),
    ]


def fine_tune(base: TrainConfig) -> TrainConfig:
    """Return the best settings that were measured (docs/decisions.md) for these photos."""
    return replace(
        base,
        name="Fine-tuned",
        fine_tune_from="block5a",
        fine_tune_epochs=8,
        fine_tune_learning_rate=1e-3,
        augment=8,
        dropout=0.2,
        flip_average=True,
        weight_average=0.98,
        weight_interpolation=0.75,
        sharpness=0.05,
        frozen_beside=True,
        covariance=64,
    )


def _control(base: TrainConfig) -> list[TrainConfig]:
    scratch = registry.get(SCRATCH)
    return [
        replace(base, name="Pretrained on ImageNet"),
        replace(base, backbone=UNTRAINED, name="Without pretraining"),
        replace(
            base,
            backbone=SCRATCH,
            fine_tune_from=scratch.blocks[0].name,
            fine_tune_epochs=25,
            fine_tune_learning_rate=1e-3,
            name="Small ConvNet from scratch",
        ),
    ]


def _suspects(base: TrainConfig) -> list[TrainConfig]:
    base = replace(base, backbone=notebooks_backbone(), split="notebook", epochs=SUSPECTS_EPOCHS)
    return [
        replace(base, name="As it should be"),
        replace(base, preprocessing="notebook", name="Notebook's preprocessing"),
        replace(base, batch_norm="moving", name="Statistics that move"),
        replace(base, batch_norm="batch", name="Statistics of the batch"),
    ]
