"""What a run says of photos whose class is known, photo by photo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from flowercore.errors import StorageError
from flowercore.evaluation.calibration import scaled
from flowercore.evaluation.metrics import Evaluation, evaluate
from flowercore.evaluation.ranking import Ranking, ranking


@dataclass(frozen=True, eq=False)
class Judgement:
    """Photos with their true class and what a run says of them.

    Attributes:
        classes: The C names of the run's classes.
        photos: A row a photo: key, sha256, label (the true class), predicted, and ``probability``
            of the predicted class, at the run's temperature.
        true: Number of each photo's true class, int64 (N,).
        raw: Probabilities as the model gives them, float64 (N, C).
        probabilities: The same at the run's temperature: what Predict shows.
        temperature: By which they are scaled; 1 for none.
    """

    classes: tuple[str, ...]
    photos: pd.DataFrame
    true: np.ndarray
    raw: np.ndarray
    probabilities: np.ndarray
    temperature: float = 1.0

    @cached_property
    def evaluation(self) -> Evaluation:
        """The numbers, of the scaled probabilities."""
        return evaluate(self.true, self.probabilities, self.classes)

    @property
    def right(self) -> np.ndarray:
        """Whether each photo was named right, bool (N,)."""
        return self.probabilities.argmax(axis=1) == self.true

    @property
    def confidence(self) -> np.ndarray:
        """Probability of the class that was named, float64 (N,)."""
        return self.probabilities.max(axis=1)

    def ranking(self, name: str) -> Ranking | None:
        """Return how well a class is told from the others; None without photos of either."""
        number = self.classes.index(name)
        return ranking(self.true == number, self.probabilities[:, number])

    def cell(self, true: str, predicted: str) -> pd.DataFrame:
        """Return the photos of one cell of the confusion matrix, the most confident first."""
        found = self.photos
        found = found[(found["label"] == true) & (found["predicted"] == predicted)]
        return found.sort_values("probability", ascending=False, kind="stable")

    def at(self, row: int) -> dict[str, float]:
        """Return the probability of each class for the photo of a row of ``photos``."""
        return dict(zip(self.classes, self.probabilities[row].tolist(), strict=True))


def judgement(
    table: pd.DataFrame, classes: Sequence[str], temperature: float = 1.0
) -> Judgement | None:
    """Read what a run said of photos.

    Args:
        table: Columns key, sha256, label, predicted, and ``p_<class>`` for each class.
        classes: The run's classes.
        temperature: Of the run; 1 for none.

    Returns:
        The judgement, or None if there is no photo.

    Raises:
        StorageError: If the table holds something else.
    """
    if table.empty:
        return None
    numbers = {name: number for number, name in enumerate(classes)}
    try:
        raw = table[[f"p_{name}" for name in classes]].to_numpy(np.float64)
        true = np.array([numbers[label] for label in table["label"]], np.int64)
        photos = table[["key", "sha256", "label"]].reset_index(drop=True)
    except (KeyError, ValueError) as error:
        raise _unusable() from error
    if not np.isfinite(raw).all() or not np.allclose(raw.sum(axis=1), 1, atol=1e-3):
        raise _unusable()
    probabilities = scaled(raw, temperature)
    best = raw.argmax(axis=1)
    photos["predicted"] = [classes[one] for one in best]
    photos["probability"] = probabilities[np.arange(len(best)), best]
    return Judgement(tuple(classes), photos, true, raw, probabilities, temperature)


def _unusable() -> StorageError:
    return StorageError(
        "The run's predictions cannot be used: the file was edited by hand. Train again; other "
        "runs are not affected."
    )
