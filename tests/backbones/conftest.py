"""A registry with entries of a test's own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flowercore.backbones import registry
from flowercore.backbones.facts import Backbone


@pytest.fixture
def inject(monkeypatch: pytest.MonkeyPatch) -> Callable[[Backbone], Backbone]:
    """Put an entry into the registry, for this test: in the place of the one of that name."""

    def put(entry: Backbone) -> Backbone:
        monkeypatch.setitem(registry._BY_NAME, entry.name, entry)
        return entry

    return put
