"""The workers of a Dask cluster that help one process with features: a state of who has what."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from time import monotonic
from typing import Any
from uuid import uuid4

from flowercore import __version__
from flowercore.data.dataset import Photo
from flowercore.errors import FlowercoreError, JobError
from flowercore.jobs import worker
from flowercore.jobs.dask_connection import lost, unable
from flowercore.jobs.dask_shard import Shard, compute
from flowercore.training.computing import Batch, Order

_LOG = logging.getLogger(__name__)
# One shard is computed by a worker while the next is on its way.
_AHEAD = 1
_RETRIES = 2
# Jobs go first: whoever trains waits for them, and shards are done by the asker if need be.
_PRIORITY = -1
_KEY = "features-"
_LOOK_SECONDS = 1
_ANSWER_SECONDS = 0.5
# Who did not answer is left alone for a while: the asker has work of its own.
_PAUSE_SECONDS = 10


class Helpers:
    """The other workers, what they were sent, and what is left for the asker.

    Args:
        order: What is asked for.
        address: Of the scheduler, for messages.
        client: Connected to it.
        own: Address of the worker that this process is; empty if it is none.
        brought: Counts the photos that each worker brings, by its address.
        shard: What a worker does; benchmarks put a stand-in here.

    Attributes:
        shards: How many were sent.
    """

    def __init__(
        self,
        order: Order,
        address: str,
        client: Any,
        own: str,
        brought: Counter[str],
        shard: Callable[[Order], Shard] = compute,
    ) -> None:
        self._order = order
        self._address = address
        self._client = client
        self._own = own
        self._brought = brought
        self._shard = shard
        self.shards = 0
        self._rest = deque(order.photos)
        self._returned: deque[Photo] = deque()
        self._sent: dict[Any, Order] = {}
        self._taken: set[str] = set()
        self._done: set[str] = set()
        self._threads: dict[str, int] = {}
        self._next_look = float("-inf")
        self._not_before: dict[Any, float] = {}
        self._send()

    @property
    def done(self) -> bool:
        """Whether every photo was handed out."""
        return len(self._done) == len(self._order.photos)

    def left(self) -> Iterator[Photo]:
        """Give the asker one photo after the other, until it has or was brought all."""
        while (photo := self._next()) is not None:
            self._taken.add(photo.sha256)
            yield photo

    def _next(self) -> Photo | None:
        if self._returned:
            return self._returned.popleft()
        if self._rest:
            return self._rest.popleft()
        settled = self._taken | self._done
        # What was sent last is the farthest from being done.
        waiting = (photo for order in reversed(self._sent.values()) for photo in order.photos)
        return next((photo for photo in waiting if photo.sha256 not in settled), None)

    def not_yet_brought(self, batch: Batch) -> Batch:
        """Return those results of the asker's own that nobody was faster with."""
        new = [(photo, result) for photo, result in batch if photo.sha256 not in self._done]
        self._done.update(photo.sha256 for photo, _ in new)
        return new

    def collect(self) -> Batch:
        """Return what others have brought since, and send new shards.

        Raises:
            DatasetError: If a worker does not see the photos.
            JobError: If the scheduler is lost, or a worker does not fit.
        """
        if self._client.status != "running":
            raise JobError(lost(self._address))
        found: Batch = []
        for future in [one for one in self._sent if self._ready(one)]:
            shard = self._result(future)
            if shard is not None:
                found += self._unpacked(self._sent[future], shard)
            if shard is not None or future.status != "finished":
                self._take_back(self._sent.pop(future))
        self._send()
        return found

    def _ready(self, future: Any) -> bool:
        return future.status != "pending" and monotonic() > self._not_before.get(future, 0)

    def _unpacked(self, order: Order, shard: Shard) -> Batch:
        photos = {photo.sha256: photo for photo in order.photos}
        found: Batch = []
        row = 0
        for sha256 in shard.photos:
            places = order.missing[sha256]
            vectors = shard.vectors[row : row + len(places)]
            row += len(places)
            found.append((photos[sha256], dict(zip(places, vectors, strict=True))))
        new = self.not_yet_brought(found)
        self._brought[shard.by] += len(new)
        return new

    def _take_back(self, order: Order) -> None:
        settled = self._taken | self._done
        self._returned.extend(photo for photo in order.photos if photo.sha256 not in settled)

    def _result(self, future: Any) -> Shard | None:
        """Return what a future brings; None if that is nothing, or not yet."""
        from distributed import KilledWorker

        if future.status not in ("finished", "error"):  # lost, or cancelled
            return None
        try:
            return future.result(timeout=_ANSWER_SECONDS)
        except TimeoutError:  # its worker does not answer at the moment
            self._not_before[future] = monotonic() + _PAUSE_SECONDS
            return None
        except (KilledWorker, MemoryError) as error:
            _LOG.warning("A shard of photos was given up by the workers: %r", error)
            return None
        except FlowercoreError:
            raise
        except Exception as error:
            if future.status == "finished":  # its worker died with it; it will be done again
                return None
            _LOG.error("A shard of photos could not be computed.", exc_info=error)
            raise JobError(unable(self._address, error)) from error

    def _send(self) -> None:
        if monotonic() > self._next_look:
            self._look()
        while self._rest and len(self._sent) < sum(n + _AHEAD for n in self._threads.values()):
            photos = [self._rest.pop() for _ in range(self._size())]
            part = self._order.part(photos)
            future = self._client.submit(
                worker.as_guest,
                __version__,
                self._shard,
                part,
                key=f"{_KEY}{uuid4().hex}",
                pure=False,
                retries=_RETRIES,
                priority=_PRIORITY,
                workers=list(self._threads),
            )
            self._sent[future] = part
            self.shards += 1

    def _size(self) -> int:
        # Smaller ones towards the end, so that all are done at about the same time.
        fair = len(self._rest) // (2 * (1 + sum(self._threads.values())))
        return max(1, min(self._order.batch, fair, len(self._rest)))

    def _look(self) -> None:
        """See who is there: workers may come and go at any time, and jobs need them more."""
        try:
            found = self._ask(self._client.scheduler.ncores)
            tasks = self._ask(self._client.scheduler.processing)
        except Exception as error:  # it is asked again, and what was known may still hold
            _LOG.warning("A Dask scheduler did not answer: %r", error)
            self._next_look = monotonic() + _PAUSE_SECONDS
        else:
            # A job may have been put behind one that runs, as if its worker were soon free. Where
            # others have nothing to do, the scheduler lets them take it over.
            waits = any(_jobs(keys) > found.get(one, 1) for one, keys in tasks.items())
            others = {one: count for one, count in found.items() if one != self._own}
            self._threads = {} if waits else others
            self._next_look = monotonic() + _LOOK_SECONDS

    def _ask(self, what: Callable[..., Any]) -> Any:
        return self._client.sync(what, callback_timeout=_ANSWER_SECONDS)

    def dismiss(self) -> None:
        """Let the others do something else: what nobody waits for is not begun."""
        for future in self._sent:
            future.release()
        self._sent.clear()


def _jobs(keys: Iterable[str]) -> int:
    return sum(not str(key).startswith(_KEY) for key in keys)
