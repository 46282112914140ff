"""Features on a Dask cluster: two workers against one, and what a shard of photos costs beside.

    python -m benchmarks.scaling [--data FOLDER] [--photos 500] [--turns 5] [--synthetic 100000]

Starts schedulers and worker processes of one thread each on this machine. A job on one of the
workers asks for the features of all photos, nothing cached; alone it computes them by itself, in
turns with a second cluster of two workers. Then shards of photos that do not exist, which workers
answer at once with vectors of the real size: what remains is the scheduler's and the wire's share.
It says little unless two cores are free.
"""

from __future__ import annotations

import pickle
import statistics
from argparse import Namespace
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

import numpy as np

from benchmarks import report, scaling_million, setting
from benchmarks.report import Row, Section, Table
from benchmarks.scaling_cluster import cluster, features, forget_features, synthetic
from flowercore.backbones import registry
from flowercore.data.dataset import Photo
from flowercore.data.views import PLAIN
from flowercore.jobs.dask_connection import Connection
from flowercore.jobs.dask_helpers import Helpers
from flowercore.jobs.dask_shard import Shard
from flowercore.training.computing import BATCH, Order


@dataclass(frozen=True)
class Wire:
    """What shards without work cost.

    Attributes:
        a_shard: Seconds, one after the other.
        a_photo: Seconds.
        shards: How many there were.
        asked: Bytes of an order, a photo.
        brought: Bytes of an answer, a photo.
    """

    a_shard: float
    a_photo: float
    shards: int
    asked: int
    brought: int


def measure(arguments: Namespace) -> Section:
    """Measure on clusters of one worker and of two.

    Args:
        arguments: See `main`.
    """
    with setting.place(arguments.prepared) as place:
        folder = setting.photos(arguments.data, arguments.photos, place)
        setting.prepare()
        with cluster(1, place) as one, cluster(2, place) as two:
            clusters = {1: one, 2: two}
            seconds: dict[int, list[float]] = {1: [], 2: []}
            shares = []
            for turn in range(arguments.turns + 1):
                for workers in report.alternating([1, 2], turn):
                    with clusters[3 - workers].paused():
                        took, photos, brought = clusters[workers].run(features, str(folder))
                    if turn:  # in the first round workers import and make interpreters
                        seconds[workers].append(took)
                    if turn and workers == 2:
                        shares.append(sum(brought.values()) / photos)
            with one.paused():
                stops = [_stop(two.connection, folder) for _ in range(min(3, arguments.turns))]
                _synthetic(two.connection, 1_000)
                wire = _synthetic(two.connection, arguments.synthetic)
        size = statistics.mean(path.stat().st_size for path in folder.glob("*/*"))
        core = statistics.median(photos / took for took in seconds[1])
        million = scaling_million.table(arguments.vectors, core, wire.a_photo, size, place)
    return _section(arguments, photos, seconds, shares, stops, wire, million)


