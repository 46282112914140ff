"""Bringing photos in by the page, with a real worker behind it."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from flowercore.jobs import tasks
from flowercore.jobs.tasks import Task
from tests.pages.reading import button

UPLOADER = "import_archive_0"
PATIENCE_SECONDS = 60


def zipped(folder: Path, extra: dict[str, bytes] | None = None) -> bytes:
    """Return a zip of a folder of class folders."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for file in sorted(folder.rglob("*.jpg")):
            archive.write(file, file.relative_to(folder).as_posix())
        for name, data in (extra or {}).items():
            archive.writestr(name, data)
    return out.getvalue()


def hand_over(app: AppTest, name: str, data: bytes) -> AppTest:
    """Upload an archive and press the button."""
    app.file_uploader(key=UPLOADER).upload(name, data).run()
    return button(app, "Bring in")


def ended(app: AppTest, kind: str, visitor: str = "local") -> Task:
    """Wait for the end of the visitor's newest task and let the page see it."""
    end = time.monotonic() + PATIENCE_SECONDS
    while (task := tasks.newest(visitor, kind)) is not None and task.active:
        if time.monotonic() > end:
            pytest.fail(f"the task is still {task}")
        time.sleep(0.05)
    assert task is not None
    app.run()
    assert not app.exception, app.exception[0].message
    return task
