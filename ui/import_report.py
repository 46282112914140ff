"""What an import or a download brought in, and what was left out and why."""

from __future__ import annotations

from typing import Any

import streamlit as st

from flowercore.jobs.tasks import Task
from ui import choices
from ui.task_progress import newest, read_button, was_followed
from ui.view_choice import open_view
from ui.words import listing, many, plain

KINDS = ("import", "download")


def import_report(name: str) -> None:
    """Show what came in and what was left out, if this dataset was just brought in.

    Args:
        name: The dataset that is looked at.
    """
    for task in _finished():
        if task.result.get("name") == name:
            _show(task)


def came_in() -> None:
    """Let the pages follow to what has just come in; after a reload, say so and lead there."""
    for task in _finished():
        name = str(task.result.get("name"))
        if was_followed(task):
            choices.remember(choices.DATA, name)
            st.rerun()
        if name != st.query_params.get(choices.DATA):
            _show(task, elsewhere=True)


def _finished() -> list[Task]:
    found = (newest(kind) for kind in KINDS)
    return [task for task in found if task is not None and task.state == "finished"]


def _look(name: str) -> None:
    choices.remember(choices.DATA, name)
    open_view("photos", "explore")


def _show(task: Task, *, elsewhere: bool = False) -> None:
    result: dict[str, Any] = task.result
    classes: dict[str, int] = result["classes"]
    st.success(
        f"{many(sum(classes.values()), 'photo')} in "
        f"{many(len(classes), 'class', 'classes')}: {plain(listing(classes))}.",
        title=f"“{plain(result['name'])}” is in",
        icon=":material/check_circle:",
    )
    for note in result.get("notes", ()):
        st.caption(plain(note))
    count, skipped = int(result["left_out"]), result["skipped"]
    if count:
        with st.expander(f"{many(count, 'file')} left out", icon=":material/rule:"):
            st.dataframe(
                {
                    "File": [one["name"] for one in skipped],
                    "Why": [one["reason"] for one in skipped],
                },
                hide_index=True,
                alt="Files that were left out, and why",
            )
            if count > len(skipped):
                st.caption(f"The first {len(skipped):,} are listed.")
    with st.container(horizontal=True):
        if elsewhere:
            st.button("Look at them", key=f"look_{task.id}", on_click=_look, args=(result["name"],))
        read_button(task, "Got it")
