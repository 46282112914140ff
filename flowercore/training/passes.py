"""Going through many photos in threads, in batches, with memory that stays flat."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence, Sized
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TypeVar

from flowercore.data.dataset import Photo
from flowercore.errors import PhotoError

T = TypeVar("T")

# A slow network makes few photos a second; whoever wants to stop it does not wait for a batch.
_SECONDS = 0.5
TOGETHER = 8
"""Photos that a thread takes at once: a network's weights push a decoder out of the processor's
cache and the other way round, so that eight and eight are quicker than one and one
(docs/decisions.md)."""

OfPhotos = Callable[[Sequence[Photo]], Iterable[T | PhotoError]]
"""Gives the result of each of some photos, one after the other."""


def singly(compute: Callable[[Photo], T]) -> OfPhotos[T]:
    """Compute each photo by itself; a `PhotoError` becomes its result."""
    return lambda photos: (tried(compute, photo) for photo in photos)


def tried(compute: Callable[[Photo], T], photo: Photo) -> T | PhotoError:
    """Compute a photo; a `PhotoError` becomes its result."""
    try:
        return compute(photo)
    except PhotoError as error:
        return error


def through(
    photos: Iterable[Photo], compute: OfPhotos[T], *, threads: int, batch: int
) -> Generator[list[tuple[Photo, T | PhotoError]], None, None]:
    """Compute something for each photo.

    Args:
        photos: Which photos; taken in the calling thread, each when its turn is near.
        compute: Called from several threads with some photos each.
        threads: How many threads.
        batch: Photos that are handed out together, and about twice as many are on their way.

    Yields:
        Batches of photos with their results, in the order in which they were finished; a smaller
        or empty one where a whole one would take longer than half a second.
    """
    stopped = threading.Event()
    with ThreadPoolExecutor(threads, thread_name_prefix="photos") as pool:
        try:
            yield from _in_batches(pool, photos, compute, threads, batch, stopped)
        finally:
            stopped.set()
            pool.shutdown(cancel_futures=True)


def _in_batches(
    pool: ThreadPoolExecutor,
    photos: Iterable[Photo],
    compute: OfPhotos[T],
    threads: int,
    size: int,
    stopped: threading.Event,
) -> Iterator[list[tuple[Photo, T | PhotoError]]]:
    waiting = iter(photos)
    left = len(photos) if isinstance(photos, Sized) else None
    # Not futures.wait: it takes the locks of all that run for each one that has finished, while
    # the threads that compute want the interpreter (docs/decisions.md).
    finished: SimpleQueue[tuple[Photo, T | PhotoError] | BaseException] = SimpleQueue()
    running = 0

    def work(part: list[Photo]) -> None:
        try:
            for pair in zip(part, compute(part), strict=True):
                finished.put(pair)
                if stopped.is_set():
                    return
        except BaseException as error:
            finished.put(error)

    def begin() -> None:
        nonlocal running, left
        while running < 2 * size:
            together = max(1, min(TOGETHER, size // threads))
            if left is not None:  # no thread shall have eight left when the others have none
                together = max(1, min(together, left // (2 * threads)))
            part = list(islice(waiting, together))
            if not part:
                return
            running += len(part)
            left = None if left is None else left - len(part)
            pool.submit(work, part)

    begin()
    batch: list[tuple[Photo, T | PhotoError]] = []
    handed_out = monotonic()
    while running:
        try:
            result = finished.get(timeout=_SECONDS)
        except Empty:
            pass
        else:
            if isinstance(result, BaseException):
                raise result
            batch.append(result)
            running -= 1
            begin()
        if len(batch) >= size or not running or monotonic() - handed_out >= _SECONDS:
            yield batch
            batch, handed_out = [], monotonic()
