"""How long a check of thousands of photos takes, step by step.

    python -m benchmarks.audit --data FOLDER [--photos 3670]

Each photo of the folder is copied with small random crops, so that all bytes differ. Uses a home
folder of its own and removes it. Prints seconds a step; the same command on 500 photos tells how
it grows.
"""

from __future__ import annotations

import argparse
import io
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import numpy as np
from PIL import Image

CROP = 0.06
"""Most of a side that a crop takes off."""


def copies(source: Path, into: Path, count: int) -> int:
    """Write ``count`` crops of the photos below ``source`` as class folders; return how many."""
    files = sorted(path for path in source.glob("*/*") if path.is_file())
    written = 0
    for number, file in zip(range(count), itertools.cycle(files), strict=False):
        rng = np.random.default_rng(number)
        target = into / file.parent.name / f"{file.stem}-{number // len(files)}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        with Image.open(io.BytesIO(file.read_bytes())) as picture:
            left, top, right, bottom = rng.uniform(0, CROP, 4)
            width, height = picture.size
            box = (left * width, top * height, (1 - right) * width, (1 - bottom) * height)
            picture.convert("RGB").crop(tuple(map(round, box))).save(target, quality=92)
        written += 1
    return written


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print how long the block took."""
    began = perf_counter()
    yield
    print(f"{what:<42} {perf_counter() - began:7.1f} s", flush=True)


def main() -> None:
    """Print seconds for scan, looks, features, audit, and the audit when all is cached."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--photos", type=int, default=3670)
    arguments = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="flower-lab-audit-"))
    os.environ["FLOWERCORE_HOME"] = str(home / "home")
    try:
        _measure(arguments.data, home / "photos", arguments.photos)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _measure(source: Path, folder: Path, count: int) -> None:
    # After the home folder is chosen: settings are read once.
    from flowercore.audit import store
    from flowercore.audit.audit import audit
    from flowercore.backbones import registry, runtime
    from flowercore.data import looks
    from flowercore.data.dataset import scan
    from flowercore.training.features import dataset_features

    print(f"{copies(source, folder, count):,} photos")
    runtime.prepare(registry.DEFAULT)

    with timed("scan"):
        dataset = scan(folder, name="copies", origin="copies")
    with timed("looks: numbers, hashes, tiles"):
        looks.survey(dataset)
    with timed("scan again"):
        scan(folder, name="copies", origin="copies")
    with timed("features"):
        dataset_features(dataset, registry.DEFAULT)
    with timed("audit, features and looks cached"):
        found = audit(dataset)
    for step, seconds in found.seconds.items():
        print(f"    {step:<38} {seconds:7.1f} s")
    with timed("save and load"):
        store.save(found)
        store.load("copies")
    print(found.problems["kind"].value_counts().to_string())


if __name__ == "__main__":
    main()
