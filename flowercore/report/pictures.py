"""Photos and figures as parts of an HTML file that needs nothing beside it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from flowercore.data.dataset import Dataset
from flowercore.data.photo import read_photo_bytes, thumbnail
from flowercore.errors import FlowercoreError
from flowercore.evaluation.judgement import Judgement

_SIDE = 220
_CONFIG = {"displayModeBar": False, "scrollZoom": False, "responsive": True}


@dataclass(frozen=True)
class Picture:
    """A photo in the report.

    Attributes:
        source: The small JPEG as a data address.
        name: Its file.
        true: True class.
        predicted: What it was taken for.
        probability: Of that.
    """

    source: str
    name: str
    true: str
    predicted: str
    probability: float


def chart(figure: go.Figure, name: str) -> str:
    """Return a figure as HTML that draws itself once plotly is on the page.

    Args:
        figure: The figure.
        name: Tells it from the others on the page.
    """
    return figure.to_html(
        full_html=False, include_plotlyjs=False, config=_CONFIG, div_id=f"figure-{name}"
    )


def worst_mistakes(judged: Judgement, data: Dataset | None, count: int) -> Sequence[Picture]:
    """Return the most confident mistakes whose photo is still there unchanged.

    Args:
        judged: What a run says of photos.
        data: Where they come from; None if that is gone.
        count: How many at most.
    """
    if data is None:
        return []
    there = {(photo.key, photo.sha256): photo for photo in data.photos}
    wrong: pd.DataFrame = judged.photos[~judged.right]
    found: list[Picture] = []
    for row in wrong.sort_values("probability", ascending=False, kind="stable").to_dict("records"):
        photo = there.get((row["key"], row["sha256"]))
        if photo is None:
            continue
        try:
            small = thumbnail(read_photo_bytes(data.path(photo)), name=photo.key, side=_SIDE)
        except FlowercoreError:  # gone in this moment: the next one is as telling
            continue
        found.append(
            Picture(
                source=f"data:image/jpeg;base64,{base64.b64encode(small).decode()}",
                name=str(row["key"]),
                true=str(row["label"]),
                predicted=str(row["predicted"]),
                probability=float(row["probability"]),
            )
        )
        if len(found) == count:
            break
    return found
