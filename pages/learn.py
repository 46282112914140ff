from __future__ import annotations

import ui
from ui.chapters.frame import course

ui.enter()

course()
