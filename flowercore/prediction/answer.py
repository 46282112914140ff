"""What a model says of one photo."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Prediction:
    """What a run's model says of one photo.

    Attributes:
        photo: Name that the photo came with.
        label: The most probable class.
        probabilities: Probability by class, in the order of the classes; they sum to 1.
        verdict: The probabilities in a sentence.
        seconds: From bytes to verdict.
        calibrated: Whether it was looked into, on photos that the model has not learned from, how
            far its probabilities can be trusted; they are scaled where that helps.
        novel: Whether the photo is like none that the model has learned from; None where nobody
            knows what those are like.
        distance: How strange it is, in standard deviations; see `flowercore.prediction.novelty`.
    """

    photo: str
    label: str
    probabilities: dict[str, float]
    verdict: str
    seconds: float
    calibrated: bool = False
    novel: bool | None = None
    distance: float | None = None


@dataclass(frozen=True)
class PredictionFailure:
    """A photo that could not be read, with the reason in words."""

    photo: str
    error: str
