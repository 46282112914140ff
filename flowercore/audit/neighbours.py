"""Which photos of a dataset are most like one, by features that are already there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flowercore.backbones import registry, runtime
from flowercore.data import views as photo_views
from flowercore.data.dataset import Dataset, Photo
from flowercore.data.similarity import unit_rows
from flowercore.data.views import PLAIN
from flowercore.training.features import known_features

Neighbour = tuple[Photo, float]
"""A photo, and how like it is: the cosine of the features, 1 for the same."""


@dataclass(frozen=True, eq=False)
class Neighbourhood:
    """The photos of a dataset in feature space.

    Attributes:
        photos: Those whose features are known.
        unit: Their features at length 1, float32, shape (N, D).
    """

    photos: tuple[Photo, ...]
    unit: np.ndarray

    def of(self, photo: Photo, count: int) -> list[Neighbour] | None:
        """Return the photos most like one of them, without itself.

        Args:
            photo: A photo of the dataset.
            count: How many at most.

        Returns:
            The most alike first; None if the photo's features are not known.
        """
        rows = [row for row, one in enumerate(self.photos) if one.sha256 == photo.sha256]
        if not rows:
            return None
        found = self.near(self.unit[rows[0]], count + 1)
        return [pair for pair in found if pair[0].key != photo.key][:count]

    def near(self, vector: np.ndarray, count: int) -> list[Neighbour]:
        """Return the photos most like a vector of features, such as those of an upload.

        Args:
            vector: Shape (D,), of the same backbone.
            count: How many at most.
        """
        cosine = self.unit @ unit_rows(vector[np.newaxis])[0]
        best = np.argsort(-cosine, kind="stable")[:count]
        return [(self.photos[row], float(cosine[row])) for row in best]


def neighbourhood(dataset: Dataset, backbone: str = registry.DEFAULT) -> Neighbourhood:
    """Read the features of a dataset that are known; none is computed.

    Args:
        dataset: Whose photos.
        backbone: By whose features.

    Raises:
        StorageError: If the feature cache cannot be used.
    """
    known = known_features(dataset, backbone)
    return Neighbourhood(known.photos, unit_rows(known.vectors[:, 0]))


def vector(data: bytes, *, name: str, backbone: str = registry.DEFAULT) -> np.ndarray:
    """Compute the features of a photo that belongs to no dataset.

    Args:
        data: The whole file.
        name: How messages call the photo.
        backbone: Which features; it must be prepared on this machine.

    Returns:
        float32, shape (D,).

    Raises:
        PhotoError: As `flowercore.data.photo.decode`.
        StorageError: If the backbone was not prepared.
    """
    size = registry.get(backbone).input_size
    (pixels,) = photo_views.pixels(data, (PLAIN,), name=name, size=size)
    return runtime.extractor(backbone).one(pixels)
