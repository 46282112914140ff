"""Reading a tar or tar.gz as a stream, without trusting what it says about itself."""

from __future__ import annotations

import io
import struct
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Self

from flowercore.data.archive_rules import Rules
from flowercore.data.dataset import Progress
from flowercore.data.intake import Readable, Taker
from flowercore.files import require_free_space

_CHUNK = 256 * 1024
# A name or attribute longer than this is no honest one; tarfile reads it whole into memory.
_EXTENDED_HEADER_BYTES = 64 * 1024
_PAX = {tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE}
_EXTENDED = {*_PAX, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK}
# What tarfile and zlib raise on broken bytes.
_BROKEN = (
    tarfile.TarError,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    OverflowError,
    IndexError,
    KeyError,
    RecursionError,
)


def unpack_tar(archive: Path, rules: Rules, intake: Taker, progress: Progress | None) -> None:
    """Hand the files of a tar or tar.gz to ``intake``.

    Args:
        archive: The tar.
        rules: Checks names, counts and sizes.
        intake: Receives the files.
        progress: Called with packed bytes done.

    Raises:
        ArchiveError: For any breach; files may have been handed over already.
        StorageError: If the disk is full or refuses.
    """
    require_free_space(rules.packed)
    with archive.open("rb") as file:
        unpacked = _Unpacked(file, rules)
        try:
            with tarfile.open(
                fileobj=unpacked, mode="r|", tarinfo=_Member, encoding="utf-8"
            ) as tar:
                for member in tar:
                    _take(tar, member, rules, intake)
                    if progress is not None:
                        progress(file.tell(), rules.packed)
            # The checksum of a gzip comes at its end, behind the end of the tar.
            while unpacked.read(_CHUNK):
                pass
        except _BROKEN as error:
            raise rules.damaged() from error


def _take(tar: tarfile.TarFile, member: tarfile.TarInfo, rules: Rules, intake: Taker) -> None:
    rules.entry(member.name)
    if member.issym() or member.islnk():
        raise rules.kind("a link", member.name)
    if member.isdir():
        return
    if not member.isreg() or member.issparse():
        raise rules.kind("a device or other special file", member.name)

    def open_file() -> Readable:
        stream = tar.extractfile(member)
        assert stream is not None  # it is one for every regular file
        return stream

    intake.take(member.name, open_file)


class _Member(tarfile.TarInfo):
    """A header that is refused before tarfile acts on what it claims."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        try:
            return super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if buf and not any(buf):
                raise  # a block of zeros: the archive's own end
            # tarfile would take a broken or missing header in the middle for the end.
            raise tarfile.ReadError(str(error)) from error

    def _proc_member(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
        # The entry point that tarfile's source names for subclasses.
        if self.size < 0 or (self.type in _EXTENDED and self.size > _EXTENDED_HEADER_BYTES):
            raise tarfile.ReadError("a header of impossible size")
        if self.type in _PAX:
            return self._next_with_pax_name(tar)
        return super()._proc_member(tar)  # type: ignore[misc]

    def _next_with_pax_name(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
        # Python 3.11's own reader takes seconds for 60 kB of digits, and lets such a header
        # change sizes; only the name matters here.
        payload = tar.fileobj.read(self._block(self.size))[: self.size]  # type: ignore
        records = _pax_records(payload)
        if "size" in records or any(key.startswith("GNU.sparse") for key in records):
            raise tarfile.ReadError("a size that the header does not hold")
        member = self.fromtarfile(tar)
        if self.type != tarfile.XGLTYPE and "path" in records:
            member.name = records["path"]
        return member


def _pax_records(payload: bytes) -> dict[str, str]:
    """Parse ``<length> <key>=<value>`` lines, where length counts the whole line (POSIX pax)."""
    records = {}
    position = 0
    while position < len(payload):
        space = payload.index(b" ", position, position + 12)
        length = int(payload[position:space])
        line = payload[space + 1 : position + length]
        if length < 5 or len(line) != position + length - space - 1 or not line.endswith(b"\n"):
            raise ValueError("a broken extended header")
        key, _, value = line[:-1].decode("utf-8", "surrogateescape").partition("=")
        records[key] = value
        position += length
    return records


class _Unpacked(io.RawIOBase):
    """The tar inside the file, unpacked if it is a gzip, every byte counted."""

    def __init__(self, file: BinaryIO, rules: Rules) -> None:
        magic = file.read(2)
        file.seek(0)
        plain = iter(lambda: file.read(_CHUNK), b"")
        self._chunks = _gunzip(file) if magic == b"\x1f\x8b" else plain
        self._rules = rules
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if not self._left:
            self._left = memoryview(next(self._chunks, b""))
            self._rules.unpacked(len(self._left))
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count


def _gunzip(file: BinaryIO) -> Iterator[bytes]:
    # Not the gzip module: it reads the name in the header byte by byte, however long it is.
    packed = file.read(_CHUNK)
    while packed:
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        while not unpacker.eof:
            if not packed:
                raise EOFError("the gzip is cut off")
            if data := unpacker.decompress(packed, _CHUNK):
                yield data
            packed = unpacker.unconsumed_tail or (
                unpacker.unused_data if unpacker.eof else file.read(_CHUNK)
            )
        # Several gzips in a row are one; what follows the last one is padding.
        packed = unpacker.unused_data or file.read(_CHUNK)
        if not packed.startswith(b"\x1f\x8b"):
            return
