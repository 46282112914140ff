"""The chosen runs side by side: what each is, and how each learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from flowercore import overlay
from flowercore.errors import FlowercoreError
from flowercore.evaluation.ledger import Row, ledger
from flowercore.runs import results, store
from flowercore.runs.store import Run
from ui.guard import in_words
from ui.pages import EVALUATE, TRAIN
from ui.run_label import offer_changes
from ui.run_states import BADGES
from ui.words import duration, listing, percent, plain

_SECONDS = 2.0


def cards(runs: Sequence[Run], names: Mapping[str, str], places: Mapping[str, int]) -> None:
    """Show the chosen runs side by side, each with what can be done with it.

    Args:
        runs: The chosen runs, at most `compare_choice.MOST`.
        names: What each is called, by id.
        places: The sign of each, by id.
    """
    with st.grid(min(len(runs), 3), min_column_width=280):
        for run, row in zip(runs, ledger(runs), strict=True):
            with st.container(border=True, height="stretch", gap="small"):
                _card(run, row, names[run.id], places[run.id])


def _card(run: Run, row: Row, name: str, place: int) -> None:
    badge = BADGES[run.status]
    color, _, sign = overlay.MARKS[place]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        # The sign of its curve, in the same colour; Streamlit's own colour names do not have it.
        st.html(
            f'<span aria-hidden="true" style="color:{color};font-size:1.3em">{sign}</span>',
            width="content",
        )
        st.markdown(f"**{plain(name)}**", width="stretch")
        if run.status != "finished":
            st.badge(badge.label, icon=badge.icon, color=badge.color)
    if row.accuracy is not None and row.accuracy_interval is not None:
        low, high = row.accuracy_interval
        st.markdown(
            f"**{percent(row.accuracy)}** right on test photos "
            f":gray[({low * 100:.0f} to {high * 100:.0f})]"
        )
    elif row.reason is None:
        st.markdown("Not tested" if not run.active else "Not over yet")
    if row.reason:
        st.markdown(f":red[:material/error:] {plain(row.reason)}")
    facts = [row.settings, *_facts(row)]
    if any(facts):
        st.caption(plain(" · ".join(fact for fact in facts if fact)))
    if run.note:
        st.markdown(
            "  \n".join(plain(line) for line in run.note.splitlines()),
        )
    st.space("stretch")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if row.accuracy is not None:
            st.page_link(
                EVALUATE.file, label="Look inside", icon=EVALUATE.icon, query_params={"run": run.id}
            )
        elif run.active:
            st.page_link(TRAIN.file, label="Watch", icon=TRAIN.icon, query_params={"run": run.id})
        offer_changes(run, name)


def _facts(row: Row) -> list[str]:
    learned = "" if row.trained in ("", "head") else f"trained {row.trained}"
    took = "" if row.seconds is None else f"took {duration(row.seconds)}"
    return [learned, row.backbone, row.data, took]


def curves(runs: Sequence[Run], names: Mapping[str, str], places: Mapping[str, int]) -> None:
    """Show how the chosen runs learned; while one of them is active, its curve grows.

    Args:
        runs: The chosen runs.
        names: What each is called, by id.
        places: The sign of each, by id.
    """
    st.subheader("How they learned" if len(runs) > 1 else "How it learned", anchor=False)
    active = {run.id: run.status for run in runs if run.active}
    draw = st.fragment(_curves, run_every=_SECONDS if active else None)
    draw([run.id for run in runs if run.status != "damaged"], names, places, active)


def _curves(
    run_ids: Sequence[str],
    names: Mapping[str, str],
    places: Mapping[str, int],
    active: Mapping[str, str],
) -> None:
    with in_words():
        if any(store.get(run_id).status != status for run_id, status in active.items()):
            # Once: the table and the cards show states too, and the clock may stop.
            st.rerun()
        drawn = []
        for run_id in run_ids:
            try:
                drawn.append(overlay.Curve(names[run_id], results.history(run_id), places[run_id]))
            except FlowercoreError as error:
                st.caption(f":red[:material/error:] {plain(names[run_id])}: {plain(str(error))}")
        drawn = [one for one in drawn if not one.history.empty]
        if not drawn:
            st.caption("There is no epoch to show yet.")
            return
        named = listing(one.name for one in drawn)
        on_validation = [overlay.validated(one.history) for one in drawn]
        part = "Validation" if any(on_validation) else "Training"
        left, right = st.columns(2, gap="medium")
        sides: tuple[tuple[DeltaGenerator, Literal["accuracy", "loss"]], ...] = (
            (left, "accuracy"),
            (right, "loss"),
        )
        for column, metric in sides:
            with column:
                st.markdown(f"**{part} {metric}**")
                st.plotly_chart(
                    overlay.overlaid_curves(drawn, metric),
                    key=f"overlaid_{metric}",
                    config={"displayModeBar": False},
                    alt=f"{part} {metric} over the epochs for {named}",
                )
        if any(on_validation) and not all(on_validation):
            st.caption(
                "Dotted: on the photos that it learned from, because none were set aside for "
                "validation. Such a curve flatters."
            )
