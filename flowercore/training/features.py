"""Each photo through the frozen backbone once, ever.

The cache is one SQLite table, keyed by the photo's bytes and the backbone's fingerprint. Its
write-ahead log lets several processes of one machine read and write at once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
from dataclasses import dataclass

import numpy as np

from flowercore.backbones import registry, runtime
from flowercore.data import photo as photos
from flowercore.data.dataset import Dataset, Photo, Progress, Skipped
from flowercore.errors import PhotoError, StorageError
from flowercore.files import home_folder, storage_errors

# Photos whose features are written in one transaction; also the pause between two cancel checks.
BATCH = 32
_LOCK_SECONDS = 30


@dataclass(frozen=True)
class Features:
    """Feature vectors of those photos of a dataset that could be read.

    Attributes:
        photos: The photos, in the dataset's order.
        vectors: float32, shape (N, D); row i belongs to ``photos[i]``.
        skipped: Photos that could not be decoded, with the reason.
        computed: How many vectors were computed now rather than read from the cache.
    """

    photos: tuple[Photo, ...]
    vectors: np.ndarray
    skipped: tuple[Skipped, ...]
    computed: int


def dataset_features(
    dataset: Dataset,
    backbone: str,
    *,
    progress: Progress | None = None,
    check: Callable[[], None] | None = None,
) -> Features:
    """Return the features of a dataset, computing those that the cache does not hold.

    Args:
        dataset: Whose photos.
        backbone: Name of a prepared backbone.
        progress: Called with (photos done, photos in all).
        check: Called between batches; raises to stop. What was computed so far stays cached.

    Returns:
        Features of all photos that can be decoded.

    Raises:
        StorageError: If the cache cannot be used or the backbone was not prepared.
    """
    facts = registry.get(backbone)
    cached = _read(facts.fingerprint, [photo.sha256 for photo in dataset.photos])
    missing = list({p.sha256: p for p in dataset.photos if p.sha256 not in cached}.values())
    done = len(dataset.photos) - len(missing)
    if progress:
        progress(done, len(dataset.photos))
    problems: dict[str, str] = {}
    for batch in _computed(dataset, missing, backbone, facts.input_size):
        _write(facts.fingerprint, [(p.sha256, v) for p, v in batch if isinstance(v, np.ndarray)])
        for photo, value in batch:
            if isinstance(value, np.ndarray):
                cached[photo.sha256] = value
            else:
                problems[photo.sha256] = value
        done += len(batch)
        if progress:
            progress(done, len(dataset.photos))
        if check:
            check()
    kept = tuple(photo for photo in dataset.photos if photo.sha256 in cached)
    vectors = np.stack([cached[photo.sha256] for photo in kept]) if kept else _none(backbone)
    skipped = tuple(
        Skipped(photo.key, problems[photo.sha256])
        for photo in dataset.photos
        if photo.sha256 in problems
    )
    return Features(kept, vectors, skipped, len(missing) - len(problems))


def _none(backbone: str) -> np.ndarray:
    return np.empty((0, registry.get(backbone).feature_dim), np.float32)


def _computed(
    dataset: Dataset, missing: Sequence[Photo], backbone: str, size: int
) -> Iterator[list[tuple[Photo, np.ndarray | str]]]:
    if not missing:
        return
    extractor = runtime.extractor(backbone)

    def compute(photo: Photo) -> tuple[Photo, np.ndarray | str]:
        try:
            data = photos.read_photo_bytes(dataset.path(photo))
            return photo, extractor.one(photos.pixels(data, name=photo.key, size=size))
        except PhotoError as error:
            return photo, str(error)

    with ThreadPoolExecutor(extractor.threads, thread_name_prefix="features") as pool:
        try:
            yield from _in_batches(pool, compute, missing)
        finally:
            pool.shutdown(cancel_futures=True)


def _in_batches(
    pool: ThreadPoolExecutor,
    compute: Callable[[Photo], tuple[Photo, np.ndarray | str]],
    missing: Sequence[Photo],
) -> Iterator[list[tuple[Photo, np.ndarray | str]]]:
    # A bounded window keeps memory flat however many photos there are.
    waiting = iter(missing)
    running: set[Future[tuple[Photo, np.ndarray | str]]] = set()
    batch: list[tuple[Photo, np.ndarray | str]] = []
    for photo in waiting:
        running.add(pool.submit(compute, photo))
        if len(running) >= 2 * BATCH:
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            batch.extend(future.result() for future in finished)
            if len(batch) >= BATCH:
                yield batch
                batch = []
    while running:
        finished, running = wait(running, return_when=FIRST_COMPLETED)
        batch.extend(future.result() for future in finished)
        if len(batch) >= BATCH or not running:
            yield batch
            batch = []


@contextmanager
def _database() -> Iterator[sqlite3.Connection]:
    path = home_folder("cache") / "features.sqlite"
    try:
        with storage_errors(), closing(sqlite3.connect(path, timeout=_LOCK_SECONDS)) as database:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=NORMAL")
            database.execute(
                "CREATE TABLE IF NOT EXISTS features"
                " (backbone TEXT, sha256 TEXT, vector BLOB, PRIMARY KEY (backbone, sha256))"
            )
            yield database
    except sqlite3.Error as error:
        raise StorageError(
            f"The feature cache in the home folder could not be used ({error}). If the disk is "
            "neither full nor read-only, delete cache/features.sqlite there: it is made anew."
        ) from error


def _read(fingerprint: str, hashes: Sequence[str]) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    with _database() as database:
        for start in range(0, len(hashes), 500):
            part = hashes[start : start + 500]
            marks = ",".join("?" * len(part))
            rows = database.execute(
                f"SELECT sha256, vector FROM features WHERE backbone = ? AND sha256 IN ({marks})",
                (fingerprint, *part),
            )
            found.update((sha, np.frombuffer(vector, np.float32)) for sha, vector in rows)
    return found


def _write(fingerprint: str, rows: Sequence[tuple[str, np.ndarray]]) -> None:
    with _database() as database, database:
        database.executemany(
            "INSERT OR REPLACE INTO features VALUES (?, ?, ?)",
            [(fingerprint, sha, vector.astype(np.float32).tobytes()) for sha, vector in rows],
        )
