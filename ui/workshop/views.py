"""The views of the leader's page, by their short names in the address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ui.workshop.board_view import show_board
from ui.workshop.join_view import join
from ui.workshop.lead_view import lead


@dataclass(frozen=True)
class View:
    """One view of the page.

    Attributes:
        title: What it is called.
        show: Draws it.
    """

    title: str
    show: Callable[[], None]


VIEWS = {
    "board": View("Board", show_board),
    "join": View("Come in", join),
    "lead": View("Lead", lead),
}
