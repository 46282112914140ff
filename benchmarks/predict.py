"""How long one answer takes, by size of the photo and by stage, and a hundred of them.

    python -m benchmarks.predict --data FOLDER [--run starter] [--times 60]

Photos of a folder of class folders are enlarged to 0.3, 2, 12 and 48 megapixels and saved as a
phone does. Without a browser: what the core takes from the bytes to the verdict. Prints medians,
95th and 99th percentiles.
"""

from __future__ import annotations

import argparse
import io
import math
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np
from PIL import Image

SIZES = (0.3, 2, 12, 48)


def enlarged(path: Path, megapixels: float) -> bytes:
    """Return a photo as a JPEG of so many megapixels."""
    with Image.open(path) as photo:
        factor = math.sqrt(megapixels * 1e6 / (photo.width * photo.height))
        size = (round(photo.width * factor), round(photo.height * factor))
        out = io.BytesIO()
        photo.convert("RGB").resize(size, Image.Resampling.BICUBIC).save(out, "JPEG", quality=90)
    return out.getvalue()


def milliseconds(act: Callable[[bytes], object], photos: list[bytes], times: int) -> np.ndarray:
    """Return how long an act takes for photos in turn; the first rounds warm it up."""
    for data in photos[:3]:
        act(data)
    found = []
    for number in range(times):
        began = perf_counter()
        act(photos[number % len(photos)])
        found.append(1000 * (perf_counter() - began))
    return np.array(found)


def told(name: str, found: np.ndarray) -> None:
    """Print percentiles."""
    p50, p95, p99 = np.percentile(found, [50, 95, 99])
    print(f"  {name}: p50 {p50:.1f} ms, p95 {p95:.1f}, p99 {p99:.1f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, type=Path, help="a folder of class folders")
    parser.add_argument("--run", default="starter", help="a run's id; default: starter")
    parser.add_argument("--times", type=int, default=60)
    arguments = parser.parse_args()
    from threadpoolctl import threadpool_limits

    from flowercore.data import views
    from flowercore.prediction.explain import explain
    from flowercore.prediction.predictor import Predictor

    threadpool_limits(1, user_api="blas")  # as in the server
    predictor = Predictor.for_run(arguments.run)
    paths = sorted(arguments.data.rglob("*.jpg"))
    for megapixels in SIZES:
        photos = [enlarged(path, megapixels) for path in paths[:: len(paths) // 6][:6]]
        print(f"{megapixels} megapixels ({np.mean([len(one) for one in photos]) / 1e6:.1f} MB)")
        told(
            "decode and resize",
            milliseconds(
                lambda data: views.pixels(
                    data, predictor.views, name="x", size=predictor.input_size
                ),
                photos,
                arguments.times,
            ),
        )
        told(
            "bytes to verdict",
            milliseconds(lambda data: predictor.predict([("x", data)]), photos, arguments.times),
        )
        told("map", milliseconds(lambda data: explain(predictor, "x", data), photos, 20))
    many = [(path.name, path.read_bytes()) for path in paths[:100]]
    began = perf_counter()
    predictor.predict(many)
    print(f"{len(many)} photos as they are: {perf_counter() - began:.2f} s")


if __name__ == "__main__":
    main()
