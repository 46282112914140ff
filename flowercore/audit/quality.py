"""Photos that little can be learned from: unreadable, too dark, too bright, blurry, tiny, odd."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from flowercore.data.dataset import Dataset

DARK = 0.25
"""Luma of the lightest parts (mean and two standard deviations) below which a photo is too dark.
A flower in front of black has light parts: the darkest of 500 real ones is at 0.48."""

BRIGHT = 0.75
"""Luma of the darkest parts (mean less two standard deviations) above which it is too bright."""

BLURRY = 0.06
"""Sharpness below which there is no edge in it. Of 500 real photos one is below, by far, and the
others begin at 0.10."""

TINY = 0.5
"""Share of a backbone's side that the shorter side must have."""

ODD = 3.0
"""Longer side by shorter side above which much of a photo is cut off or squeezed."""

Problem = dict[str, Any]
"""A row of the table of problems without its rank."""


def quality(dataset: Dataset, looks: pd.DataFrame, size: int) -> list[Problem]:
    """Judge each photo by itself.

    Args:
        dataset: What was scanned.
        looks: Of its photos; see `flowercore.data.looks.survey`.
        size: Side in pixels of the square that the backbone looks at.
    """
    found = [
        _problem({"key": one.name, "sha256": ""}, "unreadable", 1.0, one.reason)
        for one in dataset.skipped
        if "/" in one.name  # files of a class; what lies beside the classes is no photo of one
    ]
    for row in looks.to_dict("records"):
        if row["error"] is not None:
            found.append(_problem(row, "unreadable", 1.0, row["error"]))
        else:
            found.extend(_problem(row, *one) for one in _judged(row, size))
    return found


def _judged(row: Mapping[Any, Any], size: int) -> Iterator[tuple[str, float, str]]:
    light = row["brightness"] + 2 * row["contrast"]
    shade = row["brightness"] - 2 * row["contrast"]
    sharpness = row["sharpness"]
    mean = f"its mean brightness is {row['brightness']:.0%} of white"
    if light < DARK:
        yield "dark", 1 - light / DARK, f"Even its lightest parts are dark: {mean}."
    elif shade > BRIGHT:
        yield (
            "bright",
            (shade - BRIGHT) / (1 - BRIGHT),
            f"Even its darkest parts are pale: {mean}.",
        )
    elif sharpness < BLURRY:
        yield (
            "blurry",
            1 - sharpness / BLURRY,
            f"It has no sharp edge: sharpness {sharpness:.3f}, where {BLURRY:g} is the least.",
        )
    shorter, longer = sorted((row["width"], row["height"]))
    pixels = f"{row['width']:,} x {row['height']:,} pixels"
    if shorter < TINY * size:
        yield (
            "tiny",
            1 - shorter / (TINY * size),
            f"It has {pixels}; the network looks at {size} x {size}.",
        )
    if longer > ODD * shorter:
        yield (
            "odd-shape",
            1 - ODD * shorter / longer,
            f"It has {pixels}: one side is {longer / shorter:.1f} times as long as the other.",
        )


def _problem(row: Mapping[Any, Any], kind: str, score: float, why: str) -> Problem:
    return {
        "key": row["key"],
        "sha256": row["sha256"],
        "kind": kind,
        "score": min(1.0, max(0.0, float(score))),
        "why": why,
    }
