"""What the charts of the photos show, in sentences. Pure functions: nothing here draws."""

from __future__ import annotations

import colorsys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from flowercore.photo_charts import Palette
from ui.words import listing, many, percent

# Shares of the spread that lies between groups which count as small, medium and large: Cohen 1988,
# "Statistical power analysis for the behavioral sciences", section 8.2.
_SMALL, _LARGE = 0.06, 0.14
# A colour stands out in a class from this much more of the picture than elsewhere.
_STANDS_OUT = 0.08
_TOLD = 3
_HUES = (
    (14, "red"),
    (42, "orange"),
    (70, "yellow"),
    (165, "green"),
    (200, "turquoise"),
    (255, "blue"),
    (290, "violet"),
    (345, "pink"),
    (361, "red"),
)
_GREYS = ((0.17, "black"), (0.38, "dark grey"), (0.65, "grey"), (0.86, "light grey"), (2, "white"))


@dataclass(frozen=True)
class Comparison:
    """How one tells more or less of a quantity: ``brightness``, ``brightest``, ``darkest``."""

    quantity: str
    most: str
    least: str
    instead: str


BRIGHTNESS = Comparison("brightness", "brightest", "darkest", "by the light")
SHARPNESS = Comparison("sharpness", "sharpest", "softest", "by how sharp a photo is")


def sizes(table: pd.DataFrame, least: int) -> str:
    """Say whether the photos are large enough, and what shape they have.

    Args:
        table: A row a photo, at least one: width and height in pixels.
        least: Side of the square that a backbone looks at, pixels.
    """
    shorter = table[["width", "height"]].min(axis=1)
    longer = table[["width", "height"]].max(axis=1)
    small, count = int((shorter < least).sum()), len(table)
    if small == 0:
        said = f"Yes: each is at least {least} pixels wide and high, which is what a backbone sees."
    elif small == count:
        said = (
            f"No: every one is less than {least} pixels wide or high. A backbone sees {least} × "
            f"{least}, so they are enlarged and look soft to it."
        )
    else:
        verdict = "Mostly" if small < count / 2 else "Many are not"
        they = "it is" if small == 1 else "they are"
        said = (
            f"{verdict}: {many(small, 'photo is', 'photos are')} less than {least} pixels wide or "
            f"high, which is what a backbone sees; {they} enlarged."
        )
    wide, high = table["width"] > table["height"], table["width"] < table["height"]
    parts = [
        f"{percent(share, 0)} {words}"
        for share, words in (
            (float(wide.mean()), "are wider than high"),
            (float(high.mean()), "higher than wide"),
            (float((~wide & ~high).mean()), "square"),
        )
        if share >= 0.005
    ]
    stretched = float((longer / shorter).max())
    return (
        f"{said} {listing(parts).capitalize()}; the longest shape is {stretched:.1f} to 1. To a "
        "backbone all are square: the longer side is cut a little, then squeezed."
    )


def spread(table: pd.DataFrame, column: str, comparison: Comparison) -> str:
    """Say whether a quantity gives the class away.

    Args:
        table: A row a photo: label and the column.
        column: Which number.
        comparison: How one speaks about it.
    """
    values = table[["label", column]].dropna()
    medians = values.groupby("label", sort=True)[column].median()
    if len(medians) < 2:
        return "There is one class only: nothing to compare it with."
    share = between_classes(values, column)
    most, least = medians.idxmax(), medians.idxmin()
    extremes = f"{most} is {comparison.most}, {least} {comparison.least}"
    part = f"{percent(share, 0)} of its spread lies between the classes"
    if share < _SMALL:
        return f"Hardly: {comparison.quantity} is much the same in every class ({part})."
    if share < _LARGE:
        return f"A little: {extremes}, but the classes overlap widely ({part})."
    return (
        f"Yes: {extremes}, and {part}. A model could go {comparison.instead} instead of by the "
        "flower."
    )


def between_classes(table: pd.DataFrame, column: str) -> float:
    """Return the share of a number's variance that lies between classes, eta squared, 0..1.

    Args:
        table: A row a photo: label and the column, no value missing.
        column: Which number.
    """
    values = table[column].astype(float)
    total = float(((values - values.mean()) ** 2).sum())
    if total == 0:
        return 0.0
    means = values.groupby(table["label"]).transform("mean")
    return float(((means - values.mean()) ** 2).sum()) / total


def color_name(rgb: Sequence[int]) -> str:
    """Return what a person would call a colour, such as ``dark green``.

    Args:
        rgb: Red, green and blue, 0..255.
    """
    red, green, blue = (part / 255 for part in rgb)
    hue, saturation, value = colorsys.rgb_to_hsv(red, green, blue)
    lightness = (max(red, green, blue) + min(red, green, blue)) / 2
    if value < 0.2 or saturation < 0.15:
        return next(name for most, name in _GREYS if lightness < most)
    name = next(name for most, name in _HUES if 360 * hue < most)
    if name == "yellow" and value < 0.7:
        return "olive"
    if name == "orange" and value < 0.65:
        return "brown"
    if value < 0.5:
        return f"dark {name}"
    return f"pale {name}" if saturation < 0.4 and value > 0.6 else name


def named_shares(palette: Palette) -> dict[str, float]:
    """Return the share of each colour name in a palette, the largest first; they sum to 1."""
    total = sum(share for _, share in palette) or 1.0
    shares: dict[str, float] = {}
    for rgb, share in palette:
        name = color_name(rgb)
        shares[name] = shares.get(name, 0.0) + share / total
    return dict(sorted(shares.items(), key=lambda one: -one[1]))


def mostly(palette: Palette) -> str:
    """Name the colours that prevail: ``dark green 41 %, white 22 %``."""
    shares = list(named_shares(palette).items())[:_TOLD]
    return ", ".join(f"{name} {percent(share, 0)}" for name, share in shares)


def signature(palettes: Mapping[str, Palette]) -> str:
    """Say which colours belong to one class rather than to the others.

    Args:
        palettes: Colours of each class.
    """
    if len(palettes) < 2:
        return "There is one class only: nothing to compare its colours with."
    shares = {label: named_shares(palette) for label, palette in palettes.items()}
    found = []
    for label, own in shares.items():
        others = [of for other, of in shares.items() if other != label]
        for name, share in own.items():
            elsewhere = sum(of.get(name, 0.0) for of in others) / len(others)
            found.append((share - elsewhere, name, label, share, elsewhere))
    # The most telling colour of each class.
    best = {one[2]: one for one in sorted(found) if one[0] >= _STANDS_OUT}
    told = sorted(best.values(), reverse=True)[:_TOLD]
    if not told:
        return "No: no colour stands out in one class. Shape must tell them apart."
    parts = [
        f"{name} in {label} ({percent(share, 0)} of it, {percent(elsewhere, 0)} elsewhere)"
        for _, name, label, share, elsewhere in told
    ]
    return f"To a degree: {listing(parts)} stand{'s' if len(parts) == 1 else ''} out."
