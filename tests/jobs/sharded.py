"""Functions that tests send to the workers of a cluster, and what comes back."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from flowercore.backbones import registry
from flowercore.data.dataset import Skipped, scan
from flowercore.jobs import dask_shards
from flowercore.training.computing import computed_by
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


def features(root: str, shards: dask_shards.Shards | None = None) -> Found:
    """Compute the features of a folder, in a worker that the others help."""
    data = scan(Path(root), name="photos", origin="a test")
    shards = shards or dask_shards.in_worker()
    seen: list[tuple[int, int]] = []
    with computed_by(shards):
        found = dataset_features(
            data, registry.DEFAULT, progress=lambda done, total: seen.append((done, total))
        )
    keys = tuple(photo.key for photo in found.photos)
    brought = dict(shards.brought)
    return Found(
        keys, found.vectors, found.skipped, found.computed, brought, tuple(seen), os.getpid()
    )
