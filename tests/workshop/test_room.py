"""The room's file: who comes is kept, at the same moment too; what is damaged is said."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from flowercore.data.catalog import LOCAL
from flowercore.errors import ConfigError, StorageError
from flowercore.workshop import names, room
from flowercore.workshop.locks import Locks

ANN, BEN = "a" * 32, "b" * 32


def test_an_empty_room_is_read_without_a_file(home: Path) -> None:
    assert room.read() == room.Room()
    assert not (home / room.FILE).exists()


def test_all_who_come_at_the_same_moment_are_there() -> None:
    visitors = [f"{number:032x}" for number in range(40)]
    with ThreadPoolExecutor(20) as many:
        list(many.map(room.arrive, visitors))
    assert set(room.read().members) == set(visitors)


def test_the_operator_is_not_in_the_room(home: Path) -> None:
    room.arrive(LOCAL)
    assert not room.read().members


def test_a_room_does_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MEMBERS_MAX", 2)
    for number in range(4):
        room.arrive(f"{number:032x}")
    room.call("f" * 32, "Late")
    assert len(room.read().members) == 2
    assert room.name_of("f" * 32) == names.invented("f" * 32)


def test_a_nickname_is_kept_and_taken_back() -> None:
    room.arrive(ANN)
    room.arrive(BEN)
    assert room.call(ANN, " Ann ") == "Ann"
    assert room.name_of(ANN) == "Ann"
    with pytest.raises(ConfigError):
        room.call(BEN, "ann")
    assert room.name_of(BEN) == names.invented(BEN)
    assert room.call(ANN, "") == names.invented(ANN)


def test_what_the_leader_decided_survives_a_new_start() -> None:
    room.lock(Locks(backbones=("efficientnet-lite0",), fine_tuning=False, epochs_max=5))
    room.preload("garden")
    room._parsed.cache_clear()
    now = room.read()
    assert now.locks == Locks(("efficientnet-lite0",), fine_tuning=False, epochs_max=5)
    assert now.preloaded == "garden"


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"locks": {"fine_tuning": "no"}}',
        '{"locks": {"epochs_max": -1}}',
        '{"locks": {"backbones": ["unheard-of"]}}',
        '{"members": [1]}',
    ],
)
def test_a_damaged_file_opens_no_lock(home: Path, text: str) -> None:
    room.lock(Locks(fine_tuning=False))
    (home / room.FILE).write_text(text)
    with pytest.raises(StorageError, match=r"workshop\.json in the home folder is damaged"):
        room.read()
    with pytest.raises(StorageError):
        room.arrive(ANN)
    assert (home / room.FILE).read_text() == text


def test_the_file_can_be_read_by_a_person(home: Path) -> None:
    room.arrive(ANN)
    assert json.loads((home / room.FILE).read_text())["members"] == {ANN: ""}
