"""What a photo costs beyond its features, and what a million of them would: part of `scaling`.

Vectors are random and of the real size: what is measured does not depend on what they show, but
for near-duplicates, of which random vectors are the worst case: no bound rules a pair of them out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.report import Row, Table, number
from flowercore.backbones import registry

MILLION = 1_000_000
CORES = 16
CLASSES = 100
EPOCHS = 25
BATCHES = (16, 256)
"""Photos of a training step: the product's default, and one that suits a million."""
CELLS, LOOKED_INTO = 4_096, 16
"""Of an inverted file: cells, and how many of them are searched for a photo's neighbours."""
SHARD = 10_000
"""Vectors of one Parquet file."""


def lasting(seconds: float) -> str:
    """Return a duration in the unit that a person would choose."""
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 1.5 * size:
            return f"{number(seconds / size)} {unit}"
    return f"{number(seconds)} s"


def table(count: int, core: float, a_photo: float, file_bytes: float, folder: Path) -> Table:
    """Measure what grows with photos and reckon it for a million.

    Args:
        count: How many vectors to measure with.
        core: Photos a second that a core computes.
        a_photo: Seconds that the asker needs for a photo that another worker computes.
        file_bytes: Mean size of a photo's file.
        folder: Where files may be written.
    """
    dimension = registry.get(registry.DEFAULT).feature_dim
    vectors = np.random.default_rng(0).normal(size=(count, dimension)).astype(np.float32)

    def row(what: str, seconds: float, million: float) -> Row:
        return Row(what, (1e6 * seconds,), "µs", {"a million photos": lasting(million)})

    filled, read = (seconds / count for seconds in _database(vectors))
    stored, loaded = (seconds / count for seconds in _parquet(vectors, folder / "vectors.parquet"))
    steps = {size: _epoch(vectors, size) / count for size in BATCHES}
    # The product looks at each pair once, so this is half of what two photos take.
    pair = _seconds(lambda: _near(vectors)) / count**2
    searched = CELLS + LOOKED_INTO * MILLION / CELLS
    size = 4 * dimension * MILLION / 1e9
    return Table(
        "a photo",
        (
            row("features on one core", 1 / core, MILLION / core),
            row(
                f"features on {CORES} cores",
                1 / core / CORES,
                max(MILLION / core / CORES, MILLION * a_photo),
            ),
            Row(
                "read from the shared disk",
                (file_bytes / 1000,),
                "kB",
                {"a million photos": f"{number(file_bytes * MILLION / 1e9)} GB"},
            ),
            Row(
                "vector",
                (4 * dimension / 1000,),
                "kB",
                {"a million photos": f"{number(size)} GB"},
            ),
            row("written to the cache (SQLite, WAL)", filled, MILLION * filled),
            row("read from the cache (SQLite)", read, MILLION * read),
            row("written to Parquet", stored, MILLION * stored),
            row("read from Parquet", loaded, MILLION * loaded),
            *(
                row(
                    f"{EPOCHS} epochs of a head of {CLASSES} classes, batches of {batch}",
                    EPOCHS * seconds,
                    EPOCHS * MILLION * seconds,
                )
                for batch, seconds in steps.items()
            ),
            row("near-duplicates, every pair", pair * count, pair * MILLION**2),
            row(
                f"near-duplicates, {LOOKED_INTO} of {CELLS:,} cells",
                2 * pair * searched,
                2 * pair * MILLION * searched,
            ),
        ),
        ("median",),
    )


def _seconds(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


def _near(vectors: np.ndarray) -> None:
    from flowercore.data.similarity import near_groups

    near_groups(vectors)


def _database(vectors: np.ndarray) -> tuple[float, float]:
    """Return the seconds in which the product fills its cache and reads all of it."""
    from flowercore.training import feature_cache

    hashes = [f"{number:064x}" for number in range(len(vectors))]

    def fill() -> None:
        writing = feature_cache.Writing(["scaling"])
        for row, (sha256, vector) in enumerate(zip(hashes, vectors, strict=True)):
            writing.add(0, sha256, vector)
            if row % 32 == 31:
                writing.write_if_due()
        writing.close()

    filled = _seconds(fill)
    return filled, _seconds(lambda: sum(1 for _ in feature_cache.read("scaling", hashes)))


def _parquet(vectors: np.ndarray, path: Path) -> tuple[float, float]:
    """Return the seconds in which files of `SHARD` vectors are written, and read whole."""
    import pyarrow as pa
    from pyarrow import parquet

    starts = range(0, len(vectors), SHARD)

    def file(start: int) -> Path:
        return path.with_name(f"{start}-{path.name}")

    def write() -> None:
        for start in starts:
            part = vectors[start : start + SHARD]
            column = pa.FixedSizeListArray.from_arrays(pa.array(part.ravel()), part.shape[1])
            found = pa.table({"vector": column})
            parquet.write_table(found, file(start), compression="none", use_dictionary=False)

    def read() -> None:
        for start in starts:
            column = parquet.read_table(file(start))["vector"].combine_chunks()
            column.flatten().to_numpy().reshape(-1, vectors.shape[1])

    return _seconds(write), _seconds(read)


def _epoch(vectors: np.ndarray, batch: int) -> float:
    """Return the seconds of one pass of a head over all vectors."""
    from flowercore.training.config import TrainConfig
    from flowercore.training.head import train_head

    config = replace(TrainConfig(data="scaling"), epochs=1, batch_size=batch)
    labels = np.random.default_rng(1).integers(0, CLASSES, len(vectors))
    none = (vectors[:0], labels[:0])
    return _seconds(lambda: train_head(vectors, labels, none, CLASSES, config, lambda epoch: True))
