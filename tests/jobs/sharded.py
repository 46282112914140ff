"""Functions that tests send to the workers of a cluster, and what comes back."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from flowercore import __version__
from flowercore.backbones import registry
from flowercore.data.dataset import Skipped, scan
from flowercore.data.views import PLAIN
from flowercore.jobs import dask_shards, worker
from flowercore.jobs.dask_shard import Shard, compute
from flowercore.settings import settings
from flowercore.training.computing import Order, computed_by
from flowercore.training.features import dataset_features


@dataclass(frozen=True, eq=False)
class Found:
    """Features, and who has computed them."""

    keys: tuple[str, ...]
    vectors: np.ndarray
    skipped: tuple[Skipped, ...]
    computed: int
    brought: dict[str, int]
    progress: tuple[tuple[int, int], ...]
    pid: int
    threads: int


def features(root: str) -> Found:
    """Compute the features of a folder, in a worker that the others help."""
    data = scan(Path(root), name="photos", origin="a test")
    shards = dask_shards.in_worker()
    seen: list[tuple[int, int]] = []
    with computed_by(shards):
        found = dataset_features(
            data, registry.DEFAULT, progress=lambda done, total: seen.append((done, total))
        )
    return Found(
        tuple(photo.key for photo in found.photos),
        found.vectors,
        found.skipped,
        found.computed,
        dict(shards.brought),
        tuple(seen),
        os.getpid(),
        settings().threads,
    )


def order_of(root: str) -> Order:
    """Ask for all plain features of a folder."""
    data = scan(Path(root), name="photos", origin="a test")
    missing = {photo.sha256: (0,) for photo in data.photos}
    return Order(data.root, data.name, data.photos, registry.DEFAULT, (PLAIN,), missing)


def shard_on(client: Any, order: Order) -> Shard:
    """Let any worker compute an order."""
    return client.submit(worker.as_guest, __version__, compute, order, pure=False).result()
