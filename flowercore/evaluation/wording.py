"""The settings of trainings in words, as far as they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flowercore.backbones import registry
from flowercore.errors import FlowercoreError
from flowercore.training.config import AUGMENTATIONS, TrainConfig

# What is told of a training anyway, or does not change what comes out.
TOLD_ELSEWHERE = frozenset(
    (
        "data",
        "backbone",
        "name",
        "fine_tune_from",
        "recipe",
        "experiment",
        "split_from",
        "tensorboard",
    )
)


def _plain(text: str) -> Callable[[Any], str]:
    return lambda value: f"{text} {_number(value)}"


def _unless_off(text: str) -> Callable[[Any], str]:
    return lambda value: f"{text} {_number(value)}" if value else f"no {text}"


def _if_on(text: str) -> Callable[[Any], str]:
    return lambda value: text if value else f"no {text}"


def _number(value: Any) -> str:
    """Return a number as a person types it: 0.00001, and not 1e-05."""
    if not isinstance(value, float):  # what is no number either was written by hand
        return str(value)
    text = f"{value:g}"
    return f"{value:.12f}".rstrip("0").rstrip(".") if "e" in text else text


WORDS: dict[str, Callable[[Any], str]] = {
    "epochs": _plain("epochs"),
    "batch_size": _plain("batch"),
    "learning_rate": _plain("rate"),
    "schedule": lambda value: f"{value} rate",
    "optimizer": lambda value: {"adam": "Adam", "sgd": "SGD"}.get(str(value), str(value)),
    "dropout": _unless_off("dropout"),
    "l2": _unless_off("L2"),
    "label_smoothing": _unless_off("label smoothing"),
    "early_stopping": lambda value: (
        f"early stopping after {_number(value)}" if value else "no early stopping"
    ),
    "class_weights": _if_on("class weights"),
    "augment": _unless_off("augmented views"),
    "augmentations": lambda value: "by " + " and ".join(map(str, value)),
    "mixup": _unless_off("mixup"),
    "fine_tune_epochs": _plain("fine-tuning epochs"),
    "fine_tune_learning_rate": _plain("fine-tuning rate"),
    "weight_average": _unless_off("weight average"),
    "weight_interpolation": lambda value: (
        "no weight interpolation" if value == 1 else f"weight interpolation {_number(value)}"
    ),
    "sharpness": _unless_off("sharpness radius"),
    "frozen_beside": _if_on("pretrained end beside"),
    "covariance": _unless_off("components of a covariance"),
    "flip_average": _if_on("mirror image judged as well"),
    "preprocessing": lambda value: f"{value}'s preprocessing",
    "batch_norm": lambda value: {
        "inference": "no change of BatchNorm",
        "moving": "BatchNorm statistics that move",
        "batch": "BatchNorm by batch while training",
    }.get(str(value), str(value)),
    "split": lambda value: f"{value} split",
    "validation_split": _plain("validation"),
    "test_split": _plain("test"),
    "seed": _plain("seed"),
}
"""Each setting in words; they begin with "no" for one that is off."""

_NOTHING = object()


def differences(
    configs: Sequence[TrainConfig | None], *, brief: bool = False
) -> tuple[list[str], str]:
    """Say in which settings each of several trainings differs from the others.

    Args:
        configs: Settings of the trainings; None where they cannot be read.
        brief: Whether to leave out what more than half of them share.

    Returns:
        What to say of each, empty where there is nothing; and what was left out.
    """
    settings = [{} if config is None else _applying(config) for config in configs]
    told = _differing(settings)
    usual = _usual(settings, told) if brief else {}
    each = [
        _in_words({key: value for key, value in values.items() if key in told}, usual)
        for values in settings
    ]
    return each, _in_words(usual, {})


def trained(config: TrainConfig) -> str:
    """Say what was trained: ``head``, ``from block5a on`` or ``everything``."""
    if not config.fine_tune_from:
        return "head"
    try:
        everything = registry.get(config.backbone).block(config.fine_tune_from).boundary is None
    except (FlowercoreError, TypeError):
        everything = False
    return "everything" if everything else f"from {config.fine_tune_from} on"


def settings(config: TrainConfig) -> str:
    """Say all settings that had a say in a training."""
    return _in_words(_applying(config), {})


def _applying(config: TrainConfig) -> dict[str, Any]:
    """Return the settings that had a say in this run."""
    values = {key: getattr(config, key) for key in WORDS}
    if not config.augment or config.augmentations == AUGMENTATIONS:
        del values["augmentations"]
    if not config.fine_tune_from:
        del values["fine_tune_epochs"], values["fine_tune_learning_rate"]
    elif _from_scratch(config):
        del values["epochs"], values["learning_rate"]
    return values


def _from_scratch(config: TrainConfig) -> bool:
    try:
        return config.from_scratch
    except (FlowercoreError, TypeError):
        return False


def _differing(settings: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the settings that not all runs share; a run whose settings are damaged has none."""
    readable = [values for values in settings if values]
    return [
        key for key in WORDS if len({repr(values.get(key, _NOTHING)) for values in readable}) > 1
    ]


def _usual(settings: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> dict[str, Any]:
    """Return the value of each setting that more than half of the runs have."""
    found = {}
    for key in keys:
        values = [one[key] for one in settings if key in one]
        (commonest, times), *_ = Counter(map(repr, values)).most_common(1)
        if times > len(settings) / 2:
            found[key] = next(value for value in values if repr(value) == commonest)
    return found


def _in_words(values: Mapping[str, Any], usual: Mapping[str, Any]) -> str:
    words = []
    for key in WORDS:
        if key in values and repr(values[key]) != repr(usual.get(key, _NOTHING)):
            word = WORDS[key](values[key])
            # What is off is worth a word only where it is on as a rule.
            if key in usual or not word.startswith("no "):
                words.append(word)
    return ", ".join(words)
