"""What a chapter of the course is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ui.pages import Page


@dataclass(frozen=True)
class TryIt:
    """Where a chapter's idea happens in earnest.

    Attributes:
        page: The page.
        label: Words on the link.
        query_params: What the address says besides.
    """

    page: Page
    label: str
    query_params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Chapter:
    """One idea, moved by the visitor's hand.

    Attributes:
        short: Its name where there is little room.
        title: Its heading: the idea as a sentence or a question.
        lead: What it says, in two or three plain sentences of Markdown.
        show: Draws it.
        try_it: Where to go with it; None for a chapter that leads nowhere.
    """

    short: str
    title: str
    lead: str
    show: Callable[[], None]
    try_it: TryIt | None = None
