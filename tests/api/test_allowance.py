"""How many photos a client may send, on a clock of the test."""

from __future__ import annotations

import pytest

from api.allowance import Allowance, Client
from api.refusal import RefusedError


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


ANNA, BEN = Client.at("192.0.2.1", None), Client.at("192.0.2.2", None)


def test_a_client_gets_a_minutes_worth_and_then_waits() -> None:
    clock = Clock()
    allowance = Allowance(clock)
    for _ in range(60):
        allowance.admit(ANNA, 60)
    with pytest.raises(RefusedError, match="at most 60 photos a minute") as refused:
        allowance.admit(ANNA, 60)
    assert refused.value.status == 429
    assert refused.value.headers == {"Retry-After": "1"}
    allowance.admit(BEN, 60)
    clock.seconds += 1
    allowance.admit(ANNA, 60)
    with pytest.raises(RefusedError):
        allowance.admit(ANNA, 60)


def test_what_a_request_brought_too_much_is_paid_back_first() -> None:
    clock = Clock()
    allowance = Allowance(clock)
    for _ in range(90):
        allowance.charge(ANNA, 60)
    clock.seconds += 30
    with pytest.raises(RefusedError):
        allowance.admit(ANNA, 60)
    clock.seconds += 1
    allowance.admit(ANNA, 60)
    for _ in range(10_000):
        allowance.charge(ANNA, 60)
    with pytest.raises(RefusedError) as refused:
        allowance.admit(ANNA, 60)
    assert refused.value.headers == {"Retry-After": "61"}


def test_visitors_behind_one_address_have_their_own_and_together_no_end() -> None:
    allowance = Allowance(Clock())
    anna, ben = Client.at("192.0.2.1", "a" * 32), Client.at("192.0.2.1", "b" * 32)
    for _ in range(6):
        allowance.admit(anna, 6)
    with pytest.raises(RefusedError):
        allowance.admit(anna, 6)
    allowance.admit(ben, 6)
    for number in range(53):  # 60 in all, however many cookies somebody makes up
        allowance.admit(Client.at("192.0.2.1", f"{number:032x}"), 6)
    with pytest.raises(RefusedError):
        allowance.admit(Client.at("192.0.2.1", "f" * 32), 6)
    allowance.admit(Client.at("192.0.2.2", "c" * 32), 6)


def test_one_household_of_ipv6_is_one_client() -> None:
    assert Client.at("2001:db8::1", None) == Client.at("2001:db8::ffff", None)
    assert Client.at("2001:db8::1", None) != Client.at("2001:db8:0:1::1", None)
    assert Client.at("", None) == Client("")


def test_only_the_latest_clients_are_remembered() -> None:
    allowance = Allowance(Clock(), kept=3)
    for number in range(100):
        allowance.admit(Client.at(f"192.0.2.{number}", None), 1)
    assert len(allowance._left) == 3
    with pytest.raises(RefusedError):
        allowance.admit(Client.at("192.0.2.99", None), 1)


def test_one_address_does_not_fill_all_places() -> None:
    allowance = Allowance()
    places = [allowance.inside(ANNA) for _ in range(16)]
    for place in places:
        place.__enter__()
    with pytest.raises(RefusedError, match="Try again") as refused, allowance.inside(ANNA):
        pass
    assert refused.value.status == 503
    with allowance.inside(BEN):
        pass
    places[0].__exit__(None, None, None)
    with allowance.inside(ANNA):
        pass
