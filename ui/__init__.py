"""What the pages share: cached loaders, widgets, the entrypoint guard."""

from __future__ import annotations

from ui.entry import enter, inside, warm_up
from ui.guard import in_words
from ui.in_room import in_the_room

__all__ = ["enter", "in_the_room", "in_words", "inside", "warm_up"]
