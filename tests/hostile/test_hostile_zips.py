"""Zips made to break out or to fill the disk: refused whole, nothing left behind."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from flowercore.data.archive import unpack_class_folders
from tests.hostile.crafted_archives import (
    JPEG,
    peak_memory,
    refused,
    zip_entry,
    zip_of,
)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (stat.S_IFLNK, "a link"),
        (stat.S_IFCHR, "a device"),
        (stat.S_IFBLK, "a device"),
        (stat.S_IFIFO, "a device or other special file"),
        (stat.S_IFSOCK, "a device or other special file"),
    ],
)
def test_links_and_devices_in_a_zip_are_refused(kind: int, words: str, tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", [(zip_entry("rose/l.jpg", kind | 0o777), b"/etc/passwd")])

    assert f"plain files and folders only. Received: 'a.zip', {words}" in refused(
        path, tmp_path / "out"
    )


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", [("rose/b.jpg", JPEG)])
    data = bytearray(path.read_bytes())
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.rindex(signature) + at] |= 1
    path.write_bytes(data)

    assert "without a password" in refused(path, tmp_path / "out")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_packing_is_refused(method: int, tmp_path: Path) -> None:
    """LZMA lets a file ask for 4 GB of memory."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w", method) as zipped:
        zipped.writestr("rose/a.jpg", JPEG)

    assert "usual method" in refused(tmp_path / "a.zip", tmp_path / "out")


def test_a_zip_that_lies_about_its_sizes_gains_nothing(tmp_path: Path) -> None:
    """The header says 1,000 bytes; 20 MB would come out."""
    bomb = JPEG + bytes(20_000_000)
    path = zip_of(tmp_path / "a.zip", [("rose/b.jpg", bomb)])
    path.write_bytes(
        path.read_bytes().replace(struct.pack("<I", len(bomb)), struct.pack("<I", 1000))
    )

    skipped = unpack_class_folders(path, tmp_path / "out")

    assert [one.reason for one in skipped] == ["It is damaged inside the archive."]
    assert sum(f.stat().st_size for f in (tmp_path / "out").rglob("*.jpg")) == len(JPEG)


def zip_with_directory(path: Path, records: bytes) -> Path:
    start = zip_of(path, []).read_bytes()[:1000]
    # The count at the end says 1, whatever there is.
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(records), len(start), 0)
    path.write_bytes(start + records + end)
    return path


def test_a_directory_of_too_many_entries_is_not_built(tmp_path: Path) -> None:
    """46 bytes an entry in the file are 500 and more in memory."""
    records = (b"PK\x01\x02" + bytes(42)) * 200_000
    path = zip_with_directory(tmp_path / "a.zip", records)

    message, peak = peak_memory(path, tmp_path / "out")

    assert "at most 50,000 files and folders" in message
    assert peak < 3 * len(records)


def test_a_directory_of_endless_names_is_not_read(tmp_path: Path) -> None:
    record = b"PK\x01\x02" + bytes(24) + struct.pack("<H", 60_000) + bytes(16) + b"n" * 60_000
    path = zip_with_directory(tmp_path / "a.zip", record * 400)

    message, peak = peak_memory(path, tmp_path / "out")

    assert "at most 50,000 files and folders" in message
    assert peak < len(record) * 400


def test_a_bomb_that_is_no_photo_is_refused_too(tmp_path: Path) -> None:
    """It would be left out after its first bytes, but whoever packed it meant harm."""
    path = zip_of(tmp_path / "a.zip", [("rose/zeros.bin", bytes(20_000_000))])

    assert "'rose/zeros.bin' with 20.0 MB" in refused(path, tmp_path / "out")


def overlapping_zip(path: Path, count: int) -> Path:
    """Many names for one file's bytes, in the way of David Fifield's zip bomb: full overlap."""
    name = b"rose/000.jpg"
    zip_of(path, [(name.decode(), JPEG)])
    data = path.read_bytes()
    directory = data.index(b"PK\x01\x02")
    last = data.rindex(b"PK\x01\x02")
    record = data[last : data.index(b"PK\x05\x06")]
    records = [record.replace(name, b"rose/%03d.jpg" % n) for n in range(count)]
    end = struct.pack(
        "<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(record) * count, directory, 0
    )
    path.write_bytes(data[:directory] + b"".join(records) + end)
    return path


def test_files_that_share_bytes_are_refused(tmp_path: Path) -> None:
    path = overlapping_zip(tmp_path / "a.zip", 100)

    assert "hold each file's bytes once" in refused(path, tmp_path / "out")


def test_a_file_inside_another_is_refused(tmp_path: Path) -> None:
    """Quoted overlap: the first file's stored bytes hold the second file with its header."""
    inner_header = struct.pack(
        "<4s5H3I2H", b"PK\x03\x04", 20, 0, 0, 0, 0, zlib.crc32(JPEG), len(JPEG), len(JPEG), 10, 0
    )
    outer = JPEG + inner_header + b"rose/b.jpg" + JPEG
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as zipped:
        zipped.writestr("rose/a.jpg", outer)
        entry = zipfile.ZipInfo("rose/b.jpg")
        entry.CRC, entry.file_size, entry.compress_size = zlib.crc32(JPEG), len(JPEG), len(JPEG)
        entry.header_offset = 30 + len("rose/a.jpg") + len(JPEG)
        zipped.filelist.append(entry)
        zipped.NameToInfo[entry.filename] = entry
    with zipfile.ZipFile(path) as zipped:
        assert zipped.namelist() == ["rose/a.jpg", "rose/b.jpg"]

    assert "files that overlap" in refused(path, tmp_path / "out")
