"""The published datasets in small, offered by a server of this machine."""

from __future__ import annotations

import hashlib
import io
import tarfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from flowercore.data import catalog, sources
from flowercore.data.sources import Source

CHUNK = 1 << 16
FOLDERS = ("daisy", "dandelion", "roses", "sunflowers", "tulips")
CLASSES = ["daisy", "dandelion", "rose", "sunflower", "tulip"]
PER_CLASS = 4


def photos() -> dict[str, bytes]:
    """Photos of noise, which no archive makes smaller, by their path in the archive."""
    found = {}
    for number, label in enumerate(FOLDERS):
        for index in range(PER_CLASS):
            noise = np.random.default_rng(10 * number + index).integers(0, 256, (120, 160, 3))
            out = io.BytesIO()
            Image.fromarray(noise.astype(np.uint8)).save(out, "PNG")
            found[f"flower_photos/{label}/{index}.png"] = out.getvalue()
    return found


def tgz(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=0) as packed:
        for name, data in {**files, "flower_photos/LICENSE.txt": b"By many people."}.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            packed.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, data in files.items():
            packed.writestr(name.replace("flower_photos", "tiny_FR"), data)
    return out.getvalue()


@pytest.fixture
def offer(site: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Source]:
    """Let the server offer one of the published datasets, much smaller: ``offer("tiny_FR")``."""

    def put(name: str, body: bytes | None = None, **changes: Any) -> Source:
        pack = tgz if name == "flower_photos" else zipped
        site.original = site.body = pack(photos())
        known = sources.get(name)
        facts: dict[str, Any] = {
            "url": f"{site.address}/{known.file}",
            "photos": len(FOLDERS) * PER_CLASS,
        }
        if known.sha256:
            facts |= {
                "size": len(site.original),
                "sha256": hashlib.sha256(site.original).hexdigest(),
            }
        source = replace(known, **facts | changes)
        monkeypatch.setitem(sources._BY_NAME, name, source)
        if body is not None:
            site.body = body
        return source

    return put


def left(home: Path) -> list[str]:
    """What is kept of downloads, locks not counted."""
    return sorted(
        path.name for path in (home / "downloads").iterdir() if not path.name.endswith(".lock")
    )


def names() -> list[str]:
    return [entry.name for entry in catalog.entries()]


def until(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.02)
