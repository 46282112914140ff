"""Which views of a photo a training needs: to learn from, and to judge by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flowercore.data import views
from flowercore.data.views import MIRRORED, View, augmented
from flowercore.training.config import TrainConfig


@dataclass(frozen=True)
class Inputs:
    """Views of each photo.

    Attributes:
        views: All that are needed; the first is the one that validation photos are watched in.
        learned: Places in ``views`` of those that are learned from.
        judged: Places in ``views`` of those whose probabilities are averaged for a verdict.
    """

    views: tuple[View, ...]
    learned: tuple[int, ...]
    judged: tuple[int, ...]

    def to_learn(self, vectors: np.ndarray) -> np.ndarray:
        """Return what is learned from: of shape (N, V, D), or (N, D) where it is one view.

        Args:
            vectors: Features of all ``views``, shape (N, V, D).
        """
        chosen = _places(vectors, self.learned)
        return chosen[:, 0] if len(self.learned) == 1 else chosen

    def to_judge(self, vectors: np.ndarray) -> np.ndarray:
        """Return the views that photos are judged by, shape (N, J, D), of all (N, V, D)."""
        return _places(vectors, self.judged)


def _places(vectors: np.ndarray, places: tuple[int, ...]) -> np.ndarray:
    first, beyond = places[0], places[-1] + 1
    if places == tuple(range(first, beyond)):
        return vectors[:, first:beyond]  # no copy of what may be hundreds of megabytes
    return vectors[:, list(places)]


def inputs(config: TrainConfig, *, augment: bool) -> Inputs:
    """Return the views that a phase of a training needs.

    Args:
        config: Settings.
        augment: Whether this phase learns from augmented views, if any are wanted.
    """
    judged = views.judged(
        squeezed=config.preprocessing == "notebook", flip_average=config.flip_average
    )
    extra = augmented(config.augment, config.augmentations) if augment else ()
    if extra and "flip" in config.augmentations and MIRRORED not in judged:
        extra = (MIRRORED, *extra)
    shown = (*judged, *extra)
    learned: tuple[int, ...] = (0,)
    if extra:
        unflipped = MIRRORED in judged and "flip" not in config.augmentations
        learned = tuple(
            place for place, view in enumerate(shown) if not (unflipped and view == MIRRORED)
        )
    return Inputs(shown, learned, tuple(range(len(judged))))
