"""What is said of a run on photos from elsewhere. Pure functions: nothing here draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flowercore.data.names import shown
from flowercore.evaluation.class_mapping import renamed
from flowercore.evaluation.domain_gap import domain_gap
from flowercore.runs.assessments import Facts
from ui.words import listing, many, percent, plain

_NAMED = 8


def gap_sentence(own: tuple[int, int], here: tuple[int, int]) -> str:
    """Compare how good a run is on its own test photos and on others.

    Args:
        own: Test photos that were named right, and test photos in all, at least one.
        here: The same of the others.
    """
    found = domain_gap(own, here)
    digits = 0 if _points(found.own, found.here, 0) or found.own == found.here else 1
    points = _points(found.own, found.here, digits)
    said = (
        f"On its own test photos: {percent(found.own, digits)}. Here: {percent(found.here, digits)}"
    )
    if points == 0:
        return f"{said}: as good on these photos as on its own."
    word = "point" if abs(points) == 1 else "points"
    said += f": {abs(points):g} {word} {'less' if points > 0 else 'more'}."
    if found.worse:
        return f"{said} The photos differ from those it learned from: a domain gap."
    if found.better:
        return f"{said} These photos are easier for it than its own."
    return f"{said} That may be chance: it takes more photos to tell."


def mapped_sentence(mapping: Mapping[str, str], left_out: Mapping[str, int]) -> str:
    """Say which classes were taken for which, as Markdown; empty where all are called the same.

    Args:
        mapping: The run's class by class of the dataset.
        left_out: Photos of each class that was left out.
    """
    said = []
    if others := renamed(mapping):
        pairs = [f"{_name(given)} as {_name(to)}" for given, to in others.items()]
        said.append(f"Counted {_listed(pairs)}.")
    if left_out:
        photos = [f"{many(count, 'photo')} of {_name(name)}" for name, count in left_out.items()]
        said.append(f"Left out: {_listed(photos)}.")
    return " ".join(said)


def absent_sentence(facts: Facts, classes: Sequence[str]) -> str:
    """Say of which of the run's classes there was no photo, as Markdown; empty where of all.

    Args:
        facts: Of the evaluation.
        classes: The run's classes.
    """
    absent = [_name(name) for name in classes if name not in facts.mapping.values()]
    return f"Without a photo among them: {_listed(absent)}." if absent else ""


def twins_sentence(facts: Facts) -> str:
    """Say how many photos a run has learned from, or nearly so; empty where none."""
    if not facts.twins:
        return ""
    are = "is a twin" if facts.twins == 1 else "are twins"
    kinds = [
        words
        for count, words in (
            (facts.exact, f"{facts.exact:,} byte for byte"),
            (facts.near, f"{facts.near:,} saved, cut or mirrored anew"),
        )
        if count
    ]
    return (
        f"{facts.twins:,} of {many(facts.judged, 'photo')} {are} of training photos "
        f"({', '.join(kinds)})."
    )


def _points(own: float, here: float, digits: int) -> float:
    """Return the difference as the rounded shares show it."""
    return round(round(100 * own, digits) - round(100 * here, digits), digits)


def _name(name: str) -> str:
    return plain(shown(name))


def _listed(names: Sequence[str]) -> str:
    if len(names) <= _NAMED:
        return listing(names)
    return listing([*names[:_NAMED], f"{len(names) - _NAMED:,} more"])
