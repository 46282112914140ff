"""A photo beside what a run says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from flowercore.data.dataset import Dataset, Photo
from ui import loaders
from ui.judged import Judged


@dataclass(frozen=True)
class JudgedPhoto:
    """A photo that a run was asked about.

    Attributes:
        photo: The photo.
        label: Its true class when it was judged.
        predicted: What the run says.
        probabilities: Of each class, at the run's temperature.
    """

    photo: Photo
    label: str
    predicted: str
    probabilities: Mapping[str, float]

    @property
    def probability(self) -> float:
        """Of the class that the run says."""
        return self.probabilities[self.predicted]


def judged_photos(
    judged: Judged, table: pd.DataFrame
) -> tuple[Dataset | None, list[JudgedPhoto], pd.DataFrame]:
    """Find the photos of some rows of a judgement.

    Args:
        judged: The run on some photos.
        table: Rows of its judgement's photos, in the order wanted.

    Returns:
        The dataset, None if it is gone; those photos that are there unchanged, also if they have
        been excluded or relabelled since; and the rows of the others.
    """
    data = loaders.dataset_behind(judged.run, judged.on)
    if data is None:
        return None, [], table
    # The content must be the same: another photo under the same name was never judged.
    there = {(one.key, one.sha256): one for one in (*data.photos, *data.excluded)}
    who = list(zip(table["key"], table["sha256"], strict=True))
    words = zip(table["label"], table["predicted"], strict=True)
    found = [
        JudgedPhoto(there[one], str(label), str(said), judged.judgement.at(row))
        for row, one, (label, said) in zip(table.index, who, words, strict=True)
        if one in there
    ]
    return data, found, table[[one not in there for one in who]]
