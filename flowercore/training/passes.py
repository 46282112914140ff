"""Going through many photos in threads, in batches, with memory that stays flat."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from flowercore.data.dataset import Photo
from flowercore.errors import PhotoError

T = TypeVar("T")


def through(
    photos: Sequence[Photo], compute: Callable[[Photo], T], *, threads: int, batch: int
) -> Iterator[list[tuple[Photo, T | PhotoError]]]:
    """Compute something for each photo.

    Args:
        photos: Which photos.
        compute: Called from several threads; a `PhotoError` becomes that photo's result.
        threads: How many threads.
        batch: Photos that are handed out together, and at least so many are on their way.

    Yields:
        Batches of photos with their results, in the order in which they were finished.
    """
    if not photos:
        return

    def tried(photo: Photo) -> tuple[Photo, T | PhotoError]:
        try:
            return photo, compute(photo)
        except PhotoError as error:
            return photo, error

    with ThreadPoolExecutor(threads, thread_name_prefix="photos") as pool:
        try:
            yield from _in_batches(pool, tried, photos, batch)
        finally:
            pool.shutdown(cancel_futures=True)


def _in_batches(
    pool: ThreadPoolExecutor,
    tried: Callable[[Photo], tuple[Photo, T | PhotoError]],
    photos: Sequence[Photo],
    size: int,
) -> Iterator[list[tuple[Photo, T | PhotoError]]]:
    running: set[Future[tuple[Photo, T | PhotoError]]] = set()
    batch: list[tuple[Photo, T | PhotoError]] = []
    for photo in photos:
        running.add(pool.submit(tried, photo))
        if len(running) >= 2 * size:
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            batch.extend(future.result() for future in finished)
            if len(batch) >= size:
                yield batch
                batch = []
    while running:
        finished, running = wait(running, return_when=FIRST_COMPLETED)
        batch.extend(future.result() for future in finished)
        if len(batch) >= size or not running:
            yield batch
            batch = []
