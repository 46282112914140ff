"""What an audit of a dataset finds: the tables and their columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from flowercore.data.look import Palette
from flowercore.data.names import spreadsheet_cell

SUSPECT = "suspect-label"
OUTLIER = "outlier"
EXACT, NEAR, ACROSS = "exact-twin", "near-twin", "twin-across-classes"
TWIN_KINDS = (EXACT, NEAR, ACROSS)
KINDS = (
    "unreadable",
    *TWIN_KINDS,
    "dark",
    "bright",
    "blurry",
    "tiny",
    "odd-shape",
    OUTLIER,
    SUSPECT,
)
"""Kinds of problems of a photo."""

PROBLEMS: dict[str, Any] = {
    "key": object,
    "sha256": object,
    "kind": object,
    "rank": "int64",
    "score": "float64",
    "why": object,
    "suggested": object,
}
"""Columns of the table of problems."""

TWINS: dict[str, Any] = {
    "group": "int64",
    "key": object,
    "sha256": object,
    "label": object,
    "exact": "bool",
    "similarity": "float64",
}
"""Columns of the table of twins."""

MAP: dict[str, Any] = {
    "key": object,
    "sha256": object,
    "pca_x": "float64",
    "pca_y": "float64",
    "tsne_x": "float64",
    "tsne_y": "float64",
}
"""Columns of the map."""


@dataclass(frozen=True)
class ClassLook:
    """What the photos of a class look like together.

    Attributes:
        mean: JPEG of the mean of their tiles; None if none can be decoded.
        palette: Their main colours.
        brightness: Mean luma, 0 to 1; None if none can be decoded.
    """

    mean: bytes | None
    palette: Palette
    brightness: float | None


@dataclass(frozen=True, eq=False)
class Audit:
    """What was found out about a dataset.

    Attributes:
        dataset: Its name.
        identity: Which version of it was seen.
        backbone: Whose features were looked at.
        created: When, ISO 8601 in UTC.
        counts: Of photos, classes, files left out and excluded photos, and of problems by kind.
        notes: What is to be said of the dataset as a whole, in sentences.
        photos: What its photos look like; see `flowercore.data.looks.survey`.
        problems: A row for each problem of a photo, with the columns `PROBLEMS`: kind (one of
            `KINDS`), rank (from 1 within its kind, the worst first), score (0 to 1, the higher the
            worse), why (a sentence), suggested (another label; empty for none). A file that the
            scan left out has no sha256, since it is no photo of the dataset.
        twins: A row for each photo that shows the same as another, with the columns `TWINS`: group
            (a number), exact (whether another photo of the group has the same bytes) and
            similarity (cosine of the features, of the nearest in the group).
        map: Where each readable photo lies in two dimensions, with the columns `MAP`.
        class_looks: By class.
        seconds: What each step took.
    """

    dataset: str
    identity: str
    backbone: str
    created: str
    counts: dict[str, int]
    notes: tuple[str, ...]
    photos: pd.DataFrame
    problems: pd.DataFrame
    twins: pd.DataFrame
    map: pd.DataFrame
    class_looks: dict[str, ClassLook]
    seconds: dict[str, float]


def table(rows: list[dict[str, Any]], columns: dict[str, Any]) -> pd.DataFrame:
    """Make a table of rows with named columns of named types, also of no rows."""
    return pd.DataFrame(
        {name: pd.Series([row[name] for row in rows], dtype=kind) for name, kind in columns.items()}
    )


def to_csv(problems: pd.DataFrame) -> str:
    """Return problems as a table for a spreadsheet, a line each."""
    named = problems.rename(columns={"key": "photo"})
    text = [str(name) for name in named if named[name].dtype == object]
    return named.assign(**{name: named[name].map(spreadsheet_cell) for name in text}).to_csv(
        index=False, lineterminator="\r\n", float_format="%.4f"
    )
