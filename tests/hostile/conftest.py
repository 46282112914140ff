"""Limits that a test can set."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flowercore.settings import settings


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def set_limits(**values: int) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"FLOWERCORE_{name.upper()}", str(value))
        settings.cache_clear()

    set_limits(disk_free_bytes=1_000_000)
    return set_limits
