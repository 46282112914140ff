"""Bringing a zip of class folders in."""

from __future__ import annotations

import math
import re
from pathlib import PurePath

import streamlit as st
from streamlit.typing import UploadedFile

from flowercore.data import catalog
from flowercore.errors import FlowercoreError
from flowercore.jobs import queue, uploads
from flowercore.settings import settings
from ui.guard import show_error
from ui.task_progress import going_on, newest
from ui.uploads import drop, fresh_key, renew
from ui.visitor import visitor
from ui.words import plain

_KIND = "import"
_UPLOADER = "import_archive"


def bring_archive() -> None:
    """Offer an upload; show how far the one is that a worker takes in."""
    task = newest(_KIND)
    name = plain(str(task.arguments.get("name"))) if task else ""
    if going_on(task, f"**Bringing in “{name}”**", "The archive did not come in"):
        return
    st.markdown(
        "Pack your photos into a **zip** with one folder for each class, for instance "
        "`rose/…` and `tulip/…`, and drop it here. The folders' names become the classes."
    )
    archive = st.file_uploader(
        "Archive of class folders (zip or tgz)",
        type=["zip", "tgz", "gz", "tar"],
        key=fresh_key(_UPLOADER),
        max_upload_size=math.ceil(settings().limits.archive_bytes / (1 << 20)),
    )
    if archive is None:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            "Name for these photos",
            value=catalog.free_name(_suggested(archive.name)),
            key=f"import_name_{archive.file_id}",
        )
        go = st.button("Bring in", type="primary", icon=":material/download_done:")
    if go:
        _hand_over(archive, name)


def _hand_over(archive: UploadedFile, name: str) -> None:
    try:
        # Said now, not after minutes of unpacking.
        name = catalog.check_new_name(name)
        with st.spinner("Saving what you uploaded …"):
            archive.seek(0)
            upload = uploads.keep(archive, archive.name, archive.size)
        arguments = {"upload": upload, "name": name, "owner": visitor()}
        try:
            queue.submit_task(_KIND, arguments, visitor())
        except BaseException:
            uploads.forget(arguments)
            raise
    except FlowercoreError as error:
        show_error(error)
        return
    drop([archive])
    renew(_UPLOADER)
    st.rerun()


def _suggested(file: str) -> str:
    stem = re.sub(r"(\.(zip|tgz|gz|tar))+$", "", PurePath(file).name, flags=re.IGNORECASE)
    return re.sub(r"[^\w .-]", " ", stem).strip(" ._-")[:50]
