"""How far the trainings are that try the suspects."""

from __future__ import annotations

import streamlit as st

from flowercore.errors import NotFoundError
from flowercore.jobs import queue
from flowercore.runs import results, store
from flowercore.runs.store import Run
from ui.guard import in_words
from ui.progress_words import sentence, share, waiting
from ui.words import plain

_SECONDS = 1.0


def follow(run_ids: tuple[str, ...], active: tuple[str, ...]) -> None:
    """Show how far runs are until one of them ends; then the whole page is drawn anew.

    Args:
        run_ids: All runs of the trial.
        active: Those of them that wait or work.
    """
    st.fragment(_follow, run_every=_SECONDS)(run_ids, active)


def _follow(run_ids: tuple[str, ...], were_active: tuple[str, ...]) -> None:
    with in_words():
        runs = [one for id in run_ids if (one := _still_there(id)) is not None]
        active = tuple(one.id for one in runs if one.active)
        if active != were_active:
            st.rerun()
        with st.container(border=True):
            st.markdown(
                "**Trying the suspects** :gray[in the background: leave or reload the page as you "
                "like]"
            )
            for run in runs:
                if run.active:
                    _bar(run)
            if any(store.cancel_requested(one) for one in active):
                st.caption("Stopping …")
            else:
                st.button(
                    "Stop all",
                    key="stop_suspects",
                    icon=":material/stop:",
                    on_click=_stop,
                    args=(active[0],),
                )


def _bar(run: Run) -> None:
    name = plain(run.given_name)
    if run.status == "waiting":
        st.progress(0.0, text=f"{name}: {waiting(queue.ahead(run.id)).lower()}")
        return
    progress = results.progress(run.id)
    st.progress(share(progress), text=f"{name}: {plain(sentence(progress))}")


def _still_there(run_id: str) -> Run | None:
    try:
        return store.get(run_id)
    except NotFoundError:  # deleted meanwhile
        return None


def _stop(run_id: str) -> None:
    with in_words():
        queue.cancel_experiment(run_id)
