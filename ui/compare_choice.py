"""Which runs are looked at side by side: kept in the address, with a colour each that stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from flowercore.data.names import shown
from flowercore.overlay import MARKS
from flowercore.runs.store import Run
from ui.address import is_news, overrule
from ui.words import listing, plain

RUNS = "runs"
"""In the address: the ids of the chosen runs, separated by commas."""

EXPERIMENT = "experiment"
"""In the address: chooses all runs of an experiment."""

MOST = len(MARKS)
"""How many runs are shown side by side."""

_MEMORY = "compared_runs"
_LOST = "lost_runs"
_PLACES = "compared_places"
_TOLD = 3


def remember(run_ids: Sequence[str]) -> None:
    """Choose runs on the visitor's behalf; the page and the address follow."""
    overrule(RUNS)
    st.session_state.pop(_LOST, None)
    st.session_state[_MEMORY] = list(run_ids)
    st.query_params[RUNS] = ",".join(run_ids)
    st.query_params.pop(EXPERIMENT, None)


def forget(run_id: str) -> None:
    """Choose a run no longer, for instance because it was deleted."""
    remember([one for one in st.session_state.get(_MEMORY, []) if one != run_id])


def put_first(run_ids: Sequence[str]) -> None:
    """Move some of the chosen runs to the front."""
    chosen_before = st.session_state.get(_MEMORY, [])
    remember([*run_ids, *(one for one in chosen_before if one not in run_ids)])


def chosen(runs: Sequence[Run]) -> list[str]:
    """Return the ids of the chosen runs in the order of choosing.

    As the page is opened the address decides, then what was chosen before; in the beginning the
    newest finished run is, and the one before on the same photos.

    Args:
        runs: What can be chosen, the newest first.
    """
    there = [run.id for run in runs]
    experiment = address = None
    if is_news(RUNS):
        experiment, address = st.query_params.get(EXPERIMENT), st.query_params.get(RUNS)
        st.session_state.pop(_LOST, None)
    before = address.split(",") if address is not None else st.session_state.get(_MEMORY)
    if experiment is not None:
        found = of_experiment(runs, experiment)
        lost = None if found else ("experiment", [experiment])
    elif before is not None:
        wanted = [one for one in dict.fromkeys(before) if one]
        found = [one for one in wanted if one in there]
        gone = [one for one in wanted if one not in there]
        lost = ("run", gone) if gone else st.session_state.get(_LOST)
    else:
        found, lost = _first_two(runs), None
    if lost is None:
        remember(found)
    else:
        # A bad address stays until something is chosen, and so does the warning about it.
        _warn(*lost)
        st.session_state[_MEMORY], st.session_state[_LOST] = found, lost
    return found


def of_experiment(runs: Sequence[Run], experiment: str) -> list[str]:
    """Return the ids of an experiment's runs, in the order in which they were asked for."""
    return [
        run.id
        for run in reversed(runs)
        if experiment and run.config.get("experiment") == experiment
    ]


def places(run_ids: Sequence[str]) -> dict[str, int]:
    """Return which of `MARKS` each run is drawn in; a run keeps its own as long as it can.

    Args:
        run_ids: At most `MOST`.
    """
    before = st.session_state.get(_PLACES, {})
    now = assigned(run_ids, before)
    st.session_state[_PLACES] = {**before, **now}
    return now


def assigned(run_ids: Sequence[str], before: Mapping[str, int]) -> dict[str, int]:
    """Give each run the place that it had, or else the first that is free."""
    now: dict[str, int] = {}
    for run_id in run_ids:
        if run_id in before and before[run_id] not in now.values():
            now[run_id] = before[run_id]
    for run_id in run_ids:
        if run_id not in now:
            now[run_id] = next(place for place in range(MOST) if place not in now.values())
    return now


def _first_two(runs: Sequence[Run]) -> list[str]:
    finished = [run for run in runs if run.status == "finished"]
    if not finished:
        return []
    data = finished[0].dataset.get("identity")
    return [run.id for run in finished if run.dataset.get("identity") == data][:2]


def _warn(thing: str, unknown: Sequence[str]) -> None:
    named = [f"“{plain(shown(one))}”" for one in unknown[:_TOLD]]
    if len(unknown) > _TOLD:
        named.append(f"{len(unknown) - _TOLD} more")
    st.warning(
        f"There is no {thing} {listing(named)} here: it may have been deleted, or the address was "
        "cut off.",
        icon=":material/link_off:",
    )
