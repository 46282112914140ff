"""Which of an audit's findings still wait for a decision, after what people edited since."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from flowercore.audit.findings import ACROSS, EXACT, NEAR, TWIN_KINDS
from flowercore.data.dataset import Dataset, Photo
from flowercore.data.edits import Edit, standing


@dataclass(frozen=True)
class Twins:
    """Photos that show the same.

    Attributes:
        number: Tells the group from others of the audit.
        kind: One of `flowercore.audit.findings.TWIN_KINDS`.
        photos: At least two, the one worth keeping first: of the most pixels, then of the most
            bytes, then by name.
    """

    number: int
    kind: str
    photos: tuple[Photo, ...]

    @property
    def keep(self) -> Photo:
        """The one that stays when the group is merged."""
        return self.photos[0]

    @property
    def others(self) -> tuple[Photo, ...]:
        """The ones that go."""
        return self.photos[1:]

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes that they lie in."""
        return tuple(sorted({one.label for one in self.photos}))


def open_problems(problems: pd.DataFrame, data: Dataset, edits: Iterable[Edit]) -> pd.DataFrame:
    """Return the findings about single photos on which nothing was decided yet.

    Args:
        problems: From an audit: key, sha256, kind, rank, score, why, suggested.
        data: The dataset as it is now.
        edits: Of the dataset.

    Returns:
        Those of ``problems`` whose photo is there unchanged and was not edited, without twins.
    """
    there = {(one.key, one.sha256) for one in data.photos}
    found = undecided(problems[~problems["kind"].isin(TWIN_KINDS)], edits)
    waits = [who in there for who in _photos_of(found)]
    return found[pd.Series(waits, index=found.index, dtype=bool)]


def undecided(problems: pd.DataFrame, edits: Iterable[Edit]) -> pd.DataFrame:
    """Return the findings about photos that were not edited, twins and photos left out included."""
    decided = standing(list(edits))
    waits = [who not in decided for who in _photos_of(problems)]
    return problems[pd.Series(waits, index=problems.index, dtype=bool)]


def open_twins(twins: pd.DataFrame, data: Dataset, edits: Iterable[Edit]) -> list[Twins]:
    """Return the groups of twins of which more than one photo is left and not all were kept.

    Args:
        twins: From an audit: group, key, sha256, label, exact, similarity.
        data: The dataset as it is now.
        edits: Of the dataset.

    Returns:
        The groups across classes first, then exact copies, then near ones.
    """
    decided = standing(list(edits))
    there = {(one.key, one.sha256): one for one in data.photos}
    groups: list[Twins] = []
    for number, (_, rows) in enumerate(twins.groupby("group", sort=True)):
        members = [who for who in _photos_of(rows) if who in there]
        if len(members) < 2 or all(who in decided for who in members):
            continue
        photos = sorted((there[who] for who in members), key=_worth)
        exact = len({one.sha256 for one in photos}) == 1
        across = len({one.label for one in photos}) > 1
        groups.append(Twins(number, ACROSS if across else EXACT if exact else NEAR, tuple(photos)))
    return sorted(groups, key=lambda one: (one.kind != ACROSS, one.kind != EXACT, one.number))


def _photos_of(table: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(table["key"], table["sha256"], strict=True))


def _worth(photo: Photo) -> tuple[int, int, str]:
    return (-photo.width * photo.height, -photo.bytes, photo.key)
