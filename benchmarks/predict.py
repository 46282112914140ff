"""How long one answer takes, by size of the photo and by stage, and a hundred of them.

    python -m benchmarks.predict [--data FOLDER] [--times 60]

Photos of a folder of class folders are enlarged to 0.3, 2, 12 and 48 megapixels and saved as a
phone does. Without a browser: what the core takes from the bytes to the verdict of the starter.
Medians, 95th and 99th percentiles.
"""

from __future__ import annotations

import io
import math
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np
from PIL import Image

from benchmarks import setting
from benchmarks.report import Row, Section, Table

SIZES = (0.3, 2, 12, 48)
_PHOTOS = 6
_MANY = 100


def enlarged(path: Path, megapixels: float) -> bytes:
    """Return a photo as a JPEG of so many megapixels."""
    with Image.open(path) as photo:
        factor = math.sqrt(megapixels * 1e6 / (photo.width * photo.height))
        size = (round(photo.width * factor), round(photo.height * factor))
        out = io.BytesIO()
        photo.convert("RGB").resize(size, Image.Resampling.BICUBIC).save(out, "JPEG", quality=90)
    return out.getvalue()


def milliseconds(act: Callable[[bytes], object], photos: list[bytes], times: int) -> list[float]:
    """Return how long an act takes for photos in turn; the first rounds warm it up."""
    for data in photos[:3]:
        act(data)
    found = []
    for turn in range(times):
        began = perf_counter()
        act(photos[turn % len(photos)])
        found.append(1000 * (perf_counter() - began))
    return found


def measure(arguments: Namespace) -> Section:
    """Measure all sizes and stages.

    Args:
        arguments: See `main`.
    """
    with setting.place(arguments.prepared) as place:
        setting.prepare()
        folder = setting.photos(arguments.data, arguments.photos, place)
        return _measured(sorted(folder.rglob("*.jpg")), arguments)


def _measured(paths: list[Path], arguments: Namespace) -> Section:
    from threadpoolctl import threadpool_limits

    from flowercore.data import views
    from flowercore.prediction.explain import explain
    from flowercore.prediction.predictor import Predictor

    predictor = Predictor.for_run("starter")
    stages: dict[str, Callable[[bytes], object]] = {
        "decode and resize": lambda data: views.pixels(
            data, predictor.views, name="x", size=predictor.input_size
        ),
        "bytes to verdict": lambda data: predictor.predict([("x", data)]),
        "what speaks for it, a map": lambda data: explain(predictor, "x", data),
    }
    rows = []
    with threadpool_limits(1, user_api="blas"):  # as in the server
        for megapixels in arguments.sizes:
            step = max(1, len(paths) // _PHOTOS)
            photos = [enlarged(path, megapixels) for path in paths[::step][:_PHOTOS]]
            size = f"{np.mean([len(one) for one in photos]) / 1e6:.1f} MB"
            for stage, act in stages.items():
                values = tuple(milliseconds(act, photos, arguments.times))
                name = f"{megapixels:g} megapixels ({size}): {stage}"
                rows.append(Row(name, values, "ms"))
        many = [(path.name, path.read_bytes()) for path in paths[:_MANY]]
        began = perf_counter()
        predictor.predict(many)
        together = perf_counter() - began
    return Section(
        "Predict",
        "python -m benchmarks.predict",
        (Table("one photo", tuple(rows), ("p50", "p95", "p99")),),
        "The starter, which judges a photo together with its mirror image, without a browser: from "
        f"the bytes of a JPEG to the verdict in words. {arguments.times} times each.",
        (f"{len(many)} photos as they are, at once: {together:.2f} s.",),
    )


def main() -> None:
    """Measure and print."""
    parser = setting.options(__doc__, photos=_MANY)
    parser.add_argument("--times", type=int, default=60)
    arguments = parser.parse_args()
    arguments.sizes = SIZES
    if arguments.quick:
        arguments.sizes, arguments.times = SIZES[:2], 3
    setting.told(measure(arguments), arguments)


if __name__ == "__main__":
    main()
