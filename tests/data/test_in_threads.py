"""The same for many files, in threads."""

from __future__ import annotations

import threading
from contextlib import closing
from itertools import islice
from time import sleep

import pytest

from flowercore.data.in_threads import in_threads
from flowercore.settings import settings


@pytest.mark.parametrize("count", [0, 1, 16, 17, 100])
def test_what_comes_back_is_in_the_order_of_the_items(count: int) -> None:
    def slower_at_first(number: int) -> int:
        sleep(0.002 if number < 16 else 0)
        return 10 * number

    assert list(in_threads(slower_at_first, range(count))) == [10 * n for n in range(count)]


def test_what_goes_wrong_with_one_is_raised() -> None:
    def fails(number: int) -> int:
        if number == 40:
            raise ValueError("the fortieth")
        return number

    found = in_threads(fails, range(1000))
    assert list(islice(found, 10)) == list(range(10))
    with pytest.raises(ValueError, match="the fortieth"):
        list(found)


def test_closed_early_it_begins_nothing_more() -> None:
    done: list[int] = []
    going = threading.Event()

    def one(number: int) -> int:
        if number >= 16:
            going.wait(30)
        done.append(number)
        return number

    with closing(in_threads(one, range(10_000))) as found:
        assert next(found) == 0
        threading.Timer(0.2, going.set).start()
    after = len(done)
    assert after < 5_000
    sleep(0.1)
    assert len(done) == after


def test_a_few_are_shared_among_the_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWERCORE_THREADS", "2")
    settings.cache_clear()
    both = threading.Barrier(2)
    assert list(in_threads(lambda _: both.wait(30) in (0, 1), range(4))) == 4 * [True]
