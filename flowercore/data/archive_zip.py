"""Reading a zip without trusting what it says about itself."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

from flowercore.data.archive_rules import Rules
from flowercore.data.dataset import Progress
from flowercore.data.intake import Readable, Taker
from flowercore.data.names import shown
from flowercore.files import require_free_space
from flowercore.settings import settings

_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_UTF8 = 0x800
_ENTRY = b"PK\x01\x02"  # begins each record of the central directory
_ENTRY_BYTES = 46  # of a record, without its name
_LOCAL_HEADER_BYTES = 30
# What zipfile and zlib raise on broken bytes.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    NotImplementedError,
)
_DIRECTORY_BYTES_PER_ENTRY = 400


def unpack_zip(archive: Path, rules: Rules, intake: Taker, progress: Progress | None) -> None:
    """Hand the files of a zip to ``intake``.

    Args:
        archive: The zip.
        rules: Checks names, counts and sizes.
        intake: Receives the files.
        progress: Called with entries done.

    Raises:
        ArchiveError: For any breach; files may have been handed over already.
        StorageError: If the disk is full or refuses.
    """
    with _Guarded(archive, rules) as file:
        try:
            zipped = zipfile.ZipFile(file)
        except (*_BROKEN, OSError) as error:
            raise rules.damaged() from error
        with zipped:
            entries = zipped.infolist()
            for entry in entries:
                _check(entry, rules)
            _check_overlap(file, entries, zipped.start_dir, rules)
            require_free_space(sum(entry.file_size for entry in entries))
            for done, entry in enumerate(entries, start=1):
                if not entry.is_dir():
                    _take(zipped, entry, rules, intake)
                if progress is not None:
                    progress(done, len(entries))


class _Guarded(io.BufferedReader):
    """Refuses a central directory that would fill the memory before zipfile can count it."""

    def __init__(self, archive: Path, rules: Rules) -> None:
        super().__init__(io.FileIO(archive))
        self._rules = rules

    def read(self, size: int | None = -1, /) -> bytes:
        most = settings().limits.archive_entries
        # zipfile reads the directory in one piece; nothing else that it reads is near this size.
        if size is not None and size > max(most * _DIRECTORY_BYTES_PER_ENTRY, 1_000_000):
            raise self._rules.refuse(f"have at most {most:,} files and folders", "more")
        data = super().read(size)
        if len(data) > most * _ENTRY_BYTES and data.count(_ENTRY) > most:
            raise self._rules.refuse(f"have at most {most:,} files and folders", "more")
        return data


def _check(entry: zipfile.ZipInfo, rules: Rules) -> None:
    # zipfile cuts ``filename`` at a NUL and turns the separators of this system into slashes.
    name = entry.orig_filename
    rules.entry(name)
    rules.declared(name, entry.file_size, entry.compress_size)
    if entry.flag_bits & _ENCRYPTED:
        raise rules.refuse("be packed without a password", f"the encrypted file '{shown(name)}'")
    if entry.compress_type not in _METHODS and not entry.is_dir():
        raise rules.refuse(
            "be packed by the usual method (deflate or none)", f"method {entry.compress_type}"
        )
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind == stat.S_IFLNK:
        raise rules.kind("a link", name)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise rules.kind("a device or other special file", name)


def _check_overlap(
    file: BinaryIO, entries: list[zipfile.ZipInfo], directory: int, rules: Rules
) -> None:
    """Refuse files that share bytes: a few megabytes can claim terabytes that way."""
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise rules.refuse("hold each file's bytes once", "files that overlap")
        # ``end`` starts at 0, so the offset is not negative here.
        file.seek(entry.header_offset)
        header = file.read(_LOCAL_HEADER_BYTES)
        if len(header) < _LOCAL_HEADER_BYTES or not header.startswith(b"PK\x03\x04"):
            raise rules.damaged()
        name_bytes, extra_bytes = struct.unpack_from("<HH", header, 26)
        data = entry.header_offset + _LOCAL_HEADER_BYTES + name_bytes + extra_bytes
        end = data + entry.compress_size
    if end > directory:
        raise rules.refuse("hold each file's bytes once", "files that overlap")


def _take(zipped: zipfile.ZipFile, entry: zipfile.ZipInfo, rules: Rules, intake: Taker) -> None:
    name = _readable_name(entry)
    try:
        intake.take(name, lambda: _Counted(zipped.open(entry), rules))
    except _BROKEN:
        intake.skip(name, "It is damaged inside the archive.")


def _readable_name(entry: zipfile.ZipInfo) -> str:
    if entry.flag_bits & _UTF8:
        return entry.filename
    # Many programs write UTF-8 without saying so; zipfile then reads it as the old cp437.
    try:
        return entry.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return entry.filename


class _Counted:
    """Counts what really comes out of a file."""

    def __init__(self, file: Readable, rules: Rules) -> None:
        self._file = file
        self._rules = rules

    def read(self, size: int = -1, /) -> bytes:
        data = self._file.read(size)
        self._rules.unpacked(len(data))
        return data
