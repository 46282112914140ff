"""What a leader locks holds for the room, and for nobody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from flowercore.data import catalog
from flowercore.data.catalog import LOCAL
from flowercore.errors import ConfigError
from flowercore.settings import settings
from flowercore.training.config import TrainConfig
from flowercore.training.recipes import recipe
from flowercore.workshop import leaders, locks, permission, room
from flowercore.workshop.locks import Locks
from tests.workshop.conftest import TOKEN

ANN, LEADER = "a" * 32, "1" * 32
USUAL = TrainConfig("garden")
TUNED = replace(USUAL, fine_tune_from="block5a")


def test_by_default_nothing_is_locked() -> None:
    assert not Locks().any
    locks.check(TUNED, Locks())
    locks.check_own_photos(Locks())


@pytest.mark.parametrize(
    ("config", "given", "words"),
    [
        (
            replace(USUAL, backbone="xception"),
            Locks(backbones=("efficientnet-lite0", "no-pretraining")),
            "Received: Xception",
        ),
        (TUNED, Locks(fine_tuning=False), "Received: fine-tuning from block5a"),
        (
            replace(USUAL, batch_norm="moving"),
            Locks(fine_tuning=False),
            "Received: BatchNorm moving",
        ),
        (USUAL, Locks(epochs_max=24), "24 epochs at most. Received: 25"),
        (TUNED, Locks(epochs_max=32), "32 epochs at most. Received: 33"),
    ],
)
def test_what_is_locked_is_refused_in_words(config: TrainConfig, given: Locks, words: str) -> None:
    with pytest.raises(ConfigError, match="In this workshop") as told:
        locks.check(config, given)
    assert words in str(told.value)
    assert str(locks.reason(config, given)).startswith("The leader ")


def test_what_is_allowed_passes() -> None:
    assert locks.reason(TUNED, Locks(epochs_max=33)) is None
    locks.check(USUAL, Locks(backbones=(USUAL.backbone,), fine_tuning=False, epochs_max=25))
    locks.check(TUNED, Locks(epochs_max=33))


def test_a_recipe_is_held_to_the_locks_too() -> None:
    *others, scratch = recipe("control", "garden")
    for config in others:
        locks.check(config, Locks(fine_tuning=False))
    with pytest.raises(ConfigError):
        locks.check(scratch, Locks(fine_tuning=False))


def test_locks_hold_for_visitors_not_for_leader_and_operator() -> None:
    room.lock(Locks(epochs_max=3, own_photos=False))
    leaders.unlock(LEADER, TOKEN)
    for visitor in (LEADER, LOCAL):
        permission.require(USUAL, visitor)
        permission.require_own_photos(visitor)
    with pytest.raises(ConfigError, match="3 epochs at most"):
        permission.require(USUAL, ANN)
    with pytest.raises(ConfigError, match="everybody uses the same photos"):
        permission.require_own_photos(ANN)


def test_outside_a_workshop_nothing_is_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    room.lock(Locks(epochs_max=3, own_photos=False))
    monkeypatch.setenv("FLOWERCORE_WORKSHOP", "off")
    settings.cache_clear()
    permission.require(USUAL, ANN)
    permission.require_own_photos(ANN)


def test_own_photos_that_came_before_the_lock_are_not_trained_on(
    tiny_dataset: Callable[..., Path],
) -> None:
    catalog.import_source(tiny_dataset(), "anns", owner=ANN)
    catalog.import_source(tiny_dataset(name="other"), "shared")
    permission.require(TrainConfig("anns"), ANN)
    room.lock(Locks(own_photos=False))
    permission.require(TrainConfig("shared"), ANN)
    with pytest.raises(ConfigError, match="everybody uses the same photos"):
        permission.require(TrainConfig("anns"), ANN)
