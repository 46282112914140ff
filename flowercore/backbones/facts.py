"""What a fact sheet of a backbone holds. The sheets themselves stand in `registry`."""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from flowercore.errors import ConfigError
from flowercore.settings import settings

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
    def hash(self) -> str:
        """Hash that the file must have, behind the name of its algorithm."""
        return f"sha256:{self.sha256}"

    @property
    def identity(self) -> str:
        """What tells these weights from any others."""
        return self.sha256


@dataclass(frozen=True)
class DownloadedWeights:
    """Weights that are fetched once, or put into the home folder by hand.

    Attributes:
        url: Where the file is published.
        hash: Hash that the file must have, behind the name of its algorithm: ``md5:...``.
        bytes: Size of the file.
    """

    url: str
    hash: str
    bytes: int

    @property
    def file(self) -> str:
        """Name of the file, as it is published and as it is kept."""
        return urlsplit(self.url).path.rsplit("/", 1)[-1]

    @property
    def destination(self) -> Path:
        """Where the file belongs on this machine."""
        return settings().home / "weights" / self.file

    def path(self) -> Path | None:
        """Return where the file lies on this machine, or None if it does not."""
        return self.destination if self.destination.is_file() else None

    @property
    def identity(self) -> str:
        """What tells these weights from any others."""
        return self.hash


@dataclass(frozen=True)
class RandomWeights:
    """No pretraining: the network as it is initialised, from a fixed seed."""

    seed: int

    @property
    def identity(self) -> str:
        """What tells these weights from any others."""
        return f"random-2-{self.seed}"


Weights = PackagedWeights | DownloadedWeights | RandomWeights


@dataclass(frozen=True)
class Preprocessing:
    """How pixels become what the network was trained on: ``pixels * scale + offset``.

    Attributes:
        scale: A factor for each channel, in the network's order.
        offset: A summand for each channel, in the network's order.
        bgr: Whether the network wants blue, green, red: the channels are then reversed first.
    """

    scale: tuple[float, float, float]
    offset: tuple[float, float, float]
    bgr: bool = False


@dataclass(frozen=True)
class Block:
    """A part of a network at whose input it can be cut in two: only one tensor passes there.

    Attributes:
        name: How the block is called.
        boundary: Name of the Keras layer whose output is the block's input; None: the pixels.
        trainable: Weights that are trained when all from this block on is unfrozen. Those of
            BatchNormalization are not: it stays in inference mode.
        note: What is worth knowing of it; may be empty.
    """

    name: str
    boundary: str | None
    trainable: int
    note: str = ""


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
        preprocessing: What happens to pixels of 0..255 first; part of every model.
        blocks: Its blocks from input to output; everything lies from the first one on.
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
    preprocessing: Preprocessing
    blocks: tuple[Block, ...]
    weights: Weights
    licence: str
    source: str
    note: str
    variant: dict[str, float | str] = field(default_factory=dict)

    def head_features(self, *, beside: bool, covariance: int) -> int:
        """Return how many features a head on this backbone takes.

        Args:
            beside: Whether the pretrained end stands beside a fine-tuned one.
            covariance: Components whose covariance the pretrained one then gives as well.
        """
        if not beside:
            return self.feature_dim
        return 2 * self.feature_dim + covariance * (covariance + 1) // 2

    def block(self, name: str) -> Block:
        """Return one of the blocks.

        Args:
            name: Its name.

        Raises:
            ConfigError: If there is none of that name.
        """
        for block in self.blocks:
            if block.name == name:
                return block
        names = ", ".join(block.name for block in self.blocks)
        raise ConfigError(f"Fine-tuning must start at one of {names}. Received: {name!r}.")

    @property
    def has_batch_norm(self) -> bool:
        """Whether BatchNormalization layers are in it: their weights are trained nowhere."""
        return self.blocks[0].trainable < self.parameters

    @property
    def identity(self) -> str:
        """Hash over what the network computes: architecture, input, weights."""
        return _hash(
            self.family,
            *(f"{key}={value}" for key, value in sorted(self.variant.items())),
            str(self.input_size),
            repr(self.preprocessing),
            self.weights.identity,
        )

    @property
    def fingerprint(self) -> str:
        """Hash over all that decides a photo's features: the network and how pixels are made."""
        return _hash(self.identity, PIXELS_VERSION)


def _hash(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]
