"""A room in this process: workshop mode on, a token that is known."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flowercore.settings import settings
from flowercore.workshop import leaders

TOKEN = "open-sesame-7"


@pytest.fixture(autouse=True)
def workshop(home: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("FLOWERCORE_WORKSHOP", "on")
    monkeypatch.setenv("FLOWERCORE_LEADER_TOKEN", TOKEN)
    monkeypatch.setattr(leaders, "_attempts", leaders._Attempts())
    settings.cache_clear()
    yield
    settings.cache_clear()
