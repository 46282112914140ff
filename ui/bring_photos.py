"""Bringing a zip of class folders in."""

from __future__ import annotations

import math
import re
import shutil
import tempfile
from pathlib import Path, PurePath

import streamlit as st
from streamlit.typing import UploadedFile

from flowercore.data import catalog
from flowercore.data.catalog import ImportReport
from flowercore.data.dataset import Progress
from flowercore.data.names import safe_name
from flowercore.errors import FlowercoreError
from flowercore.files import home_folder, require_free_space, storage_errors
from flowercore.settings import settings
from ui import choices
from ui.guard import show_error
from ui.uploads import drop, fresh_key, renew
from ui.words import listing, many, plain

_REPORT = "import_report"
_UPLOADER = "import_archive"
_BUSY = "Unpacking and checking every photo. Stay on this page until it is done …"


def bring_photos() -> None:
    """Offer an upload and take it in."""
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
    if archive is not None:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input(
                "Name for these photos", value=_suggested(archive.name), key="import_name"
            )
            go = st.button("Bring in", type="primary", icon=":material/download_done:")
        if go:
            _take_in(archive, name)


def import_report(name: str) -> None:
    """Show what came in and what was left out, if this dataset was just brought in.

    Args:
        name: The dataset that is looked at.
    """
    report: ImportReport | None = st.session_state.get(_REPORT)
    if report is not None and report.dataset.name == name:
        _show(report)


def _take_in(archive: UploadedFile, name: str) -> None:
    bar = st.progress(0.0, text=_BUSY)

    def progress(done: int, total: int) -> None:
        bar.progress(done / total, text=_BUSY)

    try:
        report = _import(archive, name, progress)
    except FlowercoreError as error:
        bar.empty()
        show_error(error)
        return
    drop([archive])
    renew(_UPLOADER)
    st.session_state[_REPORT] = report
    choices.remember(choices.DATA, report.dataset.name)
    st.rerun()


def _import(archive: UploadedFile, name: str, progress: Progress) -> ImportReport:
    require_free_space(archive.size)
    with storage_errors():
        folder = tempfile.mkdtemp(dir=home_folder("uploads"))
    try:
        # The catalog writes down what the photos were imported from: keep the file's own name.
        file = Path(folder) / safe_name(PurePath(archive.name).name)
        with storage_errors(), file.open("wb") as out:
            shutil.copyfileobj(archive, out, 1 << 20)
        return catalog.import_source(file, name, progress=progress)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _show(report: ImportReport) -> None:
    data, skipped = report.dataset, report.skipped
    st.success(
        f"{many(len(data.photos), 'photo')} in {many(len(data.classes), 'class', 'classes')}: "
        f"{plain(listing(data.classes))}.",
        title=f"“{plain(data.name)}” is in",
        icon=":material/check_circle:",
    )
    if skipped:
        with st.expander(f"{many(len(skipped), 'file')} left out", icon=":material/rule:"):
            st.dataframe(
                {
                    "File": [one.name for one in skipped],
                    "Why": [one.reason for one in skipped],
                },
                hide_index=True,
                alt="Files that were left out, and why",
            )


def _suggested(file: str) -> str:
    stem = re.sub(r"(\.(zip|tgz|gz|tar))+$", "", PurePath(file).name, flags=re.IGNORECASE)
    return re.sub(r"[^\w .-]", " ", stem).strip(" ._-")[:60]
