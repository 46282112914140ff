"""Archives put together entry by entry."""

from __future__ import annotations

import io
import tarfile
import tracemalloc
import zipfile
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
from PIL import Image

from flowercore.data.archive import unpack_class_folders
from flowercore.errors import ArchiveError


def noise(size: int = 64, seed: int = 0) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (size, size, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG")
    return out.getvalue()


JPEG = noise()


def everything(folder: Path) -> set[Path]:
    """All files and folders except the home folder, which the space check makes."""
    return {item for item in folder.rglob("*") if item.name != "home"}


def refused(path: Path, into: Path) -> str:
    before = everything(into.parent)
    begin = perf_counter()
    with pytest.raises(ArchiveError) as caught:
        unpack_class_folders(path, into)
    assert perf_counter() - begin < 30
    assert everything(into.parent) == before
    message = str(caught.value)
    assert message.startswith("An archive must ")
    assert str(into.parent) not in message
    return message


def zip_of(path: Path, entries: list[tuple[zipfile.ZipInfo | str, bytes]]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("rose/good.jpg", JPEG)
        for entry, data in entries:
            zipped.writestr(entry, data)
    return path


def tar_of(path: Path, members: list[tarfile.TarInfo], data: bytes = b"") -> Path:
    with tarfile.open(path, "w:gz") as tar:
        good = tarfile.TarInfo("rose/good.jpg")
        good.size = len(JPEG)
        tar.addfile(good, io.BytesIO(JPEG))
        for member in members:
            member.size = len(data) if member.isreg() else 0
            tar.addfile(member, io.BytesIO(data))
    return path


def zip_entry(name: str, mode: int = 0) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo()
    # ZipInfo's own constructor would tidy the name.
    entry.filename = entry.orig_filename = name
    entry.create_system = 3
    entry.external_attr = mode << 16
    return entry


def peak_memory(path: Path, into: Path) -> tuple[str, int]:
    tracemalloc.start()
    try:
        message = refused(path, into)
        return message, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
