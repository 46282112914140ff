"""The token: the right one is remembered, wrong ones are few, and it is written nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowercore.data.catalog import LOCAL
from flowercore.errors import ConfigError, JobError
from flowercore.settings import settings
from flowercore.workshop import leaders, room
from tests.workshop.conftest import TOKEN

ANN, BEN = "a" * 32, "b" * 32


def test_the_token_makes_one_visitor_a_leader(home: Path) -> None:
    assert not leaders.is_leader(ANN)
    leaders.unlock(ANN, f" {TOKEN}\n")
    assert leaders.is_leader(ANN)
    assert not leaders.is_leader(BEN)
    assert TOKEN not in (home / room.FILE).read_text()


@pytest.mark.parametrize("given", ["", "open-sesame-8", TOKEN[:-1], TOKEN.upper(), "x" * 10_000])
def test_another_token_is_refused(given: str) -> None:
    with pytest.raises(ConfigError, match="not the leader's token") as told:
        leaders.unlock(ANN, given)
    assert TOKEN not in str(told.value)
    assert not leaders.is_leader(ANN)


def test_a_proof_holds_for_its_visitor_and_its_token_only(monkeypatch: pytest.MonkeyPatch) -> None:
    leaders.unlock(ANN, TOKEN)
    proof = room.read().leaders[ANN]
    room.change(lambda now: room.Room(leaders={BEN: proof}))
    assert not leaders.is_leader(BEN)
    room.change(lambda now: room.Room(leaders={ANN: proof}))
    assert leaders.is_leader(ANN)
    monkeypatch.setenv("FLOWERCORE_LEADER_TOKEN", "another-token")
    settings.cache_clear()
    assert not leaders.is_leader(ANN)


def test_five_wrong_tokens_a_minute_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = [1_000.0]
    monkeypatch.setattr(leaders, "monotonic", lambda: moment[0])
    for _ in range(leaders.WRONG_MAX):
        with pytest.raises(ConfigError):
            leaders.unlock(ANN, "wrong-one")
    with pytest.raises(JobError, match="Wait a minute"):
        leaders.unlock(ANN, TOKEN)
    leaders.unlock(BEN, TOKEN)
    moment[0] += leaders.WINDOW_SECONDS + 1
    leaders.unlock(ANN, TOKEN)
    assert leaders.is_leader(ANN)


def test_a_new_cookie_for_each_guess_does_not_help() -> None:
    for number in range(leaders.WRONG_MAX_OF_ALL):
        with pytest.raises(ConfigError):
            leaders.unlock(f"{number:032x}", "wrong-one")
    with pytest.raises(JobError):
        leaders.unlock(ANN, TOKEN)


def test_where_all_browsers_are_one_visitor_nobody_leads() -> None:
    with pytest.raises(JobError, match="make workshop"):
        leaders.unlock(LOCAL, TOKEN)
    room.change(lambda now: room.Room(leaders={LOCAL: leaders._proof(LOCAL)}))
    assert not leaders.is_leader(LOCAL)


def test_without_a_token_of_ones_own_one_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLOWERCORE_LEADER_TOKEN")
    settings.cache_clear()
    assert len(leaders.token()) >= 20
    assert leaders.token() == leaders.token()
    assert leaders.new_token() != leaders.new_token()


@pytest.mark.parametrize("text", ["short", "with a space in it", "ümlaut-token", "a" * 201])
def test_a_token_that_cannot_stand_in_an_address_is_refused(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("FLOWERCORE_LEADER_TOKEN", text)
    settings.cache_clear()
    with pytest.raises(ConfigError, match="FLOWERCORE_LEADER_TOKEN must have 8 to 200") as told:
        settings()
    assert text not in str(told.value)
