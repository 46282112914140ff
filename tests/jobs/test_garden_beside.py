"""Another process paints the garden while this one compiles; without it this one paints."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flowercore.data import catalog, garden
from flowercore.jobs import garden_beside
from flowercore.jobs.garden_beside import painted_beside


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen]:
    found: list[subprocess.Popen] = []

    def start(*arguments: Any, **options: Any) -> subprocess.Popen:
        found.append(subprocess.Popen(*arguments, **options))
        return found[-1]

    class Module:
        DEVNULL = subprocess.DEVNULL
        Popen = staticmethod(start)

    monkeypatch.setattr(garden_beside, "subprocess", Module)
    return found


def test_another_process_paints(
    home: Path, monkeypatch: pytest.MonkeyPatch, started: list[subprocess.Popen]
) -> None:
    with painted_beside():
        assert started[0].wait() == 0
        monkeypatch.setattr(garden, "paint_garden", None)
        assert len(catalog.ensure_garden().photos) == 500
    with painted_beside():
        pass
    assert len(started) == 1, "nothing is left to paint"


def test_where_it_cannot_this_one_paints(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    few = garden.paint_garden
    monkeypatch.setattr(garden, "paint_garden", lambda root, progress=None: few(root, per_class=3))
    with painted_beside():
        assert len(catalog.ensure_garden().photos) == 15


def test_it_does_not_go_on_where_the_rest_failed(
    home: Path, started: list[subprocess.Popen]
) -> None:
    with pytest.raises(ZeroDivisionError), painted_beside():
        raise ZeroDivisionError
    assert started[0].returncode is not None
    assert catalog.entries() == []


def test_without_a_garden_nobody_is_asked(
    home: Path, monkeypatch: pytest.MonkeyPatch, started: list[subprocess.Popen]
) -> None:
    monkeypatch.setenv("FLOWERCORE_GARDEN", "off")
    with painted_beside():
        pass
    assert started == []
