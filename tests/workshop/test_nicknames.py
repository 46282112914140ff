"""What people in a room are called: invented names that stay, nicknames that are unique."""

from __future__ import annotations

import secrets

import pytest

from flowercore.errors import ConfigError
from flowercore.workshop import names

ANN, BEN, CAT = "a" * 32, "b" * 32, "c" * 32


def test_an_invented_name_has_two_words_and_stays() -> None:
    first, second = names.invented(ANN).split()
    assert first in names.ADJECTIVES
    assert second in names.FLOWERS
    assert names.invented(ANN) == names.invented(ANN)
    assert len(set(names.ADJECTIVES)) == len(names.ADJECTIVES)
    assert len(set(names.FLOWERS)) == len(names.FLOWERS)
    assert len(f"{max(names.ADJECTIVES, key=len)} {max(names.FLOWERS, key=len)}") <= names.LONGEST


def test_no_two_of_a_full_room_are_called_alike_and_late_comers_change_no_name() -> None:
    visitors = [secrets.token_hex(16) for _ in range(1_000)]
    everybody = names.invented_for(dict.fromkeys(visitors, ""))
    assert len(set(everybody.values())) == 1_000
    first = names.invented_for(dict.fromkeys(visitors[:30], ""))
    assert first == {one: everybody[one] for one in visitors[:30]}


def test_a_nickname_replaces_the_invented_name() -> None:
    members = {ANN: "Ann", BEN: ""}
    assert names.names(members) == {ANN: "Ann", BEN: names.invented(BEN)}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ann   Lee ", "Ann Lee"),
        ("Zoë-Ana O'Neil 2.", "Zoë-Ana O'Neil 2."),
        ("花子", "花子"),
        ("ＡＮＮ", "ANN"),
        ("   ", ""),
    ],
)
def test_a_nickname_is_tidied(typed: str, kept: str) -> None:
    assert names.checked_nickname(typed, ANN, {ANN: ""}) == kept


@pytest.mark.parametrize(
    "typed",
    ["<b>Ann</b>", "[a](http://x)", "a\u202eb", "...", "a\x00b", "😀", "$x$", "a/b", "\u200b"],
)
def test_other_signs_are_refused(typed: str) -> None:
    with pytest.raises(ConfigError, match="A nickname may hold letters"):
        names.checked_nickname(typed, ANN, {ANN: ""})


def test_a_long_nickname_is_refused() -> None:
    assert names.checked_nickname("n" * 24, ANN, {}) == "n" * 24
    with pytest.raises(ConfigError, match=r"24 characters at most. Received: 25\."):
        names.checked_nickname("n" * 25, ANN, {})


def test_a_nickname_is_nobody_elses_in_whatever_case() -> None:
    members = {ANN: "Ann", BEN: "", CAT: "Cat"}
    assert names.checked_nickname("ann", ANN, members) == "ann"
    for taken in ("ANN", names.invented(CAT), names.invented(ANN)):
        with pytest.raises(ConfigError, match="is called"):
            names.checked_nickname(taken, BEN, members)
    assert names.checked_nickname(names.invented(BEN), BEN, members) == names.invented(BEN)
