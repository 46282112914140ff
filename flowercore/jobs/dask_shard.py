"""What a worker of a Dask cluster does for another process that needs features."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from flowercore.data.dataset import Photo
from flowercore.data.names import shown
from flowercore.errors import DatasetError, JobError, PhotoError, StorageError
from flowercore.jobs.dask_connection import OTHER_HOME
from flowercore.training.computing import Network, Order
from flowercore.training.passes import TOGETHER


@dataclass(frozen=True, eq=False)
class Shard:
    """What a worker brings.

    Attributes:
        by: Address of the worker.
        photos: SHA-256 of the photos that it computed, in the order that they were asked for;
            others it could not read.
        vectors: float32 of shape (R, D): of each photo one row for each place that was missing.
    """

    by: str
    photos: tuple[str, ...]
    vectors: np.ndarray


class _Checked(Network):
    def read(self, photo: Photo) -> bytes:
        data = super().read(photo)
        if hashlib.sha256(data).hexdigest() != photo.sha256:
            raise PhotoError("A copy of the folder must hold the same photos. Received: others.")
        return data


def compute(order: Order) -> Shard:
    """Compute a shard, in the worker that got it, one photo after the other.

    Args:
        order: Some of the photos that are asked for.

    Raises:
        DatasetError: If this worker does not see the folder of the photos.
        JobError: If it does not see the compiled backbone in its home folder.
    """
    from distributed import get_worker

    if not order.root.is_dir():
        raise DatasetError(
            "All workers must see the photos at the same path as the server. Received: a worker "
            f"at {get_worker().address} that finds no folder of '{shown(order.name)}'."
        )
    try:
        network = _Checked(order)
    except StorageError as error:
        raise JobError(OTHER_HOME) from error
    photos: list[str] = []
    rows: list[np.ndarray] = []
    for first in range(0, len(order.photos), TOGETHER):
        part = order.photos[first : first + TOGETHER]
        for photo, vectors in zip(part, network.several(part), strict=True):
            if isinstance(vectors, PhotoError):
                continue  # the asker will see for itself, and say what is wrong with it
            photos.append(photo.sha256)
            rows += [vectors[place] for place in order.missing[photo.sha256]]
    found = np.array(rows, np.float32).reshape(len(rows), -1)
    return Shard(get_worker().address, tuple(photos), found)
