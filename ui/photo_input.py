"""Where photos come from on Predict: files, the camera, or a zip."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from streamlit.typing import UploadedFile

from flowercore.data.archive import unpack_photos
from flowercore.data.names import safe_name
from flowercore.data.photo import read_photo_bytes
from flowercore.errors import FlowercoreError
from flowercore.files import home_folder, require_free_space, storage_errors
from flowercore.prediction.batch import MOST, Photo
from flowercore.settings import settings
from ui import answers, batch_view
from ui.answers import FEW
from ui.guard import show_error
from ui.uploads import drop, fresh_key, renew

_FILES, _CAMERA, _ZIP = "Files", "Camera", "Zip"
_CHUNK = 1 << 20
# No file is called that: a name made safe does not begin with a dot.
_PHOTOS = ".photos"


def photos_in(run_id: str, label: str) -> None:
    """Take photos from the visitor and let a run judge them.

    Args:
        run_id: The run.
        label: How it is called.
    """
    way = st.radio(
        "Photos from",
        [_FILES, _CAMERA, _ZIP],
        horizontal=True,
        key="photos_from",
        label_visibility="collapsed",
    )
    given = _camera() if way == _CAMERA else _archive() if way == _ZIP else _files()
    st.caption(
        ":material/lock: Your photo stays on this machine, and nothing is stored unless you ask. "
        "Its file is dropped as soon as it is answered; the small picture below goes when you "
        "clear it or leave."
    )
    if not given:
        return
    try:
        if way == _ZIP:
            _ask_zip(run_id, label, given[0])
        else:
            _ask(run_id, label, [(one.name, one.getvalue) for one in given])
    except FlowercoreError as error:
        drop(given)
        renew(way)
        show_error(error)
        return
    drop(given)
    renew(way)
    st.rerun()


def _files() -> Sequence[UploadedFile]:
    return st.file_uploader(
        "Photos (JPEG, PNG, WebP or HEIC)",
        accept_multiple_files=True,
        max_upload_size=_megabytes(settings().limits.photo_bytes),
        key=fresh_key(_FILES),
    )


def _camera() -> Sequence[UploadedFile]:
    taken = st.camera_input("Take a picture", key=fresh_key(_CAMERA))
    st.caption(
        "The camera needs a page that comes by HTTPS or from this very machine. On a phone over "
        "plain HTTP choose *Files*: its picker opens the camera."
    )
    return [taken] if taken is not None else []


def _archive() -> Sequence[UploadedFile]:
    packed = st.file_uploader(
        f"A zip or tgz with up to {MOST:,} photos, anywhere in it",
        type=["zip", "tgz", "gz", "tar"],
        max_upload_size=_megabytes(settings().limits.archive_bytes),
        key=fresh_key(_ZIP),
    )
    return [packed] if packed is not None else []


def _ask(run_id: str, label: str, photos: Sequence[Photo]) -> None:
    if len(photos) > FEW:
        batch_view.ask_many(run_id, label, photos)
        return
    answers.ask(run_id, label, photos)


def _ask_zip(run_id: str, label: str, packed: UploadedFile) -> None:
    """Judge the photos of an archive, which lie on the disk meanwhile, and not in memory."""
    require_free_space(packed.size)
    with (
        storage_errors(),
        tempfile.TemporaryDirectory(dir=home_folder("uploads"), prefix="asked-") as place,
    ):
        folder = Path(place)
        file, photos = folder / safe_name(packed.name), folder / _PHOTOS
        photos.mkdir()
        with file.open("wb") as out:
            packed.seek(0)
            while chunk := packed.read(_CHUNK):
                out.write(chunk)
        drop([packed])
        with st.spinner("Unpacking …"):
            found = unpack_photos(file, photos, MOST)
        batch_view.ask_many(
            run_id,
            label,
            [(name, _Reader(path)) for name, path in found.photos],
            found.skipped,
            found.left,
        )


class _Reader:
    """Reads a photo when its turn comes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self) -> bytes:
        return read_photo_bytes(self._path)


def _megabytes(count: int) -> int:
    return math.ceil(count / (1 << 20))
