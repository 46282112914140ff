"""Which datasets this visitor may look at."""

from __future__ import annotations

from flowercore.data import catalog
from flowercore.data.catalog import Entry
from flowercore.workshop import room
from ui.visitor import visitor


def my_entries() -> list[Entry]:
    """Return the datasets that are shared and this visitor's own, the painted garden first.

    In a workshop the one comes first that its leader chose for the room: pages show it unless the
    visitor chooses another.
    """
    me = visitor()
    mine = [entry for entry in catalog.entries() if catalog.visible(entry, me)]
    first = room.read().preloaded if room.is_open() else ""
    return sorted(mine, key=lambda entry: entry.name != first) if first else mine
