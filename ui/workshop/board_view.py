"""The board: all runs of the room as they train, for a projector."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from flowercore.jobs import clearing
from flowercore.workshop import board, leaders, room
from flowercore.workshop.board import Row
from ui.guard import in_words
from ui.progress_words import short
from ui.run_states import BADGES
from ui.visitor import visitor
from ui.words import accuracy_with_interval, duration, many, plain
from ui.workshop.join_view import code_of, room_address

_SECONDS = 2.0
_IDLE_SECONDS = 5.0
_SHOWN = 60
_COLUMN = 16
_ALL = "board_all"


def show_board() -> None:
    """Show the board beside the room's address; it follows the trainings by itself."""
    runs, door = st.columns([4, 1], gap="large")
    with door:
        address = room_address()
        if address is not None:
            code_of(address)
            st.markdown(f"**{plain(address)}**", text_alignment="center")
    with runs:
        st.toggle(
            "All runs, not each person's best only",
            key=_ALL,
            bind="query-params",
            help="Otherwise each person has one row: what trains now, else the best so far.",
        )
        active = any(row.active for row in _rows())
        st.fragment(_board, run_every=_SECONDS if active else _IDLE_SECONDS)(active)


def _rows() -> list[Row]:
    now = room.read()
    return board.rows(now, leaders.leaders_of(now))


def _board(were_active: bool) -> None:
    with in_words():
        if not leaders.is_leader(visitor()):
            st.rerun()
        waiting = clearing.sweep()
        rows = _rows()
        if any(row.active for row in rows) != were_active:
            st.rerun()  # once: the clock goes at another pace then
        if waiting:
            st.caption(f":material/hourglass_top: {many(waiting, 'thing')} still to be deleted.")
        _table(rows)


def _table(rows: Sequence[Row]) -> None:
    everything = bool(st.session_state.get(_ALL))
    shown = list(rows) if everything else board.best_of_each(rows)
    people = len({row.visitor for row in rows})
    training = sum(row.active for row in rows)
    st.markdown(
        f"**{many(people, 'person', 'people')}** with **{many(len(rows), 'run')}**, "
        f"{training} at work"
    )
    if not shown:
        st.info(
            "Nobody has trained yet. Runs appear here by themselves.",
            icon=":material/hourglass_empty:",
        )
        return
    if len(shown) > _COLUMN and not everything:
        _side_by_side(shown[:_SHOWN], rows)
    else:
        _wide(shown[:_SHOWN], rows)
    if len(shown) > _SHOWN:
        st.caption(f"And {len(shown) - _SHOWN:,} more: *Compare* lists them all.")
    st.caption(
        "Behind each accuracy, in brackets: where it would lie on very many photos like these, 19 "
        "times of 20. Where two brackets overlap widely, luck may have decided."
    )


def _wide(shown: Sequence[Row], rows: Sequence[Row]) -> None:
    st.table(
        {
            "Who": [f"**{plain(row.who)}**" for row in shown],
            "State": [_state(row) for row in shown],
            "Test accuracy": [_accuracy(row) for row in shown],
            "Photos": [plain(row.data) for row in shown],
            "Network": [plain(row.network) for row in shown],
            "Time": ["–" if row.seconds is None else duration(row.seconds) for row in shown],
        },
        border="horizontal",
        alt=f"Board of {many(len(shown), 'run')}: {_best(rows)}",
    )


def _side_by_side(shown: Sequence[Row], rows: Sequence[Row]) -> None:
    # What does not fit a screen as one table: two, with what is read from the last row of seats.
    half = max(_COLUMN, -(-len(shown) // 2))
    for column, part in zip(st.columns(2), (shown[:half], shown[half:]), strict=True):
        with column:
            st.table(
                {
                    "Who": [f"**{plain(row.who)}**" for row in part],
                    "Test accuracy": [
                        _accuracy(row) if row.accuracy is not None else _state(row) for row in part
                    ],
                },
                border="horizontal",
                alt=f"Board of {many(len(part), 'run')} of {len(shown)}: {_best(rows)}",
            )


def _state(row: Row) -> str:
    badge = BADGES[row.status]
    words = short(row.progress) if row.status in ("features", "training") else badge.label
    return f":{badge.color}[{badge.icon} {plain(words)}]"


def _accuracy(row: Row) -> str:
    if row.accuracy is None or row.accuracy_interval is None:
        return "…" if row.active else "–"
    return f"**{accuracy_with_interval(row.accuracy, row.accuracy_interval)}**"


def _best(rows: Sequence[Row]) -> str:
    best = next((row for row in rows if row.accuracy is not None), None)
    if best is None or best.accuracy is None:
        return "none has ended with a test yet"
    return f"the best so far is {best.who} with {best.accuracy:.0%}"
