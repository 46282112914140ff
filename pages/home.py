from __future__ import annotations

from ui.entry import enter
from ui.home_view import doors, greeting, state_of_things
from ui.miniature import miniature
from ui.preparation import preparation_progress

enter()

greeting()
preparation_progress()
doors()
miniature()
state_of_things()
