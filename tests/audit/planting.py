"""A copy of the real photos with faults planted in it, and the list of what was planted."""

from __future__ import annotations

import hashlib
import io
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

SWAPPED, EXACT, NEAR, ACROSS, UNREADABLE, BLACK, STRANGERS = 20, 15, 15, 10, 5, 5, 10


@dataclass
class Planted:
    """Keys of the photos at fault.

    Attributes:
        root: The folder with the faults.
        swapped: Photos in another class's folder, with their true class.
        exact: Copies byte for byte, with what they are copies of.
        near: Copies that were saved anew, with what they are copies of.
        unreadable: Files that are no whole photo.
        black: Photos without light.
        strangers: Photos of something else than flowers.
        parts: What a split uses each photo for, by key and SHA-256; `ACROSS` copies lie in the
            test part and what they are copies of in the training part.
    """

    root: Path
    swapped: dict[str, str] = field(default_factory=dict)
    exact: dict[str, str] = field(default_factory=dict)
    near: dict[str, str] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)
    black: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    parts: dict[tuple[str, str], str] = field(default_factory=dict)


def plant(root: Path, flowers: Path, others: Path, seed: int) -> Planted:
    """Copy the photos and plant faults, each at a photo of its own.

    Args:
        root: A folder to make.
        flowers: Folder of class folders.
        others: Folder of photos of other things.
        seed: Decides which photos and how.
    """
    rng = np.random.default_rng(seed)
    shutil.copytree(flowers, root)
    planted = Planted(root)
    keys = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.*"))
    chosen = [keys[i] for i in rng.permutation(len(keys))]
    classes = sorted(path.name for path in root.iterdir())
    for key in chosen[:SWAPPED]:
        label, name = key.split("/")
        other = str(rng.choice([one for one in classes if one != label]))
        (root / key).rename(root / other / name)
        planted.swapped[f"{other}/{name}"] = label
    copied = chosen[SWAPPED : SWAPPED + EXACT + NEAR]
    for number, key in enumerate(copied):
        label, name = key.split("/")
        copy = f"{label}/{rng.integers(10**9):09d}_{number}{Path(name).suffix}"
        if number < EXACT:
            shutil.copy(root / key, root / copy)
            planted.exact[copy] = key
        else:
            (root / copy).write_bytes(_saved_anew((root / key).read_bytes(), rng))
            planted.near[copy] = key
    cut = (root / chosen[-1]).read_bytes()
    broken = [cut[: len(cut) // 2], b"", b"not a photo", b"\xff\xd8\xff" + rng.bytes(999), cut[:-9]]
    for number, data in enumerate(broken):
        planted.unreadable.append(_new(root, classes, rng, f"scan_{number}.jpg", data))
    for number in range(BLACK):
        size = tuple(int(side) for side in rng.integers(200, 500, 2))
        data = _jpeg(Image.new("RGB", size, (int(rng.integers(6)),) * 3), 85)
        planted.black.append(_new(root, classes, rng, f"night_{number}.jpg", data))
    strange = sorted(path for path in others.rglob("*.*") if path.is_file())
    for index in rng.choice(len(strange), STRANGERS, replace=False):
        path = strange[index]
        planted.strangers.append(_new(root, classes, rng, f"zz_{path.name}", path.read_bytes()))
    _divide(planted, rng)
    return planted


def _saved_anew(data: bytes, rng: np.random.Generator) -> bytes:
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    if rng.random() < 0.5:
        share = rng.uniform(0.4, 1.5)
        size = tuple(round(side * share) for side in picture.size)
        picture = picture.resize(size, Image.Resampling.BICUBIC)
    return _jpeg(picture, int(rng.integers(30, 95)))


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _new(root: Path, classes: list[str], rng: np.random.Generator, name: str, data: bytes) -> str:
    key = f"{rng.choice(classes)}/{name}"
    (root / key).write_bytes(data)
    return key


def _divide(planted: Planted, rng: np.random.Generator) -> None:
    copies = planted.exact | planted.near
    across = {list(copies)[i] for i in rng.choice(len(copies), ACROSS, replace=False)}
    part = {}
    for path in sorted(planted.root.rglob("*.*")):
        key = path.relative_to(planted.root).as_posix()
        part[key] = str(rng.choice(["train", "validation", "test"], p=[0.7, 0.1, 0.2]))
    for copy, original in copies.items():
        part[original] = "train"
        part[copy] = "test" if copy in across else "train"
    for key, of in part.items():
        digest = hashlib.sha256((planted.root / key).read_bytes()).hexdigest()
        planted.parts[key, digest] = of
