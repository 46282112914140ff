"""What a machine's preparation makes, and when it is done."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowercore.data import catalog
from flowercore.jobs import preparation, starter_setup, worker
from flowercore.settings import settings


def test_without_a_garden_nothing_is_painted_and_nothing_is_missing(
    prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    starter_setup.set_up()
    assert preparation.look().state != "ready"
    monkeypatch.setenv("FLOWERCORE_GARDEN", "off")
    settings.cache_clear()
    assert preparation.look().state == "ready"
    worker.prepare()
    assert catalog.entries() == []
