"""Runs that belong together, side by side: how far each is, and which one is better."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from flowercore import figures
from flowercore.evaluation.compare import Comparison, compare
from flowercore.jobs import queue
from flowercore.overlay import MARKS, Curve, overlaid_curves
from flowercore.runs import results
from flowercore.runs.store import Run
from flowercore.training.recipes import RECIPES
from ui import loaders
from ui.compare_choice import EXPERIMENT
from ui.guard import in_words
from ui.pages import COMPARE
from ui.progress_words import short
from ui.run_states import ANCHOR, BADGES
from ui.run_words import verdict
from ui.words import accuracy_with_interval, data_of, many, names_of, percent, plain


def siblings(run: Run, runs: Sequence[Run]) -> list[Run]:
    """Return the runs of a run's experiment in the order they were asked for; itself included.

    Args:
        run: The run.
        runs: All runs, the newest first.
    """
    experiment = run.config.get("experiment")
    if not experiment:
        return [run]
    return [one for one in reversed(runs) if one.config.get("experiment") == experiment]


def experiment_view(run: Run, group: Sequence[Run]) -> None:
    """Show the runs of an experiment side by side.

    Args:
        run: The one whose details are shown below.
        group: All of them, at least two.
    """
    names = names_of(list(reversed(group)), st.context.timezone)
    with st.container(border=True):
        st.subheader(plain(_title(run)), anchor=ANCHOR)
        st.table(
            pd.DataFrame(
                [
                    {
                        "Run": _name(names[one.id], chosen=one.id == run.id),
                        "State": _state(one),
                        "Test accuracy": _accuracy(one),
                    }
                    for one in group
                ]
            ),
            border="horizontal",
            hide_index=True,
            alt=f"State and test accuracy of {many(len(group), 'run')}",
        )
        if any(not one.active for one in group):
            st.caption("In brackets: where it would lie on many photos like these, 19 times of 20.")
        _curves(group, names)
        _verdict(group, names)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link(
                COMPARE.file,
                label="Compare them photo by photo",
                icon=COMPARE.icon,
                query_params={EXPERIMENT: run.config["experiment"]},
            )
            others = [one for one in group if one.active and one.id != run.id]
            if others:
                st.button(
                    "Stop all" if run.active or len(others) > 1 else "Stop the last one",
                    icon=":material/stop:",
                    key=f"stop_all_{run.config['experiment']}",
                    on_click=_stop_all,
                    args=(run.id,),
                )


def _stop_all(run_id: str) -> None:
    with in_words():
        queue.cancel_experiment(run_id)


def history(run: Run) -> pd.DataFrame:
    """Return a run's history; of one that has ended it is read once.

    Raises:
        StorageError: If it is damaged.
    """
    return results.history(run.id) if run.active else _history(run.id)


@st.cache_data(ttl="1h", max_entries=50, show_spinner=False)
def _history(run_id: str) -> pd.DataFrame:
    return results.history(run_id)


def _title(run: Run) -> str:
    recipe = next((one for one in RECIPES if one.name == run.config.get("recipe")), None)
    return f"{recipe.title if recipe else 'Experiment'} on {data_of(run)}"


def _name(name: str, *, chosen: bool) -> str:
    return f"**{plain(name)}**" if chosen else plain(name)


def _state(run: Run) -> str:
    badge = BADGES[run.status]
    works = run.status in ("features", "training")
    label = short(results.progress(run.id)) if works else badge.label
    return f":{badge.color}-badge[{badge.icon} {label}]"


def _accuracy(run: Run) -> str:
    evaluation = None if run.active else loaders.evaluation(run.id)
    if evaluation is None:
        return "" if run.active else "no test"
    return accuracy_with_interval(evaluation.accuracy, evaluation.accuracy_interval)


def _curves(group: Sequence[Run], names: dict[str, str]) -> None:
    tables = {
        one.id: table
        for one in group[: len(MARKS)]
        if one.status != "damaged" and not (table := history(one)).empty
    }
    if not tables:
        return
    last = [
        f"{names[run_id]} {percent(float(values.iloc[-1]))}"
        for run_id, table in tables.items()
        if not (values := table["val_accuracy"].dropna()).empty
    ]
    places = {one.id: place for place, one in enumerate(group)}
    st.plotly_chart(
        _figure(
            [names[run_id] for run_id in tables],
            [places[run_id] for run_id in tables],
            list(tables.values()),
        ),
        key="experiment_curves",
        config=figures.CONFIG,
        alt=f"Validation accuracy over the epochs, at the end: {', '.join(last)}",
    )


# Drawing takes longer than finding out that nothing is new.
@st.cache_resource(ttl="1h", max_entries=60, show_spinner=False)
def _figure(names: list[str], places: list[int], tables: list[pd.DataFrame]) -> go.Figure:
    lines = [Curve(*one) for one in zip(names, tables, places, strict=True)]
    return overlaid_curves(lines, "accuracy")


def _verdict(group: Sequence[Run], names: dict[str, str]) -> None:
    if any(one.active for one in group):
        st.caption("Which one is better is told when all have ended.")
        return
    found = _comparisons(tuple((one.id, names[one.id]) for one in group))
    if found:
        st.markdown(plain(verdict(found, names)))
    else:
        st.caption("Fewer than two of them were tested, so they cannot be compared.")


@st.cache_data(ttl="1h", max_entries=50, show_spinner=False)
def _comparisons(runs: tuple[tuple[str, str], ...]) -> list[Comparison]:
    """Compare the run of the highest test accuracy with each of the others that were tested."""
    tested = [
        (evaluation.accuracy, run_id, name)
        for run_id, name in runs
        if (evaluation := loaders.evaluation(run_id)) is not None
    ]
    if not tested:
        return []
    _, best, title = max(tested, key=lambda one: one[0])
    return [compare(best, id, (title, name)) for _, id, name in tested if id != best]
