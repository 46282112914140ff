"""Photos a second of decoding, of the forward pass and of both, against the machine's limit.

    python -m benchmarks.features [--data FOLDER] [--photos 500] [--rounds 5]

The limit is what the cores could do if they did nothing but the network's multiply-adds at the pace
of a single-precision matrix product. Next to LiteRT as the product uses it stand other numbers of
threads and interpreters, Keras's ``predict``, a ``tf.function``, and ONNX Runtime. Every round
measures all, in alternating order.
"""

from __future__ import annotations

import statistics
from argparse import Namespace
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks import report, setting
from benchmarks.feature_peers import peers
from benchmarks.report import Row, Section, Table

MATRIX = 2048
Way = Callable[[], int]
"""Goes through some photos and returns how many they were."""


def measure(arguments: Namespace) -> Section:
    """Measure all ways in turn.

    Args:
        arguments: See `main`.
    """
    with setting.place(arguments.prepared) as place:
        folder = setting.photos(arguments.data, arguments.photos, place)
        from flowercore.anatomy.layers import anatomy
        from flowercore.backbones import registry, runtime

        backbone = registry.get(registry.DEFAULT)
        runtime.prepare(backbone.name)
        work = anatomy(backbone.name).multiply_adds
        cores = report.cores()
        ways = _ways(folder, arguments.forward, cores)
        rounds: list[dict[str, float]] = []
        for turn in range(arguments.rounds + 1):
            found = {}
            for name in report.alternating(list(ways), turn):
                began = perf_counter()
                count = ways[name]()
                found[name] = count / (perf_counter() - began)
            for threads in dict.fromkeys((1, cores)):
                found[_product(threads)] = multiply_adds(threads, arguments.matrix) / work
            rounds.append(found)
        # The first round warms up: interpreters are made, graphs are built.
        names = [*ways, *(_product(threads) for threads in dict.fromkeys((1, cores)))]
        ordered = [{name: one[name] for name in names} for one in rounds[1:]]
        return _section(ordered, cores, work)


def _product(threads: int) -> str:
    return f"matrix product, {threads} thread{'' if threads == 1 else 's'}"


def multiply_adds(threads: int, size: int) -> float:
    """Return the multiply-adds a second of NumPy's single-precision matrix product.

    Args:
        threads: Threads of the linear algebra.
        size: Rows and columns of the matrices.
    """
    from threadpoolctl import threadpool_limits

    rng = np.random.default_rng(0)
    left, right = (rng.random((size, size), np.float32) for _ in range(2))
    with threadpool_limits(threads, user_api="blas"):
        out = left @ right
        seconds = []
        for _ in range(5):
            began = perf_counter()
            np.matmul(left, right, out=out)
            seconds.append(perf_counter() - began)
    return size**3 / statistics.median(seconds)


def _ways(folder: Path, forward: int, cores: int) -> dict[str, Way]:
    """Return what is measured, by name."""
    from flowercore.backbones import registry, runtime
    from flowercore.data import views
    from flowercore.data.dataset import scan

    size = registry.get(registry.DEFAULT).input_size
    dataset = scan(folder, name="bench", origin="benchmark")
    contents = [dataset.path(photo).read_bytes() for photo in dataset.photos]

    def decoded(data: bytes) -> np.ndarray:
        return views.pixels(data, [views.PLAIN], name="x", size=size)[0]

    pixels = [decoded(data) for data in contents[:forward]]

    def decode(threads: int) -> int:
        with ThreadPoolExecutor(threads) as pool:
            return sum(1 for _ in pool.map(decoded, contents))

    def both() -> int:
        from flowercore.training.features import dataset_features

        for file in (folder.parent / "home" / "cache").glob("features.sqlite*"):
            file.unlink()
        return dataset_features(dataset, registry.DEFAULT).computed

    model = runtime.prepare(registry.DEFAULT).read_bytes()
    ways: dict[str, Way] = {
        "decode and resize, 1 thread": partial(decode, 1),
        f"decode and resize, {cores} threads": partial(decode, cores),
        "both as the product does it, cache written": both,
    }
    for interpreters, threads in dict.fromkeys(((1, 1), (1, cores), (cores, 1), (2 * cores, 1))):
        name = f"LiteRT, {interpreters} x {threads} thread{'' if threads == 1 else 's'}"
        ways[name] = litert_way(model, interpreters, threads, pixels)
    twos = f"LiteRT, {cores} x 1 thread, two photos at a time"
    ways[twos] = litert_way(model, cores, 1, pixels, together=2)
    return ways | peers(pixels)


def litert_way(
    model: bytes,
    interpreters: int,
    threads: int,
    pixels: Sequence[np.ndarray],
    *,
    together: int = 1,
) -> Way:
    """Return forward passes in LiteRT.

    Args:
        model: Content of the compiled network.
        interpreters: How many photos are computed side by side.
        threads: Of each interpreter.
        pixels: The photos, (S, S, 3) each.
        together: Photos in one pass; a rest is left out.
    """
    from flowercore.backbones.litert import FEATURES, _Interpreter, giving

    lean = giving(model, FEATURES) if together > 1 else None  # as the product does it
    made = [_Interpreter(model, threads, together, lean) for _ in range(interpreters)]

    def share(place: int) -> int:
        mine = pixels[place::interpreters]
        whole = len(mine) - len(mine) % together
        for first in range(0, whole, together):
            made[place].run(mine[first : first + together], FEATURES)
        return whole

    def run() -> int:
        with ThreadPoolExecutor(interpreters) as pool:
            return sum(pool.map(share, range(interpreters)))

    return run


def _section(rounds: list[dict[str, float]], cores: int, work: int) -> Section:
    # Threads that wait for each other on a busy machine must not lower the limit.
    limits = [max(one[_product(1)], one[_product(cores)]) for one in rounds]
    rows = []
    for name in rounds[0]:
        values = tuple(one[name] for one in rounds)
        shares = [value / limit for value, limit in zip(values, limits, strict=True)]
        more = {"of the limit": f"{100 * statistics.median(shares):.0f} %"}
        rows.append(Row(name, values, "photos/s", more))
    text = (
        f"The default network takes {work:,} multiply-adds a photo. The limit is a matrix product "
        f"of NumPy on {cores} core{'' if cores == 1 else 's'} at that count. Aimed at: decoding "
        "and forward pass together at 90 % of it."
    )
    return Section(
        "Features",
        "python -m benchmarks.features",
        (Table("photos a second", tuple(rows)),),
        text,
    )


def main() -> None:
    """Measure and print."""
    parser = setting.options(__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--forward", type=int, default=100, help="photos of a forward pass alone")
    arguments = parser.parse_args()
    arguments.matrix = MATRIX
    if arguments.quick:
        arguments.rounds, arguments.matrix = 1, 512
    setting.told(measure(arguments), arguments)


if __name__ == "__main__":
    main()
