"""Archives that are fine: which photos come out, and where."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from flowercore.data.archive import unpack_class_folders
from flowercore.errors import ArchiveError, CancelledError

Pack = Callable[[dict[str, bytes]], Path]


@pytest.fixture
def jpeg(paint: Callable[..., Path], tmp_path: Path) -> bytes:
    return paint(tmp_path / "one.jpg").read_bytes()


def pack_zip(path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as zipped:
        for name, data in files.items():
            zipped.writestr(name, data)
    return path


def pack_tar(path: Path, files: dict[str, bytes], mode: str = "w:gz", format: int = 1) -> Path:
    with tarfile.open(path, mode, format=format) as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return path


@pytest.fixture(params=["zip", "stored zip", "tgz", "tar", "pax tgz"])
def pack(request: pytest.FixtureRequest, tmp_path: Path) -> Pack:
    """One pack function for every kind of archive that is taken."""

    def write(files: dict[str, bytes]) -> Path:
        path = tmp_path / "set.bin"  # the name tells nothing; the content does
        if request.param == "zip":
            return pack_zip(path, files)
        if request.param == "stored zip":
            return pack_zip(path, files, zipfile.ZIP_STORED)
        if request.param == "tgz":
            return pack_tar(path, files)
        if request.param == "tar":
            return pack_tar(path, files, "w")
        return pack_tar(path, files, format=tarfile.PAX_FORMAT)

    return write


def found(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def test_photos_come_out_unchanged(pack: Pack, jpeg: bytes, tmp_path: Path) -> None:
    into = tmp_path / "out"

    skipped = unpack_class_folders(pack({"rose/a.jpg": jpeg, "tulip/b.jpg": jpeg + b"1"}), into)

    assert skipped == []
    assert found(into) == ["rose/a.jpg", "tulip/b.jpg"]
    assert (into / "rose" / "a.jpg").read_bytes() == jpeg
    assert (into / "tulip" / "b.jpg").read_bytes() == jpeg + b"1"


def test_class_folders_are_found_wherever_they_lie(pack: Pack, jpeg: bytes, tmp_path: Path) -> None:
    files = {
        "set/train/rose/a.jpg": jpeg,
        "set/test/rose/a.jpg": jpeg,
        "set/test/rose/A.JPG": jpeg,
        "./set/train/tulip/b.jpg": jpeg,
    }

    assert unpack_class_folders(pack(files), tmp_path / "out") == []
    assert found(tmp_path / "out") == ["rose/A_3.JPG", "rose/a.jpg", "rose/a_2.jpg", "tulip/b.jpg"]


def test_leftovers_of_systems_are_passed_over_and_the_rest_is_listed(
    pack: Pack, jpeg: bytes, tmp_path: Path
) -> None:
    files = {
        "rose/a.jpg": jpeg,
        "__MACOSX/rose/._a.jpg": jpeg,
        "rose/.DS_Store": b"x",
        "rose/Thumbs.db": b"x",
        ".git/rose/x.jpg": jpeg,
        "dataset.json": b"{}",
        "LICENSE.txt": b"free",
        "rose/notes.txt": b"hello",
        "rose/zero.jpg": b"",
        "rose/fake.png": b"MZ\x90\x00",
    }

    skipped = unpack_class_folders(pack(files), tmp_path / "out")

    reasons = {one.name: one.reason for one in skipped}
    assert found(tmp_path / "out") == ["rose/a.jpg"]
    assert reasons["LICENSE.txt"] == "It lies in no class folder."
    assert "'notes.txt', a text file" in reasons["rose/notes.txt"]
    assert "is empty" in reasons["rose/zero.jpg"]
    assert "a Windows program" in reasons["rose/fake.png"]
    assert len(reasons) == 4


def test_a_cover_picture_beside_the_class_folders_is_no_class(
    pack: Pack, jpeg: bytes, tmp_path: Path
) -> None:
    files = {f"set/rose/{n}.jpg": jpeg for n in range(3)} | {"set/cover.jpg": jpeg}

    skipped = unpack_class_folders(pack(files), tmp_path / "out")

    assert [(one.name, one.reason) for one in skipped] == [
        ("set/cover.jpg", "It lies beside the class folders.")
    ]
    assert {name.split("/")[0] for name in found(tmp_path / "out")} == {"rose"}
    assert not (tmp_path / "out" / "set").exists()


def test_a_class_with_a_folder_inside_stays_a_class(
    pack: Pack, jpeg: bytes, tmp_path: Path
) -> None:
    files = {f"rose/{n}.jpg": jpeg for n in range(3)} | {"rose/buds/x.jpg": jpeg}

    assert unpack_class_folders(pack(files), tmp_path / "out") == []
    assert found(tmp_path / "out") == ["buds/x.jpg", "rose/0.jpg", "rose/1.jpg", "rose/2.jpg"]


def test_names_are_made_safe(pack: Pack, jpeg: bytes, tmp_path: Path) -> None:
    files = {
        "<script>/a.jpg": jpeg,
        "CON/nul.jpg": jpeg,
        "🌹/🌹.jpg": jpeg,
        "وردة/x.jpg": jpeg,
        "Rose/x.jpg": jpeg,
        "rose/x.jpg": jpeg,
        f"long/{'n' * 240}.jpg": jpeg,
    }

    unpack_class_folders(pack(files), tmp_path / "out")

    assert found(tmp_path / "out") == sorted(
        [
            "_script_/a.jpg",
            "CON_/nul_.jpg",
            "🌹/🌹.jpg",
            "وردة/x.jpg",
            "Rose/x.jpg",
            "rose_2/x.jpg",
            f"long/{'n' * 76}.jpg",
        ]
    )


def test_umlauts_without_the_utf8_mark_are_read(jpeg: bytes, tmp_path: Path) -> None:
    """Many zip programs write UTF-8 names without setting the flag that says so."""
    path = pack_zip(tmp_path / "a.zip", {"Gaensebluemchen/xx.jpg": jpeg})
    plain, umlauts = b"Gaensebluemchen/xx.jpg", "Gänseblümchen/xx.jpg".encode()
    assert len(plain) == len(umlauts)
    path.write_bytes(path.read_bytes().replace(plain, umlauts))

    unpack_class_folders(path, tmp_path / "out")

    assert found(tmp_path / "out") == ["Gänseblümchen/xx.jpg"]


def test_tar_names_that_are_no_utf8_come_out_somehow(jpeg: bytes, tmp_path: Path) -> None:
    path = pack_tar(tmp_path / "a.tar", {"g__se/xx.jpg": jpeg}, "w")
    data = bytearray(path.read_bytes())
    data[:12] = b"g\xe4\xf6se/xx.jpg"
    header = data[:148] + b" " * 8 + data[156:512]
    data[148:156] = b"%06o\x00 " % sum(header)
    path.write_bytes(data)

    unpack_class_folders(path, tmp_path / "out")

    assert found(tmp_path / "out") == ["g__se/xx.jpg"]


def test_a_photo_that_is_damaged_inside_a_zip_is_left_out(jpeg: bytes, tmp_path: Path) -> None:
    path = pack_zip(
        tmp_path / "a.zip", {"rose/a.jpg": jpeg, "rose/b.jpg": jpeg}, zipfile.ZIP_STORED
    )
    data = bytearray(path.read_bytes())
    data[data.index(jpeg) + len(jpeg) // 2] ^= 0xFF
    path.write_bytes(data)

    skipped = unpack_class_folders(path, tmp_path / "out")

    assert [(one.name, one.reason) for one in skipped] == [
        ("rose/a.jpg", "It is damaged inside the archive.")
    ]
    assert found(tmp_path / "out") == ["rose/b.jpg"]


def test_several_gzips_in_a_row_are_one(jpeg: bytes, tmp_path: Path) -> None:
    tar = pack_tar(tmp_path / "a.tar", {f"rose/{n}.jpg": jpeg for n in range(3)}, "w").read_bytes()
    path = tmp_path / "a.tgz"
    path.write_bytes(gzip.compress(tar[:1000]) + gzip.compress(tar[1000:]) + b"\x00" * 100)

    unpack_class_folders(path, tmp_path / "out")

    assert len(found(tmp_path / "out")) == 3


def test_progress_reaches_its_total(pack: Pack, jpeg: bytes, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    unpack_class_folders(
        pack({f"rose/{n}.jpg": jpeg for n in range(5)}),
        tmp_path / "out",
        lambda done, total: told.append((done, total)),
    )

    assert len(told) == 5
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1] > 0


def test_stopping_leaves_nothing(pack: Pack, jpeg: bytes, tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        unpack_class_folders(pack({"rose/a.jpg": jpeg}), tmp_path / "out", stop)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "which is empty"),
        (b"Rar!\x1a\x07\x01\x00", "a file of another kind"),
        (b"hello", "a text file"),
    ],
)
def test_other_files_are_no_archives(data: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "set.zip"
    path.write_bytes(data)

    with pytest.raises(ArchiveError, match=rf"zip, tar\.gz or tar\. Received: 'set\.zip', {words}"):
        unpack_class_folders(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_missing_archive_is_said(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"Received: 'no\.zip': no such file"):
        unpack_class_folders(tmp_path / "no.zip", tmp_path / "out")
