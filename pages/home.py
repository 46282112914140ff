from __future__ import annotations

import ui
from ui.home_view import doors, garden_strip, greeting, state_of_things
from ui.preparation import preparation_progress

ui.enter()

greeting()
preparation_progress()
garden_strip()
doors()
state_of_things()
