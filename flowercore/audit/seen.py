"""The photos of a dataset as an audit sees them: looks, features, and which show the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from flowercore.data.dataset import Photo
from flowercore.data.similarity import FLAT, duplicate_groups, unit_rows
from flowercore.training.features import Features


@dataclass(frozen=True, eq=False)
class Seen:
    """Photos that can be decoded, N of them, in the dataset's order.

    Attributes:
        photos: The photos.
        looks: A row for each; see `flowercore.data.looks.survey`.
        vectors: Features, float32, shape (N, D).
        unit: The same at length 1; zero for photos that show nothing.
        groups: int64, shape (N,): photos of one group show the same.
    """

    photos: tuple[Photo, ...]
    looks: pd.DataFrame
    vectors: np.ndarray
    unit: np.ndarray
    groups: np.ndarray

    @property
    def labels(self) -> np.ndarray:
        """The class of each photo."""
        return np.array([one.label for one in self.photos], dtype=object)

    @property
    def shows(self) -> np.ndarray:
        """Whether each photo shows something."""
        return np.any(self.unit != 0, axis=1)


def see(features: Features, looks: pd.DataFrame, check: Callable[[], None] | None = None) -> Seen:
    """Put together what is known, and find out which photos show the same.

    Args:
        features: Plain features.
        looks: Of the same dataset; see `flowercore.data.looks.survey`.
        check: Called now and then; raises to stop.
    """
    rows = looks.set_index("key", drop=False).loc[[one.key for one in features.photos]]
    rows = rows.reset_index(drop=True)
    vectors = features.vectors[:, 0]
    flat = ~(rows["contrast"] >= FLAT).to_numpy()
    unit = unit_rows(vectors)
    unit[flat] = 0
    # Copies byte for byte are one, and need no comparison.
    hashes = np.array([one.sha256 for one in features.photos], dtype=object)
    _, first, copies = np.unique(hashes, return_index=True, return_inverse=True)
    phashes = [None if flat[row] else rows["phash"][row] for row in first]
    groups = duplicate_groups(unit[first], phashes, check=check)
    return Seen(features.photos, rows, vectors, unit, groups[copies])
