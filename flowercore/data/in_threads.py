"""The same for many files, in threads."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import TypeVar

from flowercore.settings import settings

T = TypeVar("T")
R = TypeVar("R")

# Reading a small file takes less than handing it to a thread and back.
_AT_ONCE = 16
# Shares that a thread gets at least: decoding a large photo takes its time.
_SHARES = 4


def in_threads(function: Callable[[T], R], items: Sequence[T]) -> Generator[R, None, None]:
    """Apply a function to each of many items, in as many threads as the settings say.

    Args:
        function: Called from several threads.
        items: What it is given.

    Yields:
        What it returned, in the order of the items. Closed early, it waits for what has begun.
    """
    threads = settings().threads
    together = max(1, min(_AT_ONCE, len(items) // (_SHARES * threads)))

    def some(first: int) -> list[R]:
        return [function(item) for item in items[first : first + together]]

    with ThreadPoolExecutor(threads) as pool:
        try:
            parts = pool.map(some, range(0, len(items), together))
            yield from chain.from_iterable(parts)
        finally:
            pool.shutdown(cancel_futures=True)
