"""All runs in one table, in which those are chosen that are looked at side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from flowercore.evaluation.ledger import Row, ledger, usual_settings
from flowercore.runs.store import Run
from flowercore.training.recipes import RECIPES
from ui import compare_choice
from ui.run_states import BADGES
from ui.words import data_of, local, many, percent, plain, when

_TABLE = "compare_table"
_ALL = "All"
_EXPERIMENTS = 3


def filtered(runs: Sequence[Run]) -> list[Run]:
    """Let the visitor choose the runs on one dataset, if there are several.

    Damaged runs, of which nobody knows the data, are always among them.
    """
    data = {run.id: data_of(run) for run in runs if run.status != "damaged"}
    names = list(dict.fromkeys(data.values()))
    if len(names) < 2:
        return list(runs)
    name = st.selectbox("Trained on", [_ALL, *names], key="trained_on", bind="query-params")
    return [run for run in runs if name in (_ALL, data.get(run.id, name))]


def table(runs: Sequence[Run], names: Mapping[str, str], chosen: Sequence[str]) -> None:
    """Show runs in a table in which they are chosen.

    Args:
        runs: The runs that are listed, the newest first, at least one.
        names: What each is called, by id.
        chosen: Ids of those that are chosen.
    """
    rows = ledger(runs, brief=True)
    ids = tuple(row.run for row in rows)

    def follow() -> None:
        picked = [ids[row] for row in st.session_state[_TABLE].selection.rows if row < len(ids)]
        stay = [one for one in chosen if one in picked]
        compare_choice.remember([*stay, *(one for one in picked if one not in stay)])

    wanted = [place for place, one in enumerate(ids) if one in chosen]
    state = st.session_state.get(_TABLE)
    # Set only where it differs: setting it anew would undo a click that is on its way.
    if state is None or sorted(state["selection"]["rows"]) != wanted:
        st.session_state[_TABLE] = {"selection": {"rows": wanted, "columns": [], "cells": []}}
    st.dataframe(
        _frame(rows, names),
        key=_TABLE,
        on_select=follow,
        selection_mode="multi-row",
        hide_index=True,
        column_config={
            "Run": st.column_config.TextColumn(pinned=True),
            "Test accuracy": st.column_config.NumberColumn(
                format="%.1f %%", help="Share of the test photos that it names right."
            ),
            "95 % interval": st.column_config.TextColumn(
                help="Where the accuracy on very many photos like these would lie, 19 times of 20."
            ),
            "Settings": st.column_config.TextColumn(
                width="medium",
                help="What is special about this run. What most runs share is not told.",
            ),
            "Trained": st.column_config.TextColumn(
                help="The head alone, or the backbone as well from one of its blocks on."
            ),
            "Version": st.column_config.TextColumn(
                help="Runs with the same letters saw the same photos with the same labels."
            ),
            "Split": st.column_config.TextColumn(
                help="Runs with the same letters divided the same photos in the same way."
            ),
            "Took": st.column_config.NumberColumn(format="%.1f s"),
            "Started": st.column_config.DatetimeColumn(format="D MMM, HH:mm"),
        },
        placeholder="–",
        alt=f"{many(len(rows), 'run')} with their settings and their test accuracy",
    )
    usual = usual_settings(runs)
    if usual:
        st.caption(f"Where Settings says nothing else: {plain(usual)}.")


def _frame(rows: Sequence[Row], names: Mapping[str, str]) -> pd.DataFrame:
    zone = st.context.timezone
    states = [_state(row) for row in rows]
    notes = [row.note for row in rows]
    started = [local(row.created, zone) for row in rows]
    columns: dict[str, object] = {
        "Run": [names[row.run] for row in rows],
        "Test accuracy": pd.Series([_hundred(row.accuracy) for row in rows], dtype=float),
        "95 % interval": [_interval(row) for row in rows],
        "State": states,
        "Settings": [row.settings for row in rows],
        "Trained": [row.trained for row in rows],
        "Backbone": [row.backbone for row in rows],
        "Data": [row.data for row in rows],
        "Version": [row.version for row in rows],
        "Split": [row.split for row in rows],
        "Took": pd.Series([row.seconds for row in rows], dtype=float),
        "Started": pd.Series(
            [None if one is None else one.replace(tzinfo=None) for one in started],
            dtype="datetime64[s]",
        ),
        "Note": notes,
    }
    if set(states) == {BADGES["finished"].label}:
        del columns["State"]
    if not any(notes):
        del columns["Note"]
    seen = {(row.data, row.version) for row in rows if row.version}
    if len(seen) == len({data for data, _ in seen}):  # no dataset was mended between two runs
        del columns["Version"]
    return pd.DataFrame(columns)


def _state(row: Row) -> str:
    unreadable = row.status == "finished" and row.reason is not None and row.accuracy is None
    return BADGES["damaged" if unreadable else row.status].label


def _hundred(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _interval(row: Row) -> str | None:
    if row.accuracy_interval is None:
        return None
    low, high = row.accuracy_interval
    return f"{low * 100:.0f} to {percent(high, 0)}"


def experiments(runs: Sequence[Run], chosen: Sequence[str]) -> None:
    """Offer to choose all runs of an experiment at once.

    Args:
        runs: The runs that are listed, the newest first.
        chosen: Ids of those that are chosen.
    """
    by_id = {run.id: run for run in runs}
    titles = {one.name: one.title for one in RECIPES}
    found = dict.fromkeys(str(run.config.get("experiment") or "") for run in runs)
    groups = {one: compare_choice.of_experiment(runs, one) for one in found if one}
    groups = {one: ids for one, ids in groups.items() if len(ids) > 1}
    with st.container(horizontal=True):
        for experiment, ids in list(groups.items())[:_EXPERIMENTS]:
            if set(ids) == set(chosen):
                continue
            first = by_id[ids[0]]
            title = plain(titles.get(str(first.config.get("recipe")), "Experiment"))
            started = when(first.created, st.context.timezone)
            st.button(
                f"Choose all {len(ids)} runs of “{title}”"
                + (f", {plain(started)}" if len(groups) > 1 else ""),
                icon=":material/science:",
                key=f"experiment_{experiment}",
                help=f"Started {plain(started)}",
                on_click=compare_choice.remember,
                args=(ids,),
            )
