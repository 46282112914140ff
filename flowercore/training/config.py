"""What a training is asked to do, and the bounds of each setting."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import Any

from flowercore.backbones import registry
from flowercore.errors import ConfigError
from flowercore.settings import settings


@dataclass(frozen=True)
class TrainConfig:
    """Settings of one training; the defaults are the course notebook's.

    Attributes:
        data: Name of a dataset, or a folder of class folders.
        backbone: Name in the backbone registry.
        epochs: Passes over the training photos.
        batch_size: Photos a gradient step.
        validation_split: Share of the photos outside the test split that is held back to watch.
        test_split: Share of all photos that is held back for the final verdict.
        learning_rate: Step size of the optimizer.
        seed: Decides split, initial weights and order of photos.
        name: What a person calls the run; may be empty.
    """

    data: str
    backbone: str = registry.DEFAULT
    epochs: int = 25
    batch_size: int = 16
    validation_split: float = 0.1
    test_split: float = 0.2
    learning_rate: float = 1e-3
    seed: int = 42
    name: str = ""

    def validate(self) -> None:
        """Check every setting that can be checked without the photos.

        Raises:
            ConfigError: With one sentence: the rule and what was received.
            NotFoundError: If there is no backbone of that name.
        """
        limits = settings().limits
        registry.get(self.backbone)
        _whole("Epochs", self.epochs, 1, limits.epochs_max)
        _whole("Batch size", self.batch_size, 1, limits.batch_size_max)
        _whole("Seed", self.seed, 0, 2**32 - 1)
        _share("Validation split", self.validation_split)
        _share("Test split", self.test_split)
        _real("Learning rate", self.learning_rate)
        if self.learning_rate <= 0:
            raise ConfigError(f"Learning rate must be above 0. Received: {self.learning_rate:g}.")
        if len(self.name) > 100:
            raise ConfigError(
                f"A run's name may have 100 characters at most. Received: {len(self.name)}."
            )

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as plain values, for ``run.json``."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> TrainConfig:
        """Read settings that `to_dict` wrote; settings that are missing take their defaults."""
        known = {field.name for field in fields(cls)}
        return cls(**{key: value for key, value in values.items() if key in known})


def _whole(what: str, value: Any, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ConfigError(f"{what} must be a whole number from {low} to {high}. Received: {value}.")


def _real(what: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ConfigError(f"{what} must be a number. Received: {value}.")


def _share(what: str, value: Any) -> None:
    _real(what, value)
    if not 0 <= value < 1:
        raise ConfigError(f"{what} must be at least 0 and below 1. Received: {value:g}.")
