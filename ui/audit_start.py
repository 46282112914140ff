"""The check of a dataset: offered where its findings are missing, followed while it runs."""

from __future__ import annotations

import streamlit as st

from flowercore.data.dataset import Dataset
from flowercore.jobs import queue, tasks
from flowercore.jobs.tasks import Task
from ui.guard import in_words
from ui.visitor import visitor
from ui.words import percent, plain

_KIND = "audit"
_SECONDS = 1.0


def offer(
    data: Dataset,
    what: str = "",
    *,
    label: str = "Check these photos",
    key: str = "audit_start",
) -> None:
    """Offer to check a dataset; while that goes on, show how far it is.

    Args:
        data: The dataset.
        what: What the check is needed for, as a sentence.
        label: Words on the button.
        key: Of the button; a page that offers it twice tells them apart.
    """
    task = _newest(data)
    if task is not None and task.active:
        follow(data)
        return
    with st.container(border=True):
        if what:
            st.markdown(what)
        if task is not None and task.state == "failed":
            st.error(
                plain(task.reason or "The worker ended without a word."),
                title="The check did not work out",
                icon=":material/error:",
            )
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                label,
                type="primary",
                icon=":material/troubleshoot:",
                key=key,
                on_click=_start,
                args=(data.name,),
            )
            st.caption("Takes seconds for hundreds of photos, a minute or two for thousands.")


def running(data: Dataset) -> bool:
    """Tell whether this visitor's check of a dataset is waiting or at work."""
    task = _newest(data)
    return task is not None and task.active


def follow(data: Dataset) -> None:
    """Show how far this visitor's check of a dataset is, if it is active."""
    task = _newest(data)
    if task is not None and task.active:
        st.fragment(_follow, run_every=_SECONDS)(task.id)


def _newest(data: Dataset) -> Task | None:
    task = tasks.newest(visitor(), _KIND)
    return task if task is not None and task.arguments.get("data") == data.name else None


def _follow(task_id: str) -> None:
    with in_words():
        task = tasks.look(task_id)
        if not task.active:
            # Once: what the check found is shown by the page's other parts.
            st.rerun()
        with st.container(border=True):
            st.markdown("**Checking the photos** :gray[you may look around meanwhile]")
            if task.state == "waiting":
                st.progress(0.0, text="Waiting for its turn …")
            else:
                st.progress(task.share, text=_words(task))
            if tasks.cancel_requested(task.id):
                st.caption("Stopping …")
            else:
                st.button(
                    "Stop",
                    icon=":material/stop:",
                    key="audit_stop",
                    on_click=_stop,
                    args=(task.id,),
                )


def _words(task: Task) -> str:
    step = plain(task.step or "Getting ready")
    if task.total > 1:
        return f"{step}: {task.done:,} of {task.total:,} ({percent(task.share, 0)})"
    return f"{step} …"


def _start(name: str) -> None:
    with in_words():
        queue.submit_task(_KIND, {"data": name}, visitor())


def _stop(task_id: str) -> None:
    with in_words():
        queue.cancel_task(task_id)
