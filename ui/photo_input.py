"""Where photos come from on Predict: files, the camera, or a zip."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.typing import UploadedFile

from flowercore.data.archive import unpack_photos
from flowercore.data.loose_photos import LoosePhotos
from flowercore.data.names import safe_name
from flowercore.data.photo import read_photo_bytes
from flowercore.errors import FlowercoreError
from flowercore.files import home_folder, require_free_space, storage_errors
from flowercore.prediction.batch import MOST, Photo
from flowercore.settings import settings
from ui import answers, batch_view
from ui.answers import FEW
from ui.guard import show_error
from ui.one_photo import megabytes
from ui.uploads import drop, fresh_key, renew

_FILES, _CAMERA, _ZIP = "Files", "Camera", "Zip"
_CHUNK = 1 << 20
# No file is called that: a name made safe does not begin with a dot.
_PHOTOS = ".photos"
# A click while photos are being judged starts the page anew: what was taken in is kept till then.
_TAKEN, _UNPACKED = "photos_taken", "photos_unpacked"
_REFUSED = "photos_refused"


@dataclass(frozen=True, eq=False)
class _Unpacked:
    """An archive's photos on the disk; they go when they are answered, or with the visit."""

    place: tempfile.TemporaryDirectory[str]
    photos: LoosePhotos


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
    _forget_others(way, given)
    st.caption(
        ":material/lock: Your photo stays on this machine, and nothing is stored unless you ask. "
        "Its file is dropped as soon as it is answered; the small picture below goes when you "
        "clear it or close the dashboard."
    )
    refused: FlowercoreError | None = st.session_state.pop(_REFUSED, None)
    if refused is not None:
        show_error(refused)
    if not given and _UNPACKED not in st.session_state:
        return
    st.session_state[_TAKEN] = list(given)
    try:
        if way == _ZIP:
            _ask_zip(run_id, label, given)
        else:
            _ask(run_id, label, [(one.name, one.getvalue) for one in given])
    except FlowercoreError as error:
        # Told in the next run, beside a fresh uploader: nobody would look into the present one.
        st.session_state[_REFUSED] = error
    _end(way, given)
    st.rerun()


def _end(way: str, given: Sequence[UploadedFile]) -> None:
    drop(given)
    renew(way)
    st.session_state.pop(_TAKEN, None)
    _remove_unpacked()


def _forget_others(way: str, given: Sequence[UploadedFile]) -> None:
    """Drop what was being judged when the visitor turned to another way."""
    here = {one.file_id for one in given}
    taken: list[UploadedFile] = st.session_state.pop(_TAKEN, [])
    drop([one for one in taken if one.file_id not in here])
    if way != _ZIP:
        _remove_unpacked()


def _remove_unpacked() -> None:
    unpacked: _Unpacked | None = st.session_state.pop(_UNPACKED, None)
    if unpacked is not None:
        unpacked.place.cleanup()


def _files() -> Sequence[UploadedFile]:
    return st.file_uploader(
        "Photos (JPEG, PNG, WebP or HEIC)",
        accept_multiple_files=True,
        max_upload_size=megabytes(settings().limits.photo_bytes),
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
        max_upload_size=megabytes(settings().limits.archive_bytes),
        key=fresh_key(_ZIP),
    )
    return [packed] if packed is not None else []


def _ask(run_id: str, label: str, photos: Sequence[Photo]) -> None:
    if len(photos) > FEW:
        batch_view.ask_many(run_id, label, photos)
        return
    answers.ask(run_id, label, photos)


def _ask_zip(run_id: str, label: str, given: Sequence[UploadedFile]) -> None:
    """Judge the photos of an archive, which lie on the disk meanwhile, and not in memory."""
    if given:
        _remove_unpacked()
        with st.spinner("Unpacking …"):
            st.session_state[_UNPACKED] = _unpack(given[0])
            renew(_ZIP)
            drop(given)
    unpacked: _Unpacked = st.session_state[_UNPACKED]
    found = unpacked.photos
    batch_view.ask_many(
        run_id,
        label,
        [(name, _Reader(path)) for name, path in found.photos],
        found.skipped,
        found.left,
    )


def _unpack(packed: UploadedFile) -> _Unpacked:
    require_free_space(packed.size)
    with storage_errors():
        place = tempfile.TemporaryDirectory(dir=home_folder("uploads"), prefix="asked-")
        folder = Path(place.name)
        file, photos = folder / safe_name(packed.name), folder / _PHOTOS
        try:
            photos.mkdir()
            with file.open("wb") as out:
                packed.seek(0)
                while chunk := packed.read(_CHUNK):
                    out.write(chunk)
            return _Unpacked(place, unpack_photos(file, photos, MOST))
        except BaseException:
            place.cleanup()
            raise


class _Reader:
    """Reads a photo when its turn comes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self) -> bytes:
        return read_photo_bytes(self._path)
