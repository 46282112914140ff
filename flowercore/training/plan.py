"""From settings to the photos to train on; what can be refused is refused before any work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from flowercore.data import catalog
from flowercore.data.dataset import Dataset, Photo, Skipped, check_trainable, contradictions
from flowercore.data.split import Split, notebook_split, stratified_split
from flowercore.errors import ConfigError, DatasetError
from flowercore.training import split_source
from flowercore.training.config import TrainConfig

_ALIKE = (
    "A class holds so many photos that show nearly the same that near-duplicates could not be kept "
    "on one side of the split: the test may look easier than new photos are."
)


@dataclass(frozen=True)
class Plan:
    """Which photos a training uses, and for what.

    Attributes:
        photos: The photos, in the dataset's order.
        labels: Class number of each photo, int64, shape (N,).
        split: Indices into ``photos``.
        skipped: Photos that are left out, with the reason.
        notes: What a person must know about the split, in sentences.
    """

    photos: tuple[Photo, ...]
    labels: np.ndarray
    split: Split
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...] = ()

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


def make_plan(
    dataset: Dataset,
    readable: tuple[Photo, ...],
    config: TrainConfig,
    twins: Mapping[str, str] | None = None,
) -> Plan:
    """Divide a dataset's photos.

    A photo that lies in two classes teaches nothing, since one of its labels is wrong: all its
    copies are left out.

    Args:
        dataset: The dataset.
        readable: Those of its photos that can be decoded.
        config: Test split, validation split and seed, or whose split to follow.
        twins: A group for each photo, by SHA-256: photos of one group stay on one side. None: only
            exact copies do.

    Raises:
        DatasetError: If too little is left to train on.
        ConfigError: If a class would have no photo in a wanted part.
        NotFoundError: If the run whose split to follow is not there or did not finish.
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
        check_trainable(replace(dataset, photos=kept))
    except DatasetError as error:
        if not skipped:
            raise
        raise DatasetError(f"{error} {skipped[0].reason} Such photos are left out.") from error
    numbers = {name: number for number, name in enumerate(dataset.classes)}
    labels = np.array([numbers[photo.label] for photo in kept], np.int64)
    if config.split_from:
        before = split_source.parts(config.split_from)
        split = split_source.follow(before, kept, dataset.classes)
        return Plan(kept, labels, split, skipped, split_source.notes(before, kept))
    try:
        return Plan(kept, labels, _split(kept, labels, config, twins or {}), skipped)
    except ConfigError:
        if not twins:
            raise
    # Photos of one object from a camera are all alike: they can still be trained on.
    return Plan(kept, labels, _split(kept, labels, config, {}), skipped, (_ALIKE,))


def _split(
    photos: tuple[Photo, ...], labels: np.ndarray, config: TrainConfig, twins: Mapping[str, str]
) -> Split:
    shares = {"test": config.test_split, "validation": config.validation_split}
    if config.split == "notebook":
        return notebook_split(len(photos), **shares, seed=config.seed)
    groups = [twins.get(photo.sha256, photo.sha256) for photo in photos]
    return stratified_split(labels.tolist(), groups, **shares, seed=config.seed)
