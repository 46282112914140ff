"""The views of the leader's page, by their short names in the address."""

from __future__ import annotations

from ui.view_choice import View
from ui.workshop.board_view import show_board
from ui.workshop.join_view import join
from ui.workshop.lead_view import lead

VIEWS = {
    "board": View("Board", show_board),
    "join": View("Come in", join),
    "lead": View("Lead", lead),
}
