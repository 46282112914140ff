"""The course: its chapters in order, by the name that the address has for each."""

from __future__ import annotations

from ui.chapters.chapter import Chapter
from ui.chapters.words import WORDS

CHAPTERS: dict[str, Chapter] = {
    "words": WORDS,
}