def _section(
    arguments: Namespace,
    photos: int,
    seconds: dict[int, list[float]],
    shares: list[float],
    stops: list[float],
    wire: Wire,
    million: Table,
) -> Section:
    paces = {workers: [photos / took for took in seconds[workers]] for workers in seconds}
    ratios = [one / two for one, two in zip(seconds[1], seconds[2], strict=True)]
    core = statistics.median(paces[1])
    shard = min(BATCH, photos)
    work = shard / core
    # What the model of docs/scaling.md says of two workers: one of them has the shards' costs too.
    expected = 1 / (1 / (2 * core) + wire.a_shard / shard)
    cores = report.cores()
    rows = (
        Row("one worker", tuple(paces[1]), "photos/s"),
        Row("two workers", tuple(paces[2]), "photos/s", {"model": f"{expected:.0f} photos/s"}),
        Row("two workers against one", tuple(ratios), "times", {"model": f"{expected / core:.2f}"}),
        Row("share that the second brought", tuple(100 * share for share in shares), "%"),
        Row("from the wish to stop to the end", tuple(stops), "s"),
    )
    costs = (
        Row("work of a shard, on a core", (1000 * work,), "ms"),
        Row("the scheduler's and the wire's share of it", (1000 * wire.a_shard,), "ms"),
        Row("the same, a photo", (1e6 * wire.a_photo,), "µs"),
        Row("that share of the work", (100 * wire.a_shard / work,), "%"),
        Row("photos that one asker can take in", (1 / wire.a_photo,), "photos/s"),
        Row("bytes to the worker, a photo", (wire.asked / 1000,), "kB"),
        Row("bytes back, a photo", (wire.brought / 1000,), "kB"),
    )
    text = (
        f"{photos} photos, nothing cached; workers of one thread each, on a machine of {cores} "
        f"core{'' if cores == 1 else 's'}; each turn gives a ratio of its own. Costs beside the "
        f"work: {arguments.synthetic:,} photos that do not exist, in {wire.shards:,} shards that "
        "two workers answer at once with vectors of the real size. Aimed at: 1.8 times, and a stop "
        f"within 2 s. What else grows with photos: {arguments.vectors:,} random vectors, in one "
        "process; for a million it is reckoned, not run."
    )
    return Section(
        "On a Dask cluster",
        "python -m benchmarks.scaling",
        (Table("features", rows), Table("a shard", costs, ("median",)), million),
        text,
    )


def _stop(two: Connection, folder: Path) -> float:
    """Return the seconds from the wish to stop a training in its features until it has ended."""
    from flowercore.jobs.dask_slots import DaskSlots
    from flowercore.jobs.job_queue import JobQueue
    from flowercore.runs import results, store
    from flowercore.training.config import TrainConfig

    forget_features()
    slots = DaskSlots(two.address, None)
    queue = JobQueue(slots)
    try:
        run = queue.submit(TrainConfig(data=str(folder)), "benchmark")
        while results.progress(run.id).done < 2 and store.get(run.id).active:
            sleep(0.01)
        began = perf_counter()
        queue.cancel(run.id)
        while store.get(run.id).active:
            sleep(0.005)
        seconds = perf_counter() - began
        while slots.free < 2:  # the answer is still on its way
            sleep(0.01)
        return seconds
    finally:
        queue.close()


def imaginary(count: int) -> Order:
    """Return an order for photos that do not exist.

    Args:
        count: How many.
    """
    photos = tuple(
        Photo(f"rose/photo_{n:08d}.jpg", "rose", f"{n:064x}", 100_000, 500, 333, "JPEG")
        for n in range(count)
    )
    missing = {photo.sha256: (0,) for photo in photos}
    return Order(Path("/photos"), "photos", photos, registry.DEFAULT, (PLAIN,), missing)


def _synthetic(two: Connection, count: int) -> Wire:
    order = imaginary(count)
    began = perf_counter()
    helpers = Helpers(order, two.address, two.client, "", Counter(), synthetic)
    while not helpers.done:
        if not helpers.collect():
            sleep(0.0005)
    seconds = perf_counter() - began
    part = order.part(order.photos[: order.batch])
    dimension = registry.get(order.backbone).feature_dim
    answer = Shard(
        two.address,
        tuple(photo.sha256 for photo in part.photos),
        np.ones((len(part.photos), dimension), np.float32),
    )
    asked, brought = (len(pickle.dumps(one)) // len(part.photos) for one in (part, answer))
    return Wire(seconds / helpers.shards, seconds / count, helpers.shards, asked, brought)


def main() -> None:
    """Measure and print."""
    parser = setting.options(__doc__)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--synthetic", type=int, default=100_000, help="photos without work")
    parser.add_argument("--vectors", type=int, default=20_000, help="for what grows with photos")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.turns, arguments.synthetic = 1, 500
        arguments.photos, arguments.vectors = 80, 500
    setting.told(measure(arguments), arguments)


if __name__ == "__main__":
    main()
