"""How seconds and memory grow with the number of photos.

    python -m benchmarks.growth [--data FOLDER] [--large] [--counts 500 5000]

Photos are copies with a random crop and noise of their own, 320 pixels wide. Each step runs in a
process of its own: seconds without imports, and the most memory that it held. ``--large`` adds
50,000 photos, which takes a quarter of an hour on two cores.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from argparse import Namespace
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks import setting
from benchmarks.growth_steps import NAME, STEPS
from benchmarks.report import Row, Section, Table, cores, number

COUNTS = (500, 5_000)
LARGE = 50_000
WIDTH, CROP, NOISE = 320, 0.15, 6
"""Pixels of a copy, most of a side that its crop takes off, and its noise in grey levels."""
MEMORY_MEGABYTES = 1_500
# A step is a straight line as long as a photo costs no more than this many times as before.
STRAIGHT = 1.25
# What takes less is told, not judged: on a machine that does other things no clock is so exact.
JUDGED_SECONDS = 0.5
WHAT = {
    "bring_in": "bring in: copy, check, hash",
    "scan": "list again",
    "looks": "look at each once",
    "features": "features",
    "train": "train, features cached",
    "evaluate": "evaluate on all",
    "gallery": "a rerun of the gallery",
}


def copies(source: Path, target: Path, count: int) -> None:
    """Write crops of photos with noise, no two of them alike.

    Args:
        source: A folder of class folders.
        target: Likewise; made here.
        count: How many.
    """
    photos = sorted(path for path in source.glob("*/*") if path.is_file())
    for folder in {path.parent.name for path in photos}:
        (target / folder).mkdir(parents=True)

    def write(number: int) -> None:
        photo = photos[number % len(photos)]
        rng = np.random.default_rng(number)
        with Image.open(photo) as picture:
            picture.draft("RGB", (WIDTH, WIDTH))
            width, height = picture.size
            left, top, right, bottom = rng.uniform(0, CROP, 4)
            box = (left * width, top * height, (1 - right) * width, (1 - bottom) * height)
            size = (WIDTH, round(WIDTH * height / width))
            small = picture.convert("RGB").resize(size, Image.Resampling.BILINEAR, box)
        noise = rng.integers(-NOISE, NOISE + 1, (size[1], size[0], 1), np.int16)
        noisy = np.clip(np.asarray(small, np.int16) + noise, 0, 255).astype(np.uint8)
        name = f"{number:06d}.jpg"
        Image.fromarray(noisy).save(target / photo.parent.name / name, quality=85)

    with ThreadPoolExecutor(2 * cores()) as pool:
        for _ in pool.map(write, range(count)):
            pass


def measure(arguments: Namespace) -> Section:
    """Measure all steps at all sizes.

    Args:
        arguments: See `main`.
    """
    found: dict[int, dict[str, dict[str, float]]] = {}
    for count in arguments.counts:
        with setting.place(arguments.prepared) as place:
            setting.prepare()
            source = setting.photos(arguments.data, min(count, setting.PHOTOS), place)
            copies(source, place / NAME, count)
            found[count] = {
                step: _step(step, *([str(place / NAME)] if step == "bring_in" else []))
                for step in STEPS
            }
    return section(found)


def _step(*words: str) -> dict[str, float]:
    environment = {**os.environ, "FLOWERCORE_ARCHIVE_ENTRIES": "1000000"}
    command = [sys.executable, "-m", "benchmarks.growth_steps", *words]
    done = subprocess.run(
        command, cwd=setting.ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"the step {words[0]} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def section(found: dict[int, dict[str, dict[str, float]]]) -> Section:
    """Say what came out.

    Args:
        found: What `benchmarks.growth_steps` prints, by number of photos and step.
    """
    counts = sorted(found)
    seconds, memory, bent, high = [], [], [], []
    for step in STEPS:
        for before, count in zip([None, *counts], counts, strict=False):
            now = found[count][step]
            more = {"a photo": f"{number(1000 * now['seconds'] / count)} ms"}
            peak = now["megabytes"]
            growth = ""
            if before is not None:
                then = found[before][step]
                ratio, own, system = (
                    # The system counts in steps of its clock, of which a small set takes none.
                    (now[what] / count) / (then[what] / before) if then[what] else math.nan
                    for what in ("seconds", "own", "system")
                )
                more |= {_TIMES: _ratio(ratio), _OWN: _ratio(own)}
                growth = f"{peak - then['megabytes']:+.0f} MB"
                if ratio > STRAIGHT and now["seconds"] > JUDGED_SECONDS:
                    bent.append(
                        f"{WHAT[step]} ({_ratio(ratio)} times at {count:,}; the program's own "
                        f"time {_ratio(own)}, the system's for it {_ratio(system)})"
                    )
            if peak > MEMORY_MEGABYTES:
                high.append(f"{WHAT[step]} ({peak:,.0f} MB at {count:,})")
            name = f"{WHAT[step]}, {count:,} photos"
            seconds.append(Row(name, (now["seconds"],), "s", more))
            memory.append(Row(name, (peak,), "MB", {f"more than at {_FEWER}": growth}))
    remarks = [
        "One size: how it grows is not known."
        if len(counts) < 2
        else f"Not a straight line, a photo costs more where there are more: {'; '.join(bent)}."
        if bent
        else f"A straight line or less: no step costs more than {STRAIGHT} times as much a photo.",
        f"Over {MEMORY_MEGABYTES:,} MB: {'; '.join(high)}."
        if high
        else f"No step held more than {MEMORY_MEGABYTES:,} MB.",
    ]
    sizes = " ".join(str(count) for count in counts)
    return Section(
        "Growth",
        f"python -m benchmarks.growth --counts {sizes}",
        (
            Table("seconds", tuple(seconds), ("median",)),
            Table("most memory of the process", tuple(memory), ("median",)),
        ),
        f"Copies {WIDTH} pixels wide with a random crop and noise. Each step in a process of its "
        "own, seconds without imports.",
        tuple(remarks),
    )


def _ratio(value: float) -> str:
    return "not to be told" if math.isnan(value) else f"{value:.2f}"


_FEWER = "the size before"
_TIMES = f"a photo, times that of {_FEWER}"
_OWN = "the program's own time a photo, likewise"


def main() -> None:
    """Measure and print."""
    parser = setting.options(__doc__, photos=None)
    parser.add_argument("--counts", type=int, nargs="+", default=list(COUNTS))
    parser.add_argument("--large", action="store_true", help=f"{LARGE:,} photos as well")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.counts = [20, 40]
    if arguments.large:
        arguments.counts = sorted({*arguments.counts, LARGE})
    setting.told(measure(arguments), arguments)


if __name__ == "__main__":
    main()
