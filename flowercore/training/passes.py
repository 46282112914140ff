"""Going through many photos in threads, in batches, with memory that stays flat."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TypeVar

from flowercore.data.dataset import Photo
from flowercore.errors import PhotoError

T = TypeVar("T")

# A slow network makes few photos a second; whoever wants to stop it does not wait for a batch.
_SECONDS = 0.5


def through(
    photos: Iterable[Photo], compute: Callable[[Photo], T], *, threads: int, batch: int
) -> Generator[list[tuple[Photo, T | PhotoError]], None, None]:
    """Compute something for each photo.

    Args:
        photos: Which photos; taken in the calling thread, each when its turn is near.
        compute: Called from several threads; a `PhotoError` becomes that photo's result.
        threads: How many threads.
        batch: Photos that are handed out together, and at least so many are on their way.

    Yields:
        Batches of photos with their results, in the order in which they were finished; a smaller
        or empty one where a whole one would take longer than half a second.
    """

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
    photos: Iterable[Photo],
    size: int,
) -> Iterator[list[tuple[Photo, T | PhotoError]]]:
    waiting = iter(photos)
    # Not futures.wait: it takes the locks of all that run for each one that has finished, while
    # the threads that compute want the interpreter (docs/decisions.md).
    finished: SimpleQueue[Future[tuple[Photo, T | PhotoError]]] = SimpleQueue()
    running = 0

    def begin(count: int) -> None:
        nonlocal running
        for photo in islice(waiting, count):
            running += 1
            pool.submit(tried, photo).add_done_callback(finished.put)

    begin(2 * size)
    batch: list[tuple[Photo, T | PhotoError]] = []
    handed_out = monotonic()
    while running:
        try:
            future = finished.get(timeout=_SECONDS)
        except Empty:
            pass
        else:
            batch.append(future.result())
            running -= 1
            begin(1)
        if len(batch) >= size or not running or monotonic() - handed_out >= _SECONDS:
            yield batch
            batch, handed_out = [], monotonic()
