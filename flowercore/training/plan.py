"""From settings to the photos to train on; what can be refused is refused before any work."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flowercore.data import catalog
from flowercore.data.dataset import Dataset, Photo, Skipped, check_trainable, contradictions
from flowercore.data.split import Split, notebook_split, stratified_split
from flowercore.errors import DatasetError
from flowercore.training.config import TrainConfig


@dataclass(frozen=True)
class Plan:
    """Which photos a training uses, and for what.

    Attributes:
        photos: The photos, in the dataset's order.
        labels: Class number of each photo, int64, shape (N,).
        split: Indices into ``photos``.
        skipped: Photos that are left out, with the reason.
    """

    photos: tuple[Photo, ...]
    labels: np.ndarray
    split: Split
    skipped: tuple[Skipped, ...]

    def counts(self) -> dict[str, int]:
        """Return the number of photos in each part."""
        split = self.split
        return {
            "train": len(split.train),
            "validation": len(split.validation),
            "test": len(split.test),
        }

    def identity(self) -> str:
        """Return a hash of which photo serves for what."""
        return self.split.identity([photo.sha256 for photo in self.photos])


def check(config: TrainConfig) -> Dataset:
    """Refuse what cannot be trained, before anything is computed.

    Args:
        config: What is asked for.

    Returns:
        The dataset.

    Raises:
        InputError: If a setting, the dataset or their combination is out of bounds.
    """
    config.validate()
    dataset = catalog.load(config.data)
    make_plan(dataset, dataset.photos, config)
    return dataset


def make_plan(dataset: Dataset, readable: tuple[Photo, ...], config: TrainConfig) -> Plan:
    """Divide a dataset's photos.

    A photo that lies in two classes teaches nothing, since one of its labels is wrong: all its
    copies are left out.

    Args:
        dataset: The dataset.
        readable: Those of its photos that can be decoded.
        config: Test split, validation split and seed.

    Raises:
        DatasetError: If too little is left to train on.
        ConfigError: If a class would have no photo in a wanted part.
    """
    doubtful = {photo.key for group in contradictions(dataset) for photo in group}
    skipped = tuple(
        Skipped(
            photo.key,
            "A photo must lie in one class. Received: "
            + " and ".join(sorted({p.label for p in group}))
            + " hold the same one.",
        )
        for group in contradictions(dataset)
        for photo in group
    )
    kept = tuple(photo for photo in readable if photo.key not in doubtful)
    try:
        check_trainable(_only(dataset, kept))
    except DatasetError as error:
        if not skipped:
            raise
        raise DatasetError(f"{error} {skipped[0].reason} Such photos are left out.") from error
    numbers = {name: number for number, name in enumerate(dataset.classes)}
    labels = np.array([numbers[photo.label] for photo in kept], np.int64)
    return Plan(kept, labels, _split(kept, labels, config), skipped)


def _split(photos: tuple[Photo, ...], labels: np.ndarray, config: TrainConfig) -> Split:
    shares = {"test": config.test_split, "validation": config.validation_split}
    if config.split == "notebook":
        return notebook_split(len(photos), **shares, seed=config.seed)
    groups = [photo.sha256 for photo in photos]
    return stratified_split(labels.tolist(), groups, **shares, seed=config.seed)


def _only(dataset: Dataset, kept: tuple[Photo, ...]) -> Dataset:
    return Dataset(
        name=dataset.name,
        origin=dataset.origin,
        root=dataset.root,
        classes=dataset.classes,
        photos=kept,
        skipped=dataset.skipped,
    )
