"""Dividing photos into training, validation and test photos."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from flowercore.errors import ConfigError


@dataclass(frozen=True)
class Split:
    """Which photo serves for what.

    Attributes:
        train: Indices into the photos that were split, int64, ascending.
        validation: Likewise; empty if none was wanted.
        test: Likewise; empty if none was wanted.
    """

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray

    def identity(self, keys: Sequence[str]) -> str:
        """Name this split by a hash.

        Args:
            keys: A name that stays the same for each photo that was split, such as its SHA-256
                or its key in the dataset.

        Returns:
            64 hexadecimal digits: equal for equal photos in equal parts, in whatever order.
        """
        digest = hashlib.sha256()
        for part in ("train", "validation", "test"):
            digest.update(part.encode() + b"\n")
            for key in sorted(keys[index] for index in getattr(self, part)):
                digest.update(key.encode() + b"\n")
        return digest.hexdigest()


def stratified_split(
    labels: Sequence[int],
    groups: Sequence[str],
    *,
    test: float,
    validation: float,
    seed: int,
) -> Split:
    """Divide photos so that each class is divided in the same proportion.

    The test photos are taken first; ``validation`` is a fraction of what is left. Of 100 photos a
    class, 0.2 and 0.1 make 20 test, 8 validation and 72 training photos. Halves are rounded up, and
    a wanted part gets at least one photo of each class.

    Args:
        labels: Class number of each photo.
        groups: Photos with the same group, such as copies of one photo, stay on one side. A group
            that spans classes goes where its first photo's class puts it.
        test: Fraction of test photos, in [0, 1); 0 for none.
        validation: Fraction of the remaining photos, in [0, 1); 0 for none.
        seed: The same photos, fractions and seed give the same split.

    Returns:
        The split; its three parts hold each index exactly once.

    Raises:
        ConfigError: If a fraction is out of its bounds, or a class would have no photo in a
            wanted part.
    """
    for name, fraction in (("test", test), ("validation", validation)):
        if not 0 <= fraction < 1:
            raise ConfigError(
                f"The {name} split must be at least 0 and below 1. Received: {fraction}."
            )
    if len(labels) != len(groups):
        raise ConfigError(
            f"Each photo must have one group. Received: {len(labels)} labels, {len(groups)} groups."
        )
    rng = np.random.default_rng(seed)
    parts: dict[str, list[int]] = {"train": [], "validation": [], "test": []}
    for members in _groups_by_class(labels, groups).values():
        order = [members[index] for index in rng.permutation(len(members))]
        count = sum(len(group) for group in order)
        taken_test, order = _take(order, _share(count, test))
        left = count - sum(len(group) for group in taken_test)
        taken_validation, order = _take(order, _share(left, validation))
        wanted = [(taken_test, test), (taken_validation, validation), (order, 1.0)]
        if any(fraction > 0 and not taken for taken, fraction in wanted):
            copies = f" that are copies of {len(members)}" if len(members) < count else ""
            raise ConfigError(
                "The test and validation split must leave at least one photo of every class in "
                f"each part. Received: test {test}, validation {validation}, and a class of "
                f"{count} photo{'s' if count > 1 else ''}{copies}. "
                "Add photos to it, or choose other fractions."
            )
        for part, taken in zip(parts, (order, taken_validation, taken_test), strict=True):
            parts[part].extend(index for group in taken for index in group)
    return Split(**{part: np.array(sorted(of), dtype=np.int64) for part, of in parts.items()})


def notebook_split(count: int, *, test: float, validation: float, seed: int) -> Split:
    """Divide photos as the course's notebook does, whatever their classes.

    scikit-learn's ``train_test_split(test_size=test, random_state=seed)`` without stratification,
    then the last photos of its training part, as Keras's ``fit(validation_split=validation)``
    takes them. Copies of a photo may come to lie on both sides.

    Args:
        count: Number of photos N; they are numbered in the order of the dataset.
        test: Fraction of test photos, in [0, 1); 0 for none. Rounded up.
        validation: Fraction of the remaining photos, in [0, 1). Its complement is rounded down.
        seed: As scikit-learn's ``random_state``.

    Raises:
        ConfigError: If a wanted part would be empty.
    """
    # scikit-learn's generator, for the same photos in the same parts.
    order = np.random.RandomState(seed).permutation(count)
    tested = math.ceil(Fraction(str(test)) * count)
    left = order[tested:]
    kept = math.floor(len(left) * (1 - validation))
    parts = {"train": left[:kept], "validation": left[kept:], "test": order[:tested]}
    if not len(parts["train"]) or (validation and not len(parts["validation"])):
        raise ConfigError(
            f"The test and validation split must leave a photo in each part. Received: test "
            f"{test}, validation {validation}, and {count} photos."
        )
    return Split(**{part: np.sort(of).astype(np.int64) for part, of in parts.items()})


def deal_folds(labels: np.ndarray, groups: np.ndarray, folds: int, *, seed: int) -> np.ndarray:
    """Divide photos into the folds of a cross-validation, each class dealt out evenly.

    Args:
        labels: int, shape (N,).
        groups: int, shape (N,); photos of one group come into one fold. A group that spans classes
            goes where its first photo's class puts it.
        folds: How many.
        seed: The same photos, folds and seed give the same division.

    Returns:
        int64, shape (N,): the fold of each photo, 0..folds-1.
    """
    members, first, of = np.unique(groups, return_index=True, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(members))
    dealt = np.zeros(len(members), np.int64)
    turn: dict[int, int] = {}
    for member in order:
        label = int(labels[first[member]])
        # Classes begin at different folds, so that small ones do not all lie in the first.
        turn[label] = turn.get(label, label) + 1
        dealt[member] = turn[label] % folds
    return dealt[of]


def _groups_by_class(labels: Sequence[int], groups: Sequence[str]) -> dict[int, list[list[int]]]:
    members: dict[str, list[int]] = {}
    for index, group in enumerate(groups):
        members.setdefault(group, []).append(index)
    by_class: dict[int, list[list[int]]] = {}
    for indices in members.values():
        by_class.setdefault(int(labels[indices[0]]), []).append(indices)
    return dict(sorted(by_class.items()))


def _share(count: int, fraction: float) -> int:
    if fraction == 0:
        return 0
    # As a decimal: 0.29 * 50 is 14.499999999999998 in floating point, 14.5 in the person's mind.
    return max(1, math.floor(Fraction(str(fraction)) * count + Fraction(1, 2)))


def _take(order: list[list[int]], wanted: int) -> tuple[list[list[int]], list[list[int]]]:
    """Take groups from the front until ``wanted`` photos are reached, passing over larger ones."""
    taken: list[list[int]] = []
    left: list[list[int]] = []
    room = wanted
    for group in order:
        if len(group) <= room:
            taken.append(group)
            room -= len(group)
        else:
            left.append(group)
    if wanted and not taken and len(left) > 1:
        # Every group is larger than the share: the smallest one comes closest.
        smallest = min(range(len(left)), key=lambda index: len(left[index]))
        taken.append(left.pop(smallest))
    return taken, left
