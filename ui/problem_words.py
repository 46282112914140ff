"""What an audit's findings are called on the screen."""

from __future__ import annotations

PROBLEMS = {
    "suspect-label": "Label may be wrong",
    "outlier": "Unlike the others",
    "twin-across-classes": "Twin in another class",
    "exact-twin": "Exact twin",
    "near-twin": "Near twin",
    "blurry": "Blurry",
    "dark": "Too dark",
    "bright": "Too bright",
    "tiny": "Tiny",
    "odd-shape": "Odd shape",
    "unreadable": "Unreadable",
}
"""By kind, the most telling first."""


def problem_name(kind: str) -> str:
    """Return what a kind of problem is called; a kind that nobody knows keeps its own name."""
    return PROBLEMS.get(kind, kind.replace("-", " ").capitalize())
