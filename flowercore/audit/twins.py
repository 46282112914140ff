"""Photos that show the same: copies byte for byte, and copies that were saved, cut or mirrored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from flowercore.audit.findings import ACROSS, EXACT, NEAR, TWINS, table
from flowercore.audit.seen import Seen
from flowercore.data.names import shown

_ROWS = 512


@dataclass(frozen=True)
class Leaks:
    """What twins do to a split, and to the labels.

    Attributes:
        tested: Test photos in all.
        leaked: Key and hash of the test photos that have a twin in training or validation.
        across_classes: Groups of twins with more than one label.
    """

    tested: int
    leaked: tuple[tuple[str, str], ...]
    across_classes: int


def twins(seen: Seen) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Find groups of photos that show the same.

    Args:
        seen: The photos.

    Returns:
        The table of twins (see `flowercore.audit.findings.TWINS`), and a problem for each of its
        rows, without ranks.
    """
    sizes = np.bincount(seen.groups, minlength=1)
    rows: list[dict[str, Any]] = []
    problems: list[dict[str, Any]] = []
    for number, group in enumerate(np.flatnonzero(sizes > 1)):
        members = np.flatnonzero(seen.groups == group)
        partners, cosines = _nearest(seen, members)
        copies = Counter(seen.photos[row].sha256 for row in members)
        across = len({seen.photos[row].label for row in members}) > 1
        for row, partner, cosine in zip(members, partners, cosines, strict=True):
            one, other = seen.photos[row], seen.photos[partner]
            exact = copies[one.sha256] > 1
            common = {"key": one.key, "sha256": one.sha256}
            rows.append(
                {
                    **common,
                    "group": number,
                    "label": one.label,
                    "exact": exact,
                    "similarity": float(cosine),
                }
            )
            same = "The same bytes as" if one.sha256 == other.sha256 else "Shows the same as"
            why = f"{same} {shown(other.key)}"
            if across:
                why += f", labelled {shown(other.label)}"
            kind = ACROSS if across else EXACT if exact else NEAR
            problems.append({**common, "kind": kind, "score": float(cosine), "why": f"{why}."})
    return table(rows, TWINS), problems


def leaks(found: pd.DataFrame, parts: Mapping[Any, str]) -> Leaks:
    """Count what twins leak from training into the test.

    Args:
        found: A table of twins.
        parts: What a run uses each photo for (train, validation or test), by SHA-256; or by key
            and SHA-256, since copies of the same bytes may lie on both sides.
    """
    who = list(zip(found["key"], found["sha256"], strict=True))
    part = pd.Series([parts.get(one, parts.get(one[1], "")) for one in who], index=found.index)
    learned = set(found.loc[part.isin(["train", "validation"]), "group"])
    leaked = (part == "test") & found["group"].isin(learned)
    return Leaks(
        tested=sum(one == "test" for one in parts.values()),
        leaked=tuple(one for one, leaks_out in zip(who, leaked, strict=True) if leaks_out),
        across_classes=int((found.groupby("group")["label"].nunique() > 1).sum()),
    )


def _nearest(seen: Seen, members: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the nearest other member of each, a copy byte for byte before all, and the cosine.

    In a group with several labels, nearest of another label.
    """
    unit = seen.unit[members]
    hashes = np.unique([seen.photos[row].sha256 for row in members], return_inverse=True)[1]
    labels = np.unique([seen.photos[row].label for row in members], return_inverse=True)[1]
    across = labels.max() > 0
    partners = np.empty(len(members), np.int64)
    cosines = np.empty(len(members))
    for top in range(0, len(members), _ROWS):
        rows = slice(top, top + _ROWS)
        cosine = np.clip(unit[rows] @ unit.T, 0, 1).astype(np.float64)
        cosine[hashes[rows, None] == hashes] = 1
        # A copy comes before what is only as near.
        order = cosine + (hashes[rows, None] == hashes)
        order[np.arange(len(order)), np.arange(top, top + len(order))] = -1
        if across:
            order[labels[rows, None] == labels] -= 4
        best = order.argmax(axis=1)
        partners[rows] = members[best]
        cosines[rows] = cosine[np.arange(len(best)), best]
    return partners, cosines
