"""What no archive of any kind may do: refused whole, nothing left behind."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from flowercore.data.archive import unpack_class_folders
from flowercore.errors import ArchiveError
from tests.hostile.crafted_archives import (
    JPEG,
    noise,
    refused,
    tar_of,
    zip_entry,
    zip_of,
)

BAD_NAMES = [
    ("../evil.jpg", "upward path"),
    ("rose/../../evil.jpg", "upward path"),
    ("rose/..", "upward path"),
    ("/etc/evil.jpg", "absolute path"),
    ("//host/share/evil.jpg", "absolute path"),
    ("C:/evil.jpg", "absolute path"),
    ("c:evil.jpg", "absolute path"),
    ("rose\\evil.jpg", "forbidden character"),
    ("..\\evil.jpg", "forbidden character"),
]


@pytest.mark.parametrize(("name", "words"), BAD_NAMES)
def test_names_that_lead_out_are_refused(name: str, words: str, tmp_path: Path) -> None:
    zipped = zip_of(tmp_path / "a.zip", [(zip_entry(name), JPEG)])
    tar = tar_of(tmp_path / "a.tgz", [tarfile.TarInfo(name)], JPEG)

    for path in (zipped, tar):
        message = refused(path, tmp_path / "out")
        assert "names that stay inside it" in message
        assert words in message


def test_a_nul_in_a_name_is_refused(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", [("rose/evilX.jpg", JPEG)])
    path.write_bytes(path.read_bytes().replace(b"evilX", b"evil\x00"))
    assert "forbidden character" in refused(path, tmp_path / "out")

    pax = tarfile.TarInfo("short.jpg")
    pax.pax_headers = {"path": "rose/evil\x00.jpg"}
    assert "forbidden character" in refused(
        tar_of(tmp_path / "a.tgz", [pax], JPEG), tmp_path / "out"
    )


def test_a_bomb_is_refused_by_its_ratio(tmp_path: Path) -> None:
    bomb = JPEG + bytes(20_000_000)
    zipped = zip_of(tmp_path / "a.zip", [("rose/b.jpg", bomb)])
    assert zipped.stat().st_size < 50_000
    assert "at most 200 times its size" in refused(zipped, tmp_path / "out")

    tar = tar_of(tmp_path / "a.tgz", [tarfile.TarInfo("rose/b.jpg")], bomb)
    assert "at most 200 times its size" in refused(tar, tmp_path / "out")


def test_the_unpacked_size_is_counted_as_it_comes(
    limits: Callable[..., None], tmp_path: Path
) -> None:
    photos = [noise(seed=n) for n in range(10)]
    zipped = zip_of(tmp_path / "a.zip", [(f"rose/{n}.jpg", p) for n, p in enumerate(photos)])
    with tarfile.open(tmp_path / "a.tgz", "w:gz") as tar:
        for number, data in enumerate(photos):
            member = tarfile.TarInfo(f"rose/{number}.jpg")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    limits(archive_unpacked_bytes=sum(map(len, photos)) // 2)

    for path in (zipped, tmp_path / "a.tgz"):
        assert "unpack to at most" in refused(path, tmp_path / "out")


def test_the_packed_size_is_limited(limits: Callable[..., None], tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", [])
    limits(archive_bytes=100)

    assert "be at most 0.0001 MB" in refused(path, tmp_path / "out")


def test_the_number_of_entries_is_limited(limits: Callable[..., None], tmp_path: Path) -> None:
    limits(archive_entries=5)
    zipped = zip_of(tmp_path / "a.zip", [(f"empty{n}/", b"") for n in range(5)])
    folders = []
    for number in range(5):
        folders.append(tarfile.TarInfo(f"empty{number}"))
        folders[-1].type = tarfile.DIRTYPE
    tar = tar_of(tmp_path / "a.tgz", folders)

    for path in (zipped, tar):
        assert "at most 5 files and folders" in refused(path, tmp_path / "out")


@pytest.mark.parametrize("kind", ["zip", "tar", "tgz"])
def test_wherever_an_archive_is_cut_it_is_refused(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{kind}"
    if kind == "zip":
        zip_of(path, [("rose/b.jpg", JPEG)])
    else:
        tar_of(path, [tarfile.TarInfo("rose/b.jpg")], JPEG)
        if kind == "tar":
            path.write_bytes(gzip.decompress(path.read_bytes()).rstrip(b"\x00") + bytes(1024))
    data = path.read_bytes()
    end = len(data) - 1024 if kind == "tar" else len(data) - 1
    for length in [*range(520, end, 331), end]:
        path.write_bytes(data[:length])

        assert "whole and readable" in refused(path, tmp_path / "out")


@pytest.mark.parametrize("kind", ["zip", "tar", "tgz"])
def test_flipped_bytes_end_in_photos_or_a_sentence(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    zip_of(path, [("rose/b.jpg", JPEG)]) if kind == "zip" else tar_of(
        path, [tarfile.TarInfo("rose/b.jpg")], JPEG
    )
    if kind == "tar":
        path.write_bytes(gzip.decompress(path.read_bytes()))
    good = path.read_bytes()
    if kind == "zip":
        headers = list(range(good.index(b"PK\x01\x02"), len(good)))
    elif kind == "tar":
        headers = [n for n in range(len(good)) if n % 3072 < 512]
    else:
        headers = list(range(len(good)))
    rng = np.random.default_rng(3)
    refusals: list[str] = []
    left = 0
    for number in range(300):
        data = bytearray(good)
        for position in rng.choice(headers, rng.integers(1, 5)):
            data[position] = rng.integers(0, 256)
        path.write_bytes(data)
        into = tmp_path / f"out{number}"
        try:
            unpack_class_folders(path, into)
        except ArchiveError as error:
            refusals.append(str(error))
            left += into.exists()
    assert len(refusals) > 20
    assert all(words.startswith("An archive must ") for words in refusals)
    assert left == 0


def test_one_photo_over_its_limit_is_left_out_unread(
    limits: Callable[..., None], tmp_path: Path
) -> None:
    limits(photo_bytes=len(JPEG))
    larger = JPEG + np.random.default_rng(0).bytes(5000)
    zipped = zip_of(tmp_path / "a.zip", [("rose/large.jpg", larger)])
    tar = tar_of(tmp_path / "a.tgz", [tarfile.TarInfo("rose/large.jpg")], larger)

    for number, path in enumerate((zipped, tar)):
        skipped = unpack_class_folders(path, tmp_path / f"out{number}")
        assert [one.name for one in skipped] == ["rose/large.jpg"]
        assert "A photo must be at most" in skipped[0].reason
        assert [f.name for f in (tmp_path / f"out{number}").rglob("*.jpg")] == ["good.jpg"]
