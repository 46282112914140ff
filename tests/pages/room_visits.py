"""Pages of a workshop as several people see them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from streamlit.testing.v1 import AppTest

from flowercore.runs import store
from flowercore.settings import settings
from flowercore.workshop import leaders
from ui import visitor

ANN, BEN, LEADER = "a" * 32, "b" * 32, "1" * 32
TOKEN = "open-sesame-7"


@pytest.fixture
def workshop(home: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Switch workshop mode on, with a token that is known."""
    monkeypatch.setenv("FLOWERCORE_WORKSHOP", "on")
    monkeypatch.setenv("FLOWERCORE_LEADER_TOKEN", TOKEN)
    monkeypatch.setenv("FLOWERCORE_ROOM_ADDRESS", "http://10.0.0.5:8501")
    monkeypatch.setattr(leaders, "_attempts", leaders._Attempts())
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def come(
    workshop: None, visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., AppTest]:
    """Visit as somebody: ``come(ANN, "train")``; a leader knows the token."""

    def open_page(who: str, page: str = "home", **address: str) -> AppTest:
        # A test has no browser and so no cookie: say who it would name.
        monkeypatch.setattr(visitor, "visitor_of", lambda cookies: who)
        if who == LEADER:
            leaders.unlock(LEADER, TOKEN)
        return visit(page, **address)

    return open_page


def finished(who: str, accuracy: float, data: str = "tiny") -> store.Run:
    """Give a visitor a run that has ended with an accuracy."""
    config = {"data": data, "backbone": "efficientnet-lite0"}
    run = store.new_run(config, visitor=who, held_by="nobody")
    interval = [accuracy - 0.05, min(1.0, accuracy + 0.05)]
    (store.folder(run.id) / "metrics.json").write_text(
        json.dumps({"accuracy": accuracy, "accuracy_interval": interval})
    )
    return store.update(run, status="finished", seconds={"total": 2.5}, dataset={"name": data})
