"""What happens around each page."""

from __future__ import annotations

import pytest
import streamlit as st

from flowercore import memory
from ui.entry import inside


class Stopped(BaseException):
    """Stands for what Streamlit raises in a script that is to end."""


class State(dict[str, bool]):
    """A session's state that breaks a stopped script off as it is touched, as Streamlit's does."""

    def __init__(self) -> None:
        super().__init__()
        self.stopped = False

    def __setitem__(self, key: str, value: bool) -> None:
        if self.stopped:
            raise Stopped
        super().__setitem__(key, value)


@pytest.mark.parametrize("stops", [False, True])
def test_after_each_page_the_collector_is_told_what_stays(
    monkeypatch: pytest.MonkeyPatch, stops: bool
) -> None:
    told: list[bool] = []
    state = State()
    monkeypatch.setattr(memory, "pass_over_what_stays", lambda: told.append(True))
    monkeypatch.setattr(st, "session_state", state)
    try:
        with inside():
            state.stopped = stops
            assert not told
    except Stopped:
        assert stops
    assert told == [True]
