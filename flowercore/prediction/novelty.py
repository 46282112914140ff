"""Whether a photo is like anything that a model has learned from, or of something else.

A softmax names one of its classes whatever it is shown. Two signs say that a photo is none of them,
and neither is enough alone:

- **Far away**: the mean cosine distance of its features to its three nearest training photos (deep
  nearest neighbours: Y. Sun, Y. Ming, X. Zhu and Y. Li 2022, arXiv 2204.06507).
- **Something else**: how far the best of ImageNet's other classes stands above those that training
  photos look like, in logits (energies of two groups of classes: W. Liu, X. Wang, J. Owens and
  Y. Li 2020, arXiv 2010.03759).

Each is measured in its own standard deviations over the training photos, and both are added. On
flowers against objects that told more than either, than distances between ImageNet's logits or
probabilities, and than Mahalanobis's (docs/decisions.md).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flowercore.backbones import imagenet_top
from flowercore.data.similarity import unit_rows

NEIGHBOURS = 3
TYPICAL = 10
"""ImageNet classes that training photos look like most."""
REFUSED = 0.04
"""Share of the photos of its own kind that a model refuses."""
MOST = 2000
"""Training photos that are kept: more tell hardly more, and each is a kilobyte or two."""


@dataclass(frozen=True, eq=False)
class Novelty:
    """What is known of the photos that a model has learned from.

    Attributes:
        vectors: Their plain features of the default backbone, unit rows, float32 (N, 1280).
        typical: ImageNet's classes that they look like, int64 (`TYPICAL`,).
        means: Mean of each sign over them, each left out of its own neighbours, float64 (2,).
        deviations: Standard deviation likewise.
        threshold: Scores above it are of something else.
    """

    vectors: np.ndarray
    typical: np.ndarray
    means: np.ndarray
    deviations: np.ndarray
    threshold: float

    def scores(self, features: np.ndarray) -> np.ndarray:
        """Return how strange photos are: 0 for a usual one, in standard deviations.

        Args:
            features: Their plain features of the default backbone, float32 (M, 1280).

        Returns:
            float64 (M,).
        """
        nearest = _nearest(unit_rows(features) @ self.vectors.T)
        return self._combined(nearest, _otherness(imagenet_top.logits(features), self.typical))

    def novel(self, features: np.ndarray) -> np.ndarray:
        """Tell which photos are of something else, bool (M,)."""
        return self.scores(features) > self.threshold

    def _combined(self, nearest: np.ndarray, otherness: np.ndarray) -> np.ndarray:
        return _standardised(np.stack([nearest, otherness], axis=1), self.means, self.deviations)

    def tensors(self) -> dict[str, np.ndarray]:
        """Return all of it as arrays, the vectors in half precision."""
        return {
            "vectors": self.vectors.astype(np.float16),
            "typical": self.typical,
            "means": self.means,
            "deviations": self.deviations,
            "threshold": np.array([self.threshold]),
        }

    @classmethod
    def from_tensors(cls, tensors: dict[str, np.ndarray]) -> Novelty:
        """Read back what `tensors` gave.

        Raises:
            KeyError, ValueError: If it is something else.
        """
        vectors, typical = tensors["vectors"], tensors["typical"]
        means, deviations = tensors["means"], tensors["deviations"]
        (threshold,) = tensors["threshold"]
        if (
            vectors.ndim != 2
            or len(vectors) <= NEIGHBOURS
            or not (means.shape == deviations.shape == (2,))
            or not (deviations > 0).all()
        ):
            raise ValueError("no novelty statistics")
        return cls(unit_rows(vectors), typical, means, deviations, float(threshold))


def novelty(features: np.ndarray, *, seed: int = 0) -> Novelty | None:
    """Learn what photos look like; of themselves, `REFUSED` are then taken for something else.

    Each photo is judged by the others, as a new one would be.

    Args:
        features: Plain features of the default backbone of the photos that a model has learned
            from, float32 (N, 1280).
        seed: Draws `MOST` of them if there are more.

    Returns:
        What is known, or None of photos so few or so alike that nothing can be said.

    Raises:
        WeightsError: If the backbone's file is missing or not the expected one.
    """
    if len(features) > MOST:
        rows = np.random.default_rng(seed).choice(len(features), MOST, replace=False)
        features = features[np.sort(rows)]
    if len(features) <= NEIGHBOURS + 1:
        return None
    vectors = unit_rows(features)
    logits = imagenet_top.logits(features)
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares = (shifted / shifted.sum(axis=1, keepdims=True)).mean(axis=0)
    typical = np.sort(np.argsort(-shares, kind="stable")[:TYPICAL]).astype(np.int64)
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -1)
    signs = np.stack([_nearest(cosines), _otherness(logits, typical)], axis=1)
    means, deviations = signs.mean(axis=0), signs.std(axis=0)
    if not (deviations > 1e-6).all():
        return None
    scores = _standardised(signs, means, deviations)
    threshold = float(np.quantile(scores, 1 - REFUSED))
    # As they are kept, so that a model answers the same before and after.
    kept = unit_rows(vectors.astype(np.float16))
    return Novelty(kept, typical, means, deviations, threshold)


def _nearest(cosines: np.ndarray) -> np.ndarray:
    """Return the mean distance to the nearest, float64 (M,), of cosines (M, N)."""
    count = cosines.shape[1]
    best = np.partition(cosines, count - NEIGHBOURS, axis=1)[:, count - NEIGHBOURS :]
    return 1 - best.mean(axis=1, dtype=np.float64)


def _otherness(logits: np.ndarray, typical: np.ndarray) -> np.ndarray:
    """Return by how much the best other class stands above the typical ones, float64 (M,)."""
    values = logits.astype(np.float64)
    own = values[:, typical]
    highest = own.max(axis=1)
    energy = highest + np.log(np.exp(own - highest[:, None]).sum(axis=1))
    others = values.copy()
    others[:, typical] = -np.inf
    return others.max(axis=1) - energy


def _standardised(signs: np.ndarray, means: np.ndarray, deviations: np.ndarray) -> np.ndarray:
    return ((signs - means) / deviations).sum(axis=1)
