"""Which datasets this visitor may look at."""

from __future__ import annotations

from flowercore.data import catalog
from flowercore.data.catalog import Entry
from ui.visitor import visitor


def my_entries() -> list[Entry]:
    """Return the datasets that are shared and this visitor's own, the painted garden first."""
    me = visitor()
    return [entry for entry in catalog.entries() if catalog.visible(entry, me)]
