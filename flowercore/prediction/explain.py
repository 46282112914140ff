"""Where a model saw what it says: class activation maps.

A photo's features are the average of a feature map over its places, and a class's logit is a
weighted sum of features. So each place has its exact share in each logit: the class's weights over
the feature map there. That holds for a fine-tuned end just as well, which ends in the same way.

Source: B. Zhou, A. Khosla, A. Lapedriza, A. Oliva and A. Torralba, "Learning deep features for
discriminative localization" (2016), arXiv 1512.04150.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flowercore.prediction.predictor import Predictor


@dataclass(frozen=True, eq=False)
class Explanation:
    """What each place of a photo says for each class.

    Attributes:
        classes: The C class names.
        maps: Share of each place in each class's logit, float32 (h, w, C), for the photo as it is
            shown plainly: the mean over the places plus the bias is the logit.
        logits: float32 (C,).
        squeezed: Whether the whole photo was squeezed to the square; otherwise the square is the
            part that `flowercore.data.photo.square_box` keeps.
    """

    classes: tuple[str, ...]
    maps: np.ndarray
    logits: np.ndarray
    squeezed: bool

    def heat(self, name: str) -> np.ndarray:
        """Return how much each place speaks for a class and against the others.

        Only differences between logits count, so what a place says for all classes alike says
        nothing: the mean over the classes is taken off. What is left below zero speaks for others
        and is cut off. The scale is the photo's own, the strongest place of any class being 1, so
        that a class that hardly speaks looks it.

        Args:
            name: One of the classes.

        Returns:
            float32 (h, w), 0..1.
        """
        against_others = self.maps - self.maps.mean(axis=2, keepdims=True)
        strongest = float(against_others.max())
        if not strongest > 0:  # one class alone has no others
            return np.zeros(self.maps.shape[:2], np.float32)
        own = against_others[:, :, self.classes.index(name)]
        return np.clip(own / strongest, 0, 1).astype(np.float32)


def explain(predictor: Predictor, name: str, data: bytes) -> Explanation:
    """Find out what each place of a photo says for each class.

    Args:
        predictor: The model.
        name: How messages call the photo.
        data: The whole file.

    Raises:
        PhotoError: If it cannot be read.
    """
    maps, logits = predictor.evidence(name, data)
    return Explanation(predictor.classes, maps, logits, predictor.views[0].squeezed)
