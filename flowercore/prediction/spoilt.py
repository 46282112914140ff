"""One photo as it is and spoilt more and more, with what a run says of each."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from PIL import Image

from flowercore.data import views
from flowercore.data.corruptions import STRENGTHS, Corruption
from flowercore.prediction.predictor import Predictor

# Of a picture that is shown: what was spoilt on purpose must be seen, colours of noise included.
_JPEG: dict[str, Any] = {"quality": 92, "subsampling": 0}


@dataclass(frozen=True)
class Spoilt:
    """A photo in one strength.

    Attributes:
        strength: 0 for the photo as it is, to 5.
        picture: The square that the network is shown, as JPEG.
        label: The most probable class.
        probability: Of that, as Predict says it.
    """

    strength: int
    picture: bytes
    label: str
    probability: float


def spoilt(predictor: Predictor, name: str, data: bytes, *, sha256: str, kind: str) -> list[Spoilt]:
    """Spoil a photo in one way and ask a run about it.

    Args:
        predictor: Of the run.
        name: How messages call the photo.
        data: The whole file.
        sha256: Its hash.
        kind: A name in `flowercore.data.corruptions.KINDS`.

    Returns:
        The photo as it is, and in each strength.

    Raises:
        PhotoError: If it cannot be read.
    """
    ways = [predictor.views] + [
        tuple(views.corrupted(view, Corruption(kind, strength)) for view in predictor.views)
        for strength in STRENGTHS
    ]
    size = predictor.input_size
    plain = [way[0] for way in ways]
    pictures = views.pixels(data, plain, name=name, size=size, sha256=sha256)
    features = predictor.features(name, data, [view for way in ways for view in way], sha256)
    each = len(predictor.views)
    found = []
    for strength, picture in enumerate(pictures):
        vectors = features[strength * each : (strength + 1) * each]
        probabilities = predictor.scaled(predictor.raw(vectors))
        best = int(probabilities.argmax())
        file = io.BytesIO()
        Image.fromarray(picture).save(file, "JPEG", **_JPEG)
        found.append(
            Spoilt(strength, file.getvalue(), predictor.classes[best], float(probabilities[best]))
        )
    return found
