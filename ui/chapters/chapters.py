"""The course: its chapters in order, by the name that the address has for each."""

from __future__ import annotations

from ui.chapters.anatomy import ANATOMY
from ui.chapters.chapter import Chapter
from ui.chapters.convolution import CONVOLUTION
from ui.chapters.feature_maps import FEATURE_MAPS
from ui.chapters.notebook import NOTEBOOK
from ui.chapters.separable import SEPARABLE
from ui.chapters.seventy_two import SEVENTY_TWO
from ui.chapters.transfer import TRANSFER
from ui.chapters.words import WORDS

CHAPTERS: dict[str, Chapter] = {
    "convolution": CONVOLUTION,
    "feature-maps": FEATURE_MAPS,
    "anatomy": ANATOMY,
    "separable": SEPARABLE,
    "transfer": TRANSFER,
    "seventy-two": SEVENTY_TWO,
    "notebook": NOTEBOOK,
    "words": WORDS,
}
