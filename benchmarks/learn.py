"""How long the course's interactions take in the core, without a browser.

    python -m benchmarks.learn [--photo FILE] [--times 40]

The home folder must be prepared. A photo of 720 pixels, and the square of it that the network gets.
Prints medians, 95th percentiles and the slowest, in milliseconds.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np
from PIL import Image

Act = Callable[[], object]


def milliseconds(act: Act, times: int) -> np.ndarray:
    """Return how long an act takes; the first rounds warm it up."""
    for _ in range(3):
        act()
    found = []
    for _ in range(times):
        began = perf_counter()
        act()
        found.append(1000 * (perf_counter() - began))
    return np.array(found)


def told(name: str, act: Act, times: int) -> None:
    """Measure and print a line."""
    found = milliseconds(act, times)
    p50, p95 = np.percentile(found, [50, 95])
    print(f"  {name}: p50 {p50:.1f} ms, p95 {p95:.1f}, slowest {found.max():.1f}")


def convolution(data: bytes, times: int) -> None:
    """Chapter 1: a kernel over the photo, one place in numbers, the pictures of both."""
    from flowercore.convolution_chart import products
    from flowercore.data import views
    from flowercore.teaching.convolution import convolve
    from flowercore.teaching.filtering import by_hand, by_network
    from flowercore.teaching.kernels import KERNELS
    from flowercore.teaching.pictures import enlarged, jpeg, marked

    whole = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    kernel = np.array(KERNELS["edges"].weights)
    pixels = views.pixels(data, [views.PLAIN], name="photo", size=224)[0]
    done = by_hand(pixels, kernel, 1, "same")
    place = done.window((100, 100))

    def drawn() -> None:
        for picture in (done.picture, done.drawn):
            jpeg(marked(enlarged(picture, 3), (300, 300, 309, 309), hairs=True))

    print("convolution")
    three = np.repeat(kernel[:, :, np.newaxis], 3, axis=2)
    told(
        f"a colour photo of {whole.shape[1]} x {whole.shape[0]}",
        lambda: convolve(whole, three),
        times,
    )
    told("the network's square of it", lambda: by_hand(pixels, kernel, 1, "same"), times)
    told("the same by a filter of the network", lambda: by_network(pixels, 3, 1, "same"), times)
    told("both pictures", drawn, times)
    values, weights = place.values[:, :, 0], done.weights[:, :, 0]
    told(
        "one place in numbers, as a figure",
        lambda: products(values, weights, place.inside, done.seen(values)).to_json(),
        times,
    )


def feature_maps(data: bytes, times: int) -> None:
    """Chapter 2: the maps at five depths, their mosaic, one of them over the photo."""
    from flowercore.backbones import registry, runtime
    from flowercore.backbones.depths import depths
    from flowercore.data import views
    from flowercore.mosaic_chart import mosaic
    from flowercore.prediction.heat import overlay
    from flowercore.teaching import feature_maps as maps
    from flowercore.teaching.pictures import jpeg, marked

    looked = depths(registry.DEFAULT)

    def computed() -> dict[str, np.ndarray]:
        pixels = views.pixels(data, [views.PLAIN], name="photo", size=224)[0]
        return runtime.depth_maps(registry.DEFAULT, pixels)

    print("feature maps")
    told("from the photo's bytes to all five depths", computed, times)
    found = computed()
    for depth in looked:
        values = found[depth.name]

        def drawn(values: np.ndarray = values) -> None:
            lively = maps.liveliest(values, 24)
            tiles = maps.tiles(values, lively, 96)
            mosaic(tiles, [""] * 24, 0, columns=6, height=312).to_json()

        def large(values: np.ndarray = values) -> None:
            heat = maps.scaled(values[:, :, 0], maps.ceiling(values))
            laid = overlay(data, heat, squeezed=False, opacity=0.6)
            jpeg(marked(Image.open(io.BytesIO(laid)), (100, 100, 300, 300)))

        told(f"mosaic, {depth.side} x {depth.side} x {depth.channels}", drawn, times)
        told(f"one channel over the photo, {depth.side} x {depth.side}", large, times)


CHAPTERS: dict[str, Callable[[bytes, int], None]] = {
    "convolution": convolution,
    "feature-maps": feature_maps,
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photo", type=Path, help="a photo; default: a painted sample")
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--chapter", choices=list(CHAPTERS), help="one only; default: all")
    arguments = parser.parse_args()
    from threadpoolctl import threadpool_limits

    from flowercore.teaching.samples import sample

    threadpool_limits(1, user_api="blas")  # as in the server
    data = arguments.photo.read_bytes() if arguments.photo else sample("daisy")
    with Image.open(io.BytesIO(data)) as photo:
        factor = 720 / max(photo.size)
        size = (round(photo.width * factor), round(photo.height * factor))
        out = io.BytesIO()
        photo.convert("RGB").resize(size, Image.Resampling.BICUBIC).save(out, "JPEG", quality=85)
    for name, chapter in CHAPTERS.items():
        if arguments.chapter in (None, name):
            chapter(out.getvalue(), arguments.times)


if __name__ == "__main__":
    main()
