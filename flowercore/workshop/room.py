"""The room: one file in the home folder that says who is here and what the leader decided.

Every change is made under a lock and written whole, so that two visitors who come at the same
moment are both there afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from filelock import FileLock

from flowercore.data.catalog import LOCAL
from flowercore.errors import StorageError
from flowercore.files import home_folder, storage_errors, write_json
from flowercore.settings import settings
from flowercore.workshop import locks as rules
from flowercore.workshop import names
from flowercore.workshop.locks import Locks

FILE = "workshop.json"
MEMBERS_MAX = 1_000
"""A program that takes no cookies comes as somebody new each time: it must not fill the room."""


@dataclass(frozen=True)
class Room:
    """What ``workshop.json`` says.

    Attributes:
        members: Nickname, or nothing, by visitor id, in the order in which they came.
        leaders: By visitor id, the proof that they knew the token; see `leaders`.
        preloaded: Name of the dataset that everybody starts with; empty for none.
        locks: What the leader allows.
        leaving: Ids of runs and names of datasets that are deleted as soon as nothing works with
            them any more.
    """

    members: dict[str, str] = field(default_factory=dict)
    leaders: dict[str, str] = field(default_factory=dict)
    preloaded: str = ""
    locks: Locks = field(default_factory=Locks)
    leaving: dict[str, list[str]] = field(default_factory=dict)


def is_open() -> bool:
    """Tell whether this dashboard is a workshop's."""
    return settings().workshop


def read() -> Room:
    """Return the room as it is.

    Raises:
        StorageError: If its file is damaged or cannot be read.
    """
    path = home_folder() / FILE
    with storage_errors():
        if not path.is_file():
            return Room()
        seen = path.stat()
    return _parsed(path, seen.st_mtime_ns, seen.st_ino)


def change(how: Callable[[Room], Room]) -> Room:
    """Change the room; nobody else changes it meanwhile.

    Args:
        how: Gets the room, returns the new one; may raise to leave it as it is.

    Returns:
        The room as it is now.

    Raises:
        StorageError: If its file is damaged or cannot be written.
    """
    path = home_folder() / FILE
    with storage_errors(), FileLock(path.with_suffix(".lock")):
        room = read()
        changed = how(room)
        if changed != room:
            write_json(path, asdict(changed))
    return changed


def arrive(visitor: str) -> None:
    """Note that a visitor is in the room; the operator of a dashboard without cookies is not.

    Raises:
        StorageError: If the room's file is damaged or cannot be written.
    """
    if visitor == LOCAL or visitor in read().members:
        return

    def come(room: Room) -> Room:
        if visitor in room.members or len(room.members) >= MEMBERS_MAX:
            return room
        return replace(room, members={**room.members, visitor: ""})

    change(come)


def name_of(visitor: str) -> str:
    """Return what a visitor is called; an invented name also for one who has not arrived."""
    return all_names().get(visitor) or names.invented(visitor)


def all_names() -> Mapping[str, str]:
    """Return what everybody in the room is called, by visitor id."""
    return names.names(read().members)


def call(visitor: str, nickname: str) -> str:
    """Give a visitor the nickname that they chose.

    Args:
        visitor: Who.
        nickname: As typed; empty for the invented name.

    Returns:
        What they are called now.

    Raises:
        ConfigError: If it cannot be used; see `names.checked_nickname`.
        StorageError: If the room's file is damaged or cannot be written.
    """

    def rename(room: Room) -> Room:
        if len(room.members) >= MEMBERS_MAX and visitor not in room.members:
            return room
        chosen = names.checked_nickname(nickname, visitor, {visitor: "", **room.members})
        return replace(room, members={**room.members, visitor: chosen})

    return names.names(change(rename).members).get(visitor, names.invented(visitor))


def lock(locks: Locks) -> None:
    """Decide what visitors may do."""
    change(lambda room: replace(room, locks=locks))


def preload(name: str) -> None:
    """Decide with which dataset everybody starts; an empty name for none."""
    change(lambda room: replace(room, preloaded=name))


@lru_cache(maxsize=4)
def _parsed(path: Path, changed: int, inode: int) -> Room:
    try:
        with storage_errors():
            values = json.loads(path.read_bytes())
        return _room(values)
    except (ValueError, TypeError, AttributeError) as error:
        raise StorageError(
            f"The workshop's file {FILE} in the home folder is damaged: it was changed by hand. "
            "Delete it: names and locks are lost with it, runs and photos are not."
        ) from error


def _room(values: dict[str, Any]) -> Room:
    leaving = values.get("leaving", {})
    return Room(
        members=_texts(values.get("members", {})),
        leaders=_texts(values.get("leaders", {})),
        preloaded=str(values.get("preloaded", "")),
        locks=rules.from_dict(dict(values.get("locks", {}))),
        leaving={str(kind): [str(one) for one in some] for kind, some in leaving.items()},
    )


def _texts(values: dict[str, str]) -> dict[str, str]:
    return {str(key): str(value) for key, value in values.items()}
