"""The photos of an archive, wherever they lie in it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from flowercore.data.archive import unpack_photos
from flowercore.errors import ArchiveError


@pytest.fixture
def photo(paint: Callable[..., Path], tmp_path: Path) -> bytes:
    return paint(tmp_path / "x.jpg").read_bytes()


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


def pack(folder: Path, **files: bytes) -> Path:
    path = folder / "my.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return path


def test_they_are_found_at_any_depth_and_keep_their_names(
    photo: bytes, into: Path, tmp_path: Path
) -> None:
    names = ["top.jpg", "a/b/c/deep.jpg", 'a/"><img src=x onerror=alert(1)>.jpg', "a/" + "n" * 300]
    files = dict.fromkeys(names, photo) | {
        "read me.txt": b"words",
        "__MACOSX/._top.jpg": photo,
        "empty.jpg": b"",
    }
    found = unpack_photos(pack(tmp_path, **files), into, 10)
    assert [name for name, _ in found.photos] == names
    assert all(file.read_bytes() == photo and file.parent == into for _, file in found.photos)
    assert [one.name for one in found.skipped] == ["read me.txt", "empty.jpg"]
    assert found.left == 0


def test_after_enough_photos_the_others_are_counted(
    photo: bytes, into: Path, tmp_path: Path
) -> None:
    files = {f"{number}.jpg": photo for number in range(7)}
    found = unpack_photos(pack(tmp_path, **files), into, 5)
    assert len(found.photos) == len(list(into.iterdir())) == 5
    assert found.left == 2


def test_what_leads_out_is_refused(photo: bytes, into: Path, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="names that stay inside it"):
        unpack_photos(pack(tmp_path, **{"../../out.jpg": photo}), into, 5)
    assert not (tmp_path.parent / "out.jpg").exists()
