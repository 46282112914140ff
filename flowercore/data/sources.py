"""Datasets that can be fetched from the internet, as facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import urlsplit

from flowercore.data.names import shown
from flowercore.errors import NotFoundError


@dataclass(frozen=True)
class Source:
    """What is known of a published dataset.

    Attributes:
        name: What it is called, and what the dataset is called once it is here.
        title: What is in it, in a few words.
        url: Where its archive is.
        photos: How many photos it has.
        class_names: Class of each class folder in the archive.
        size: Bytes of the archive; None if that is not on record.
        sha256: Hash of the archive, in hex digits; None if none is on record: then its structure
            is all that can be checked.
        licence: Under which terms the photos can be used, in words.
    """

    name: str
    title: str
    url: str
    photos: int
    class_names: Mapping[str, str] = field(hash=False)
    size: int | None
    sha256: str | None
    licence: str

    @property
    def file(self) -> str:
        """Name of the archive."""
        return self.url.rpartition("/")[2]

    @property
    def server(self) -> str:
        """Name of the server that has it."""
        return urlsplit(self.url).netloc

    @property
    def expected(self) -> str | None:
        """The hash as `flowercore.download.fetch` takes it."""
        return None if self.sha256 is None else f"sha256:{self.sha256}"

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes that it has, sorted."""
        return tuple(sorted(set(self.class_names.values())))


# Both name some folders in the plural.
_FIVE = MappingProxyType(
    {
        "daisy": "daisy",
        "dandelion": "dandelion",
        "rose": "rose",
        "roses": "rose",
        "sunflower": "sunflower",
        "sunflowers": "sunflower",
        "tulip": "tulip",
        "tulips": "tulip",
    }
)
_LICENCE = "Creative Commons works of their Flickr authors"

_SOURCES = (
    Source(
        name="tiny_FR",
        title="500 photos of five flowers, the notebook's",
        url="https://www.visioncog.com/rpk/tiny_FR.zip",
        photos=500,
        class_names=_FIVE,
        size=None,
        sha256=None,
        licence=_LICENCE,
    ),
    Source(
        name="flower_photos",
        title="3,670 photos of five flowers, TensorFlow's",
        url="http://download.tensorflow.org/example_images/flower_photos.tgz",
        photos=3_670,
        class_names=_FIVE,
        size=228_813_984,
        sha256="4c54ace7911aaffe13a365c34f650e71dd5bf1be0a58b464e5a7183e3e595d9c",
        licence=_LICENCE,
    ),
)
_BY_NAME = {one.name: one for one in _SOURCES}


def sources() -> tuple[Source, ...]:
    """Return all that can be fetched, the smallest first."""
    return tuple(sorted(_BY_NAME.values(), key=lambda one: one.photos))


def get(name: str) -> Source:
    """Return a source by its name.

    Raises:
        NotFoundError: If there is none of that name.
    """
    if name not in _BY_NAME:
        there = ", ".join(f"'{one.name}'" for one in sources())
        raise NotFoundError(f"What is fetched must be one of {there}. Received: '{shown(name)}'.")
    return _BY_NAME[name]
