"""What the leader of a room allows in a training, and the words for what is not allowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flowercore.backbones import registry
from flowercore.errors import ConfigError
from flowercore.training.config import TrainConfig


@dataclass(frozen=True)
class Locks:
    """What a visitor may do; by default everything.

    Attributes:
        backbones: Names of the backbones that may be trained; empty for all.
        fine_tuning: Whether the end of a backbone may be trained as well.
        epochs_max: Most epochs of a training, head and fine-tuning together; 0 for as many as
            everywhere.
        own_photos: Whether visitors may bring datasets in, collect or copy them.
    """

    backbones: tuple[str, ...] = ()
    fine_tuning: bool = True
    epochs_max: int = 0
    own_photos: bool = True

    @property
    def any(self) -> bool:
        """Whether anything is locked."""
        return self != Locks()

    def allows(self, backbone: str) -> bool:
        """Tell whether a backbone may be trained."""
        return not self.backbones or backbone in self.backbones


def from_dict(values: dict[str, Any]) -> Locks:
    """Read locks from plain values.

    Raises:
        ValueError: If one has another form; a lock that cannot be read must not be open.
    """
    backbones = values.get("backbones", [])
    found = Locks(
        backbones=tuple(backbones) if isinstance(backbones, list | tuple) else backbones,
        fine_tuning=values.get("fine_tuning", True),
        epochs_max=values.get("epochs_max", 0),
        own_photos=values.get("own_photos", True),
    )
    switches = (found.fine_tuning, found.own_photos)
    whole = isinstance(found.epochs_max, int) and not isinstance(found.epochs_max, bool)
    if not (
        isinstance(found.backbones, tuple)
        and set(found.backbones) <= set(registry.names())
        and all(isinstance(one, bool) for one in switches)
        and whole
        and found.epochs_max >= 0
    ):
        raise ValueError("locks of another form")
    return found


def reason(config: TrainConfig, locks: Locks) -> str | None:
    """Say in a few words why a training is locked, beside what cannot be chosen; None if it is not.

    Raises:
        NotFoundError: If there is no backbone of that name.
    """
    if not locks.allows(config.backbone):
        return f"The leader allows {titles(locks.backbones)} only."
    if config.fine_tune_from and not locks.fine_tuning:
        return "The leader has switched fine-tuning off."
    if config.batch_norm != "inference" and not locks.fine_tuning:
        return "The leader has switched off what takes as long as fine-tuning."
    if locks.epochs_max and config.epochs_in_all > locks.epochs_max:
        return f"The leader allows {locks.epochs_max} epochs; this takes {config.epochs_in_all}."
    return None


def check(config: TrainConfig, locks: Locks) -> None:
    """Refuse a training that the leader does not allow.

    Raises:
        ConfigError: With the rule, what was received, and what to do.
        NotFoundError: If there is no backbone of that name.
    """
    if not locks.allows(config.backbone):
        raise ConfigError(
            f"In this workshop a training uses {titles(locks.backbones)}. Received: "
            f"{registry.get(config.backbone).title}. Choose another network under Backbone."
        )
    if config.fine_tune_from and not locks.fine_tuning:
        raise ConfigError(
            "In this workshop only the head is trained: the leader has switched fine-tuning off. "
            f"Received: fine-tuning from {config.fine_tune_from}. Switch it off."
        )
    if config.batch_norm != "inference" and not locks.fine_tuning:
        raise ConfigError(
            "In this workshop only the head is trained: the leader has switched off what takes as "
            f"long as fine-tuning. Received: BatchNorm {config.batch_norm}. Choose inference."
        )
    if locks.epochs_max and config.epochs_in_all > locks.epochs_max:
        raise ConfigError(
            f"In this workshop a training may have {locks.epochs_max} epochs at most. Received: "
            f"{config.epochs_in_all}. Lower the number of epochs."
        )


def check_own_photos(locks: Locks) -> None:
    """Refuse photos of a visitor's own where the leader has switched them off.

    Raises:
        ConfigError: If they are.
    """
    if not locks.own_photos:
        raise ConfigError(
            "In this workshop everybody uses the same photos: the leader has switched off "
            "bringing photos in. Use the photos that are there."
        )


def titles(names: tuple[str, ...]) -> str:
    """Return the titles of one or several backbones, as in a sentence."""
    *first, last = [registry.get(name).title for name in names]
    return f"{', '.join(first)} or {last}" if first else last
