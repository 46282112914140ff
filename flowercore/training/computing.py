"""How photos become vectors, and who does it: this process, unless somebody lends others.

What is asked for is an `Order`. It names photos by the folder that they lie in, so that an order
can be cut into parts and sent to processes of other machines that see the same folder. Every
process computes a photo by the same function, and none together with others: its bits do not
depend on who did it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from flowercore.backbones import registry, runtime
from flowercore.backbones.standardisation import Standardisation
from flowercore.data import photo as photo_door
from flowercore.data import views as photo_views
from flowercore.data.dataset import Photo
from flowercore.data.views import View
from flowercore.errors import PhotoError
from flowercore.training.passes import through, tried

BATCH = 32
"""Forward passes that are handed out together; also the pause between two cancel checks."""

Shown = dict[int, np.ndarray]
"""Pixels (S, S, 3) of one photo, by the place of the view in `Order.views`."""

Vectors = dict[int, np.ndarray]
"""float32 features (D,) of one photo, likewise."""


@dataclass(frozen=True)
class Order:
    """What is to be computed of some photos.

    Attributes:
        root: Folder that the photos' keys are relative to.
        name: What the dataset is called in messages.
        photos: Which photos, each with a content of its own.
        backbone: Name of a prepared backbone.
        views: The ways in which photos are shown.
        missing: Places in ``views`` that are wanted of each photo, by its SHA-256.
        standardisation: What is done to the pixels; None for the backbone's own preprocessing.
    """

    root: Path
    name: str
    photos: tuple[Photo, ...]
    backbone: str
    views: tuple[View, ...]
    missing: Mapping[str, tuple[int, ...]]
    standardisation: Standardisation | None = None

    @property
    def batch(self) -> int:
        """How many photos make about `BATCH` forward passes."""
        return max(1, BATCH // len(self.views))

    def part(self, photos: Iterable[Photo]) -> Order:
        """Return the order for some of the photos."""
        chosen = tuple(photos)
        missing = {photo.sha256: self.missing[photo.sha256] for photo in chosen}
        return replace(self, photos=chosen, missing=missing)


Batch = list[tuple[Photo, Vectors | PhotoError]]
"""Some photos, each with its vectors or with what is wrong with it."""

Batches = Generator[Batch, None, None]

Computing = Callable[[Order], Batches]
"""Carries out an order: yields every photo once, in any order, in batches that may be empty."""


class Network:
    """Turns photos of an order into vectors. Safe to use from many threads.

    Args:
        order: What is asked for; its photos may be a part of those that are computed.

    Raises:
        StorageError: If the backbone was not prepared on this machine.
    """

    def __init__(self, order: Order) -> None:
        self._order = order
        self._facts = registry.get(order.backbone)
        self._extractor = runtime.extractor(order.backbone)

    @property
    def threads(self) -> int:
        """How many photos can be computed side by side."""
        return self._extractor.threads

    def read(self, photo: Photo) -> bytes:
        """Read a photo's file.

        Raises:
            PhotoError: As `flowercore.data.photo.read_photo_bytes`.
        """
        return photo_door.read_photo_bytes(self._order.root / photo.key)

    def shown(self, photo: Photo, data: bytes) -> Shown:
        """Decode a photo and show it in the ways that are missing.

        Args:
            photo: One photo of the order.
            data: Its file.

        Raises:
            PhotoError: If it cannot be decoded.
        """
        order, facts = self._order, self._facts
        places = order.missing[photo.sha256]
        pixels = photo_views.pixels(
            data,
            [order.views[place] for place in places],
            name=photo.key,
            sha256=photo.sha256,
            size=facts.input_size,
        )
        if order.standardisation is not None:
            pixels = [order.standardisation.pixels(one, facts.preprocessing) for one in pixels]
        return dict(zip(places, pixels, strict=True))

    def vectors(self, shown: Shown) -> Vectors:
        """Compute the vectors of a photo that `shown` decoded."""
        return {place: self._extractor.one(pixels) for place, pixels in shown.items()}

    def __call__(self, photo: Photo) -> Vectors:
        """Read a photo and compute what is missing of it; raises as `read` and `shown`."""
        return self.vectors(self._opened(photo))

    def several(self, photos: Sequence[Photo]) -> Iterable[Vectors | PhotoError]:
        """Read some photos, then compute what is missing of each."""
        opened = [tried(self._opened, photo) for photo in photos]
        shown = [one for one in opened if not isinstance(one, PhotoError)]
        vectors = self._extractor.each(pixels for one in shown for pixels in one.values())
        for one in opened:
            if isinstance(one, PhotoError):
                yield one
            else:
                yield {place: next(vectors) for place in one}

    def _opened(self, photo: Photo) -> Shown:
        return self.shown(photo, self.read(photo))


def here(order: Order) -> Batches:
    """Carry out an order in this process, with its threads; see `Computing`.

    Raises:
        StorageError: If the backbone was not prepared on this machine.
    """
    if order.photos:
        network = Network(order)
        yield from through(
            order.photos, network.several, threads=network.threads, batch=order.batch
        )


_CHOSEN: ContextVar[Computing] = ContextVar("computing", default=here)


def chosen() -> Computing:
    """Return who carries out orders of the present thread."""
    return _CHOSEN.get()


@contextmanager
def computed_by(computing: Computing) -> Iterator[None]:
    """Let others carry out all orders that the present thread gives while the block runs.

    Args:
        computing: Who does. A job asks for features in many places, several storeys deep; none of
            them has to know whether a cluster lends a hand.
    """
    before = _CHOSEN.set(computing)
    try:
        yield
    finally:
        _CHOSEN.reset(before)
