from __future__ import annotations

from ui.chapters.frame import course
from ui.entry import enter

enter()

course()
