"""What holds for a visitor: asked wherever work is submitted, and by the form that offers it."""

from __future__ import annotations

from flowercore.data import catalog
from flowercore.data.catalog import LOCAL
from flowercore.training.config import TrainConfig
from flowercore.workshop import locks as rules
from flowercore.workshop import room
from flowercore.workshop.leaders import is_leader
from flowercore.workshop.locks import Locks


def locks_for(visitor: str) -> Locks:
    """Return what holds for a visitor: nothing is locked outside a workshop and for its leader.

    The operator, at the command line of this machine, is not in the room either.

    Raises:
        StorageError: If the room's file is damaged.
    """
    if not room.is_open() or visitor == LOCAL or is_leader(visitor):
        return Locks()
    return room.read().locks


def require(config: TrainConfig, visitor: str) -> None:
    """Refuse a training that the leader does not allow this visitor.

    Raises:
        ConfigError: With the rule; see `flowercore.workshop.locks`.
        StorageError: If the room's file is damaged.
    """
    locks = locks_for(visitor)
    rules.check(config, locks)
    if not locks.own_photos and any(
        one.owner and one.name == config.data for one in catalog.entries()
    ):
        rules.check_own_photos(locks)


def require_own_photos(visitor: str) -> None:
    """Refuse photos of a visitor's own where the leader does not allow them.

    Raises:
        ConfigError: If they are switched off.
        StorageError: If the room's file is damaged.
    """
    rules.check_own_photos(locks_for(visitor))
