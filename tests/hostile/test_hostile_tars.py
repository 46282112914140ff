"""Tars made to break out or to fill the memory: refused whole, nothing left behind."""

from __future__ import annotations

import gzip
import struct
import tarfile
from pathlib import Path
from time import perf_counter

import pytest

from flowercore.data.archive import unpack_class_folders
from tests.hostile.crafted_archives import (
    JPEG,
    peak_memory,
    refused,
    tar_of,
)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (tarfile.SYMTYPE, "a link"),
        (tarfile.LNKTYPE, "a link"),
        (tarfile.CHRTYPE, "a device"),
        (tarfile.BLKTYPE, "a device"),
        (tarfile.FIFOTYPE, "a device or other special file"),
    ],
)
def test_links_and_devices_in_a_tar_are_refused(kind: bytes, words: str, tmp_path: Path) -> None:
    member = tarfile.TarInfo("rose/l.jpg")
    member.type = kind
    member.linkname = "/etc/passwd"

    assert words in refused(tar_of(tmp_path / "a.tgz", [member]), tmp_path / "out")


def raw_header(name: str, kind: bytes, size: int, payload: bytes = b"") -> bytes:
    member = tarfile.TarInfo(name)
    member.type = kind
    member.size = size
    return member.tobuf(tarfile.GNU_FORMAT) + payload + bytes(-len(payload) % 512)


GOOD_MEMBER = raw_header("rose/a.jpg", tarfile.REGTYPE, len(JPEG), JPEG)


@pytest.mark.parametrize("kind", [b"x", b"g", b"X", b"L", b"K"])
def test_an_endless_extended_header_is_not_read(kind: bytes, tmp_path: Path) -> None:
    """tarfile reads such a header whole into memory; here it claims 1 GB."""
    path = tmp_path / "a.tar"
    path.write_bytes(raw_header("h", kind, 1_000_000_000, bytes(20_000_000)))

    message, peak = peak_memory(path, tmp_path / "out")

    assert "damaged or cut off" in message
    assert peak < 5_000_000


@pytest.mark.parametrize(
    "payload",
    [
        b"1" * 60_000,  # Python 3.11's tarfile takes seconds for these
        b"12 path=a.jpg",
        b"99999 path=rose/a.jpg\n",
        b"0 path=\n",
        b"-5 path=rose/a.jpg\n",
        b"\xff\xfe",
        b"19 size=9999999999\n",
        b"22 GNU.sparse.major=1\n",
    ],
)
def test_broken_pax_headers_are_refused(payload: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(raw_header("h", b"x", len(payload), payload) + GOOD_MEMBER + bytes(1024))

    begin = perf_counter()
    refused(path, tmp_path / "out")
    assert perf_counter() - begin < 30


def test_thousands_of_headers_for_one_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    payload = b"17 comment=hello\n"
    path.write_bytes(
        raw_header("h", b"g", len(payload), payload) * 5000 + GOOD_MEMBER + bytes(1024)
    )

    refused(path, tmp_path / "out")


def test_a_global_header_and_long_names_are_fine(tmp_path: Path) -> None:
    """What git and GNU tar write must not be refused by the above."""
    comment = b"17 comment=hello\n"
    long_name = f"{'deep/' * 40}rose/b.jpg"
    data = raw_header("pax_global_header", b"g", len(comment), comment) + GOOD_MEMBER
    long_header = raw_header(
        "././@LongLink", b"L", len(long_name) + 1, long_name.encode() + b"\x00"
    )
    (tmp_path / "a.tar").write_bytes(data + long_header + GOOD_MEMBER + bytes(1024))

    assert unpack_class_folders(tmp_path / "a.tar", tmp_path / "out") == []
    assert sorted(f.name for f in (tmp_path / "out" / "rose").iterdir()) == ["a.jpg", "b.jpg"]


def test_a_negative_size_does_not_turn_in_circles(tmp_path: Path) -> None:
    header = bytearray(raw_header("rose/a.jpg", tarfile.REGTYPE, 0))
    header[124:136] = b"\xff" * 11 + b"\x00"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\x00 " % sum(header[:512])
    (tmp_path / "a.tar").write_bytes(GOOD_MEMBER + bytes(header[:512]) + bytes(1024))

    refused(tmp_path / "a.tar", tmp_path / "out")


def test_a_sparse_file_is_refused(tmp_path: Path) -> None:
    """A few bytes that would unpack to a terabyte of zeros."""
    header = bytearray(raw_header("rose/a.jpg", b"S", 512, JPEG[:512]))
    struct.pack_into("12s12s", header, 386, b"00000000000\x00", b"00000001000\x00")
    struct.pack_into("12s", header, 483, b"77777777777\x00")
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\x00 " % sum(header[:512])
    (tmp_path / "a.tar").write_bytes(bytes(header) + bytes(1024))

    assert "special file" in refused(tmp_path / "a.tar", tmp_path / "out")


def test_a_gzip_name_without_end_is_not_read_byte_by_byte(tmp_path: Path) -> None:
    path = tmp_path / "a.tgz"
    path.write_bytes(b"\x1f\x8b\x08\x08" + bytes(6) + b"n" * 20_000_000)

    refused(path, tmp_path / "out")


def test_a_gzip_that_holds_no_tar_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(JPEG * 3))

    assert "damaged" in refused(path, tmp_path / "out")
