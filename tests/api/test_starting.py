"""The server's start: it answers at once, and prepares beside that."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

import anyio
import pytest
from starlette.types import Receive, Scope, Send

import asgi
import ui.entry
from api.routes import _Later
from flowercore import memory
from flowercore.errors import StorageError


def test_the_server_answers_while_it_prepares_and_ends_after_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []
    go_on = threading.Event()

    def prepare() -> None:
        go_on.wait(30)
        done.append("prepared")

    monkeypatch.setattr(asgi, "_prepare", prepare)
    # Which heaps there are is decided before threads come that would be given their own.
    monkeypatch.setattr(memory, "share_arenas", lambda: done.append("heaps"))

    async def live() -> None:
        async with asgi._lifespan(asgi.app):
            assert done == ["heaps"]
            done.append("answering")
            go_on.set()
        done.append("ended")

    anyio.run(live)
    assert done == ["heaps", "answering", "prepared", "ended"]


@pytest.mark.parametrize("fails", [False, True])
def test_threads_take_turns_as_usual_once_it_is_prepared(
    monkeypatch: pytest.MonkeyPatch, home: Path, caplog: pytest.LogCaptureFixture, fails: bool
) -> None:
    usual = sys.getswitchinterval()
    turns: list[float] = []

    def warm_up() -> None:
        turns.append(sys.getswitchinterval())
        if fails:
            raise StorageError("The disk is full.")

    monkeypatch.setattr(ui.entry, "warm_up", warm_up)
    asgi._prepare()
    assert turns[0] < usual
    assert sys.getswitchinterval() == usual
    assert ("The disk is full." in caplog.text) == fails


def test_requests_that_come_first_together_are_answered_by_one_interface(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both, answered = threading.Barrier(2), []

    class Made:
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            answered.append(self)

    def imported(_: _Later) -> Made:
        both.wait(30)
        return Made()

    monkeypatch.setattr(_Later, "_imported", imported)
    later = _Later(lambda cookies: None)
    nothing: Any = None

    async def ask() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(2):
                group.start_soon(later, {}, nothing, nothing)

    anyio.run(ask)
    assert len(answered) == 2
    assert answered[0] is answered[1]
