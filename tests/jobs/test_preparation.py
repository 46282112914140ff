"""What a machine's preparation makes, and when it is done."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from flowercore.backbones import litert, registry, runtime
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


def test_a_worker_is_ready_to_look_at_photos_before_it_is_asked_to(
    prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    build = litert._Interpreter.__init__

    def counted(
        self: litert._Interpreter,
        model: bytes,
        threads: int,
        photos: int = 1,
        lean: bytes | None = None,
    ) -> None:
        made.append(photos)
        build(self, model, threads, photos, lean)

    monkeypatch.setattr(litert._Interpreter, "__init__", counted)
    assert worker.get_ready() == os.getpid()
    for photos in (1, 2):
        assert 1 <= made.count(photos) <= settings().threads
    before = len(made)
    assert len(list(runtime.extractor(registry.DEFAULT).each(np.zeros((3, 224, 224, 3))))) == 3
    assert len(made) == before


def test_a_broken_network_does_not_keep_a_worker_from_starting(prepared: Path) -> None:
    (compiled,) = (prepared / "backbones").glob("*.tflite")
    compiled.write_bytes(compiled.read_bytes()[:1000])
    assert worker.get_ready() == os.getpid()
