"""A dataset as a zip: packed by a worker, then one click away."""

from __future__ import annotations

import streamlit as st

from flowercore.data.catalog import Entry
from flowercore.errors import NotFoundError
from flowercore.jobs import packing, tasks
from flowercore.jobs.tasks import Task
from ui.http import PACKED
from ui.task_progress import failure, follow, start
from ui.visitor import LOCAL, visitor
from ui.words import plain, size

_KIND = "pack"


def pack_dataset(entry: Entry) -> None:
    """Offer a dataset as a zip.

    Args:
        entry: The dataset.
    """
    version = f"{entry.changed}-{entry.edited}"
    task = tasks.newest(visitor(), _KIND)
    if task is not None and task.active:
        follow(task, f"**Packing “{plain(str(task.arguments.get('data')))}”**")
        return
    current = task is not None and task.arguments.get("version") == version
    if task is not None and current and task.state == "finished" and _download(task):
        return
    if task is not None and current and task.state != "finished" and not task.seen:
        failure(task, "It could not be packed")
    st.button(
        "Download as zip",
        key="pack_dataset",
        icon=":material/folder_zip:",
        on_click=start,
        args=(_KIND, {"data": entry.name, "version": version}),
    )


def _download(task: Task) -> bool:
    try:
        path = packing.archive(str(task.result["token"]))
    except NotFoundError:  # packed hours ago
        return False
    words = f"Download {plain(path.name)} ({size(int(task.result['bytes']))})"
    if visitor() != LOCAL:
        # Streamed from disk by the server around the dashboard.
        st.link_button(words, f"/{PACKED}/{task.result['token']}", icon=":material/download:")
    else:
        st.download_button(
            words,
            # Read when it is asked for: until then no page holds it in memory.
            data=path.read_bytes,
            file_name=path.name,
            mime="application/zip",
            icon=":material/download:",
            on_click="ignore",
        )
    return True
