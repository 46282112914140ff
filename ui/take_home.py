"""Taking a run home: its model as files, made by a worker and packed for one click."""

from __future__ import annotations

import streamlit as st

from flowercore.files import storage_errors
from flowercore.jobs import exporting, queue
from flowercore.runs.store import Run
from ui.guard import in_words
from ui.words import plain, size

_SECONDS = 1.0
_BUSY = ("waiting", "running")
_WHAT = "The model, its labels, a card, and Python that uses it"


def take_home(run: Run) -> None:
    """Offer the model of a run that has ended; while it is packed, that is looked at anew.

    Args:
        run: A run that has a model.
    """
    busy = queue.exporting(run.id).state in _BUSY
    st.fragment(_take_home, run_every=_SECONDS if busy else None)(run.id, busy)


def _take_home(run_id: str, was_busy: bool) -> None:
    with in_words():
        packing = queue.exporting(run_id)
        if (packing.state in _BUSY) != was_busy:
            st.rerun()  # the clock starts or stops
        if packing.state == "failed":
            st.error(
                plain(packing.reason or "The worker ended without a word."),
                title="It could not be packed",
                icon=":material/error:",
            )
        with st.container(horizontal=True, vertical_alignment="center"):
            if packing.state == "ready":
                _download(run_id)
                st.caption(_WHAT, width="content")
            elif packing.state in _BUSY:
                st.button("Packing …", key=f"pack_{run_id}", icon="spinner", disabled=True)
                waits = packing.state == "waiting"
                st.caption(
                    "Begins when a worker is free" if waits else "Tried on the test photos first",
                    width="content",
                )
            else:
                _offer(run_id)
                st.caption(_WHAT, width="content")


def _offer(run_id: str) -> None:
    if st.button("Take it home", key=f"pack_{run_id}", icon=":material/luggage:"):
        queue.export(run_id)
        st.rerun()


def _download(run_id: str) -> None:
    path = exporting.archive(run_id)
    with storage_errors():
        bytes = path.stat().st_size
    st.download_button(
        f"Download ({size(bytes)})",
        # Read when it is asked for: no page holds a model in memory.
        data=path.read_bytes,
        file_name=f"flower-lab-{run_id}.zip",
        mime="application/zip",
        key=f"download_{run_id}",
        icon=":material/download:",
        on_click="ignore",
    )
