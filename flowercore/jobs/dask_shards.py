"""Features in shards of photos, computed by all workers of a Dask cluster that are free.

Whoever asks for features goes through the photos from the front, as on one machine. At the same
time the other workers are sent shards from the back, and what they bring need not be computed here
any more. In the end the two meet. So nobody ever waits for a worker: one that is killed, hangs or
is kept busy by a job has not brought its shard, and the asker, who has nothing else to do by then,
computes it too. With no other worker it computes everything. Only the asker writes the cache.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from time import monotonic
from typing import Any

from flowercore.data.dataset import Photo
from flowercore.errors import PhotoError
from flowercore.jobs.dask_connection import Connection
from flowercore.jobs.dask_helpers import Helpers
from flowercore.settings import settings
from flowercore.training.computing import (
    Batch,
    Batches,
    Network,
    Order,
    Vectors,
    computed_by,
    here,
)
from flowercore.training.passes import through

# Whoever wants to stop a job, or to see how far it is, does not wait for a whole batch.
_SECONDS = 0.5


class Shards:
    """Computes features together with the workers of a cluster; a `Computing`.

    Args:
        address: Of the scheduler, for messages.
        connect: Returns a client of it; called when there is something to compute.
        own: Address of the worker that this process is; empty if it is none.

    Attributes:
        brought: How many photos each worker has brought, by its address.
    """

    def __init__(self, address: str, connect: Callable[[], Any], own: str = "") -> None:
        self._address = address
        self._connect = connect
        self._own = own
        self.brought: Counter[str] = Counter()

    def __call__(self, order: Order) -> Batches:
        """Carry out an order; see `flowercore.training.computing.Computing`.

        Raises:
            ConfigError: If the scheduler's address cannot be one.
            DatasetError: If a worker does not see the photos.
            JobError: If the scheduler does not answer or is lost, or a worker does not fit.
            StorageError: If the backbone was not prepared.
        """
        if len(order.photos) <= order.batch:
            yield from here(order)  # sending it would take longer
            return
        network = Network(order)
        helpers = Helpers(order, self._address, self._connect(), self._own, self.brought)
        own = _computed(helpers.left(), network)
        found: Batch = []
        handed_out = monotonic()
        try:
            with closing(own):
                for computed in own:
                    found += helpers.not_yet_brought(computed) + helpers.collect()
                    enough = len(found) >= order.batch or monotonic() - handed_out > _SECONDS
                    if enough or helpers.done:
                        yield found
                        found, handed_out = [], monotonic()
                    if helpers.done:
                        break
        finally:
            helpers.dismiss()


def _computed(photos: Iterable[Photo], network: Network) -> Batches:
    if network.threads > 1:
        # Few at a time: what is taken here nobody else is given.
        yield from through(
            photos, network.several, threads=network.threads, batch=2 * network.threads
        )
        return
    # A worker of one thread: handing photos to another thread costs a twentieth of computing them.
    for photo in photos:
        try:
            result: Vectors | PhotoError = network(photo)
        except PhotoError as error:
            result = error
        yield [(photo, result)]


def job(function: Callable[..., Any], *arguments: str) -> Any:
    """Do a job in a worker of a cluster, helped by the others where it needs features.

    Args:
        function: A function of `flowercore.jobs.worker`.
        *arguments: Ids and names.

    Returns:
        What the function returns.
    """
    with computed_by(in_worker()):
        return function(*arguments)


def in_worker() -> Shards:
    """Return what computes features for a job that runs in a worker."""
    from distributed import get_client, get_worker

    process = get_worker()
    return Shards(process.scheduler.address, get_client, process.address)


@contextmanager
def from_here() -> Iterator[None]:
    """Let the scheduler's workers, if the settings name one, help this process with features.

    For programs that compute by themselves, such as the command line. Nobody is asked before there
    is something to compute.
    """
    address = settings().scheduler
    if not address:
        yield
        return
    connection = Connection(address)

    def connect() -> Any:
        connection.ready()
        return connection.client

    try:
        with computed_by(Shards(address, connect)):
            yield
    finally:
        connection.close()
