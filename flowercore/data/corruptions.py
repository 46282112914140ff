"""What happens to photos on their way to a model, in five strengths: to see how much it can bear.

As D. Hendrycks and T. Dietterich, "Benchmarking neural network robustness to common corruptions and
perturbations" (2019), arXiv 1903.12261, do it: the mildest is hardly seen, and what the strongest
leaves is still a flower that a person can name. Each is done to the square that a network is shown,
so that it means the same for a photo of any size.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

VERSION = "1"
"""Part of the name of every corrupted view, and of what was measured: changing how one is made must
meet neither old features nor old results."""

STRENGTHS = (1, 2, 3, 4, 5)

DEGREES = (5.0, 15.0, 30.0, 60.0, 90.0)
"""Angle by which a photo is turned, to the left or to the right by its hash."""
BLUR = (1 / 224, 2 / 224, 3 / 224, 4 / 224, 5 / 224)
"""Standard deviation of the Gaussian that it is blurred by, in shares of the side."""
LESS_LIGHT = (0.6, 0.3, 0.12, 0.05, 0.02)
MORE_LIGHT = (1.3, 1.8, 2.7, 4.0, 6.0)
"""Factors of the light that falls on the sensor: 0.5 is one stop less, 2 one stop more."""
QUALITY = (50, 25, 15, 9, 5)
"""Of a JPEG file, 1 to 100 as libjpeg counts it."""
NOISE = (0.03, 0.07, 0.13, 0.22, 0.35)
"""Standard deviation of the noise of each value, in shares of the range from black to white."""


@dataclass(frozen=True)
class Kind:
    """One thing that can happen to a photo.

    Attributes:
        title: What it is called.
        noun: The same in a sentence.
        words: What is done, with a place for the amount.
        amounts: Of each strength.
        change: Does it to a square: takes the square, the amount and the photo's hash.
    """

    title: str
    noun: str
    words: str
    amounts: tuple[float, ...]
    change: Callable[[Image.Image, float, str], Image.Image]

    def told(self, strength: int) -> str:
        """Say what a strength does: ``turned by 30°``."""
        return self.words.format(self.amounts[strength - 1]).replace("%", "\u202f%")


@dataclass(frozen=True)
class Corruption:
    """What is done to a photo.

    Attributes:
        kind: A name in `KINDS`.
        strength: 1, the mildest, to 5.
    """

    kind: str
    strength: int

    def __post_init__(self) -> None:
        """Refuse what there is not."""
        if self.kind not in KINDS or self.strength not in STRENGTHS:
            raise ValueError(
                f"A corruption is one of {', '.join(KINDS)} in strength 1 to 5. "
                f"Received: {self.kind!r}, {self.strength!r}."
            )

    @property
    def name(self) -> str:
        """Tells it from all others, also those of other versions."""
        return f"{VERSION}-{self.kind}-{self.strength}"

    def of(self, square: Image.Image, sha256: str) -> Image.Image:
        """Do it to a square.

        Args:
            square: What a network would be shown, RGB.
            sha256: Hash of the photo's bytes: the same photo is always changed in the same way.

        Returns:
            A new picture of the same size.
        """
        kind = KINDS[self.kind]
        return kind.change(square, kind.amounts[self.strength - 1], sha256)


def _turned(square: Image.Image, degrees: float, sha256: str) -> Image.Image:
    # Black corners would be a sign of their own, which no turned camera makes: what lies beyond
    # the border is the photo itself, mirrored there.
    side = square.width
    border = math.ceil(side * (math.sqrt(2) - 1) / 2) + 2  # bicubic looks two pixels further
    beyond = ((border, border), (border, border), (0, 0))
    large = Image.fromarray(np.pad(np.asarray(square), beyond, mode="symmetric"))
    left = int(sha256[:16], 16) % 2 == 0
    turned = large.rotate(degrees if left else -degrees, Image.Resampling.BICUBIC)
    return turned.crop((border, border, border + side, border + side))


def _blurred(square: Image.Image, share: float, sha256: str) -> Image.Image:
    return square.filter(ImageFilter.GaussianBlur(share * square.width))


def _lit(square: Image.Image, factor: float, sha256: str) -> Image.Image:
    # Numbers of a photo are not light: sRGB, IEC 61966-2-1, says how much light each stands for.
    value = np.arange(256) / 255
    light = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    light = np.minimum(1.0, factor * light)  # a sensor that is full counts no further
    value = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return square.point(np.rint(255 * value).astype(int).tolist() * 3)


def _compressed(square: Image.Image, quality: float, sha256: str) -> Image.Image:
    file = io.BytesIO()
    square.save(file, "JPEG", quality=int(quality))
    return Image.open(file, formats=["JPEG"]).convert("RGB")


def _noisy(square: Image.Image, share: float, sha256: str) -> Image.Image:
    # Of each strength the same noise, more of it.
    rng = np.random.default_rng(int(sha256[:16], 16))
    noise = rng.standard_normal((square.height, square.width, 3), np.float32)
    values = np.asarray(square, np.float32) + 255 * share * noise
    return Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))


KINDS = {
    "rotation": Kind("Rotation", "rotation", "turned by {:g}°", DEGREES, _turned),
    "blur": Kind("Blur", "blur", "blurred by {:.1%} of the side", BLUR, _blurred),
    "darker": Kind("Darker", "too little light", "{:g} times the light", LESS_LIGHT, _lit),
    "brighter": Kind("Brighter", "too much light", "{:g} times the light", MORE_LIGHT, _lit),
    "jpeg": Kind("JPEG compression", "JPEG compression", "JPEG quality {:g}", QUALITY, _compressed),
    "noise": Kind("Noise", "noise", "noise of {:.0%} of the range", NOISE, _noisy),
}
"""By name, in the order in which they are shown."""
