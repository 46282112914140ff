"""The check of a dataset: offered where its findings are missing, followed while it runs."""

from __future__ import annotations

import streamlit as st

from flowercore.data.dataset import Dataset
from flowercore.jobs.tasks import Task
from ui import task_progress

_KIND = "audit"
_TITLE = "**Checking the photos**"


def offer(
    data: Dataset,
    what: str = "",
    *,
    label: str = "Check these photos",
    second: bool = False,
) -> None:
    """Offer to check a dataset; while that goes on, show how far it is.

    Args:
        data: The dataset.
        what: What the check is needed for, as a sentence.
        label: Words on the button.
        second: Whether the page offers it elsewhere already.
    """
    task = _newest(data)
    if task is not None and task.active:
        task_progress.follow(task, _TITLE)
        return
    if task is not None and task.state != "finished" and not second:
        task_progress.failure(task, "The check did not work out")
    with st.container(border=True):
        if what:
            st.markdown(what)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                label,
                type="primary",
                icon=":material/troubleshoot:",
                key="audit_start_second" if second else "audit_start",
                on_click=task_progress.start,
                args=(_KIND, {"data": data.name}),
            )
            st.caption("Takes seconds for hundreds of photos, minutes for thousands.")


def running(data: Dataset) -> bool:
    """Tell whether this visitor's check of a dataset is waiting or at work."""
    task = _newest(data)
    return task is not None and task.active


def follow(data: Dataset) -> None:
    """Show how far this visitor's check of a dataset is, if it is active."""
    task = _newest(data)
    if task is not None and task.active:
        task_progress.follow(task, _TITLE)


def _newest(data: Dataset) -> Task | None:
    task = task_progress.newest(_KIND)
    return task if task is not None and task.arguments.get("data") == data.name else None
