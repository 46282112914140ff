"""Numbers in the sentences of chapters, as they stand on the pages."""

from __future__ import annotations


def percent(share: float) -> str:
    """Return a share 0..1 as whole per cent, with a thin space."""
    return f"{100 * share:.0f}\u202f%"


def photos(count: int) -> str:
    """Return a number of photos with its noun."""
    return "1 photo" if count == 1 else f"{count:,} photos"
