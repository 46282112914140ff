"""All that photos are filtered and sorted by, in one table. Pure functions: nothing here draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from flowercore.audit.findings import SUSPECT
from flowercore.data.dataset import Dataset

MIXED = "Mixed classes"
ANY_PROBLEM = "any"

# Column and direction of each order; those that need a check come last.
SORTS: dict[str, tuple[str, bool] | None] = {
    MIXED: None,
    "Name": ("key", True),
    "Largest first": ("megapixels", False),
    "Smallest first": ("megapixels", True),
    "Brightest first": ("brightness", False),
    "Darkest first": ("brightness", True),
    "Sharpest first": ("sharpness", False),
    "Softest first": ("sharpness", True),
    "Most suspect first": ("suspicion", True),
}
NEEDS_CHECK = ("brightness", "sharpness", "suspicion")


@dataclass(frozen=True)
class Wanted:
    """Which photos, in which order.

    Attributes:
        label: Their class; None for any.
        keys: Their keys; None for any.
        megapixels: From, to, both included; None for any size.
        brightness: From, to, both included, 0..1; None for any.
        problem: Kind of problem that they have, or `ANY_PROBLEM`; None for with or without.
        sort: A name in `SORTS`.
    """

    label: str | None = None
    keys: frozenset[str] | None = None
    megapixels: tuple[float, float] | None = None
    brightness: tuple[float, float] | None = None
    problem: str | None = None
    sort: str = MIXED


def photo_table(
    data: Dataset, looks: pd.DataFrame, problems: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return what is known of each photo.

    Args:
        data: The dataset.
        looks: A row a photo of the dataset, in its order: brightness and sharpness, which may be
            missing.
        problems: From an audit: key, sha256, kind and rank; None without one.

    Returns:
        A row a photo in the dataset's order: key, sha256, label, width, height, megapixels,
        brightness, sharpness, kinds (a tuple of its problems) and suspicion (rank among suspect
        labels, from 1; missing for others).
    """
    photos = data.photos
    table = pd.DataFrame(
        {
            "key": [one.key for one in photos],
            "sha256": [one.sha256 for one in photos],
            "label": [one.label for one in photos],
            "width": [one.width for one in photos],
            "height": [one.height for one in photos],
            "megapixels": [one.width * one.height / 1e6 for one in photos],
            "brightness": looks["brightness"].to_numpy(np.float64),
            "sharpness": looks["sharpness"].to_numpy(np.float64),
        }
    )
    kinds, ranks = _problems_of(problems)
    who = list(zip(table["key"], table["sha256"], strict=True))
    table["kinds"] = [kinds.get(one, ()) for one in who]
    table["suspicion"] = [ranks.get(one, np.nan) for one in who]
    return table


def _problems_of(
    problems: pd.DataFrame | None,
) -> tuple[Mapping[tuple[str, str], tuple[str, ...]], Mapping[tuple[str, str], float]]:
    kinds: dict[tuple[str, str], tuple[str, ...]] = {}
    ranks: dict[tuple[str, str], float] = {}
    if problems is not None:
        columns = (problems[name] for name in ("key", "sha256", "kind", "rank"))
        for key, sha256, kind, rank in zip(*columns, strict=True):
            who = (key, sha256)
            if kind not in kinds.get(who, ()):
                kinds[who] = (*kinds.get(who, ()), kind)
            if kind == SUSPECT:
                ranks[who] = float(rank)
    return kinds, ranks


def matching(table: pd.DataFrame, wanted: Wanted) -> list[int]:
    """Return which photos fit, in the order that was asked for.

    Args:
        table: From `photo_table`.
        wanted: What is asked for.

    Returns:
        Their rows. Whatever is not known of a photo fits no range and comes last in an order.
    """
    fits = np.ones(len(table), bool)
    if wanted.label is not None:
        fits &= (table["label"] == wanted.label).to_numpy()
    if wanted.keys is not None:
        fits &= table["key"].isin(wanted.keys).to_numpy()
    for column, bounds in (("megapixels", wanted.megapixels), ("brightness", wanted.brightness)):
        if bounds is not None:
            fits &= table[column].between(*bounds).to_numpy()
    if wanted.problem is not None:
        fits &= np.array([_has(kinds, wanted.problem) for kinds in table["kinds"]], bool)
    found = table[fits]
    order = SORTS[wanted.sort]
    if order is None:
        # One photo of each class in turn: the first page then shows every class.
        found = found.assign(turn=found.groupby("label").cumcount())
        return found.sort_values(["turn", "label"], kind="stable").index.tolist()
    column, ascending = order
    return found.sort_values(
        column, ascending=ascending, kind="stable", na_position="last"
    ).index.tolist()


def _has(kinds: tuple[str, ...], problem: str) -> bool:
    return bool(kinds) if problem == ANY_PROBLEM else problem in kinds
