"""Fetching one file from the internet: whole and the expected one, or not at all.

What was received before a connection broke is kept beside the target, and the next attempt goes on
from there where the server can (HTTP Range, RFC 9110 section 14).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from flowercore.download.answer import Answer, BrokenOffError, refusal
from flowercore.errors import DownloadError
from flowercore.files import locked, require_free_space, storage_errors
from flowercore.settings import GIGABYTE

LARGEST = 2 * GIGABYTE
"""Bytes that a fetched file may have, unless said otherwise."""

# Connections that break after they brought something; the next one goes on from there.
_BROKEN_MAX = 3


def digest(path: Path, expected: str) -> str:
    """Return the hash of a file, written as the expected one is: ``md5:...`` or ``sha256:...``.

    Args:
        path: The file.
        expected: A hash that names its algorithm.

    Raises:
        StorageError: If the file cannot be read.
    """
    algorithm = expected.partition(":")[0]
    with storage_errors(), path.open("rb") as file:
        return f"{algorithm}:{hashlib.file_digest(file, algorithm).hexdigest()}"


def fetch(
    url: str,
    target: Path,
    *,
    expected: str | None,
    size: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    check: Callable[[], None] | None = None,
    limit: int = LARGEST,
) -> Path:
    """Fetch a file, if it is not there yet.

    Two processes may call it at once: the second waits for the first.

    Args:
        url: Where the file is.
        target: Where it goes; its folder must exist.
        expected: Hash that it must have, behind its algorithm: ``md5:...`` or ``sha256:...``;
            None if none is on record: whoever uses the file must look whether it is what it
            should be.
        size: Bytes that it must have; None if that is not known.
        progress: Called with (bytes done, bytes in all); the latter is 0 while it is not known.
        check: Called ten times a second or oftener; raises to stop. What was received is kept.
        limit: Bytes that the file may have.

    Returns:
        ``target``.

    Raises:
        DownloadError: If the file could not be fetched or is not the expected one.
        StorageError: If the disk is full or the folder cannot be written.
    """
    check = check or _nothing
    with locked(target.with_name(f".{target.name}.lock"), check):
        if not target.is_file():
            partial = target.with_name(f".{target.name}.part")
            _Download(url, partial, expected, size, progress, check, limit).run()
            with storage_errors():
                partial.replace(target)
        elif not _is(target, expected, size):
            raise DownloadError(
                f"The file {target.name} is there already, and is not the expected one. It was "
                "left as it is. Delete it to have it fetched."
            )
    return target


def _is(path: Path, expected: str | None, size: int | None) -> bool:
    with storage_errors():
        if size is not None and path.stat().st_size != size:
            return False
    return expected is None or digest(path, expected) == expected


def _nothing() -> None:
    pass


class _TooLargeError(Exception):
    """More is announced or sent than is allowed."""


class _CannotGoOnError(Exception):
    """The server does not give the rest of a file that was begun."""


class _Download:
    def __init__(
        self,
        url: str,
        partial: Path,
        expected: str | None,
        size: int | None,
        progress: Callable[[int, int], None] | None,
        check: Callable[[], None],
        limit: int,
    ) -> None:
        self._url = url
        self._server = urlsplit(url).netloc
        self._partial = partial
        self._expected = expected
        self._wanted = size
        self._progress = progress
        self._check = check
        self._limit = limit

    def run(self) -> None:
        """Fill the partial file until it is the expected one."""
        broken = 0
        while True:
            begun = self._size()
            if begun and self._known and _is(self._partial, self._expected, self._wanted):
                return
            try:
                resumed = self._receive(begun)
            except _CannotGoOnError:
                self._forget()
                continue
            except _TooLargeError:
                self._forget()
                raise DownloadError(
                    f"A fetched file may have {self._limit / 1e6:,.0f} MB. Received: more than "
                    f"that from {self._server}. Nothing was kept."
                ) from None
            except BrokenOffError as error:
                broken += 1
                if broken < _BROKEN_MAX and self._size() > begun:
                    continue
                raise DownloadError(
                    f"{error} after {self._size() / 1e6:.1f} MB. What was received is kept: try "
                    "again, and it goes on from there if the server can."
                ) from error
            problem = self._problem()
            if problem is None:
                return
            self._forget()
            # A file that changed on the server between two attempts is a mixture.
            if not resumed:
                raise DownloadError(
                    f"The file fetched from {self._server} must have {problem}. It was thrown "
                    "away. Try again; if that does not help, the file there was changed, or "
                    "something between alters what is fetched."
                )

    @property
    def _known(self) -> bool:
        return not (self._expected is None and self._wanted is None)

    def _problem(self) -> str | None:
        if self._wanted is not None and self._size() != self._wanted:
            return f"{self._wanted:,} bytes. Received: {self._size():,}"
        if self._expected is not None:
            received = digest(self._partial, self._expected)
            if received != self._expected:
                return f"the hash {self._expected}. Received: {received}"
        return None

    def _size(self) -> int:
        with storage_errors():
            return self._partial.stat().st_size if self._partial.exists() else 0

    def _forget(self) -> None:
        with storage_errors():
            self._partial.unlink(missing_ok=True)

    def _receive(self, begun: int) -> bool:
        """Receive one answer into the partial file; return whether it was the rest of it."""
        with Answer(self._url, begun, self._check) as answer:
            resumed = begun > 0 and answer.status == 206
            if begun and (answer.status == 416 or (resumed and answer.start != begun)):
                raise _CannotGoOnError
            if answer.status != 206 and answer.status != 200:
                raise DownloadError(refusal(self._url, answer.status))
            done = begun if resumed else 0
            total = 0 if answer.length is None else done + answer.length
            self._within_limit(total)
            if total and self._wanted is not None and total != self._wanted:
                # Said before hundreds of megabytes have come in vain.
                self._forget()
                raise DownloadError(
                    f"The file at {self._server} must have {self._wanted:,} bytes. Received: one "
                    f"of {total:,}. The file there was changed, or something between answers in "
                    "its place, such as the page where a network asks you to log in."
                )
            require_free_space(max(0, total - done))
            with storage_errors(), self._partial.open("ab" if resumed else "wb") as file:
                try:
                    for chunk in answer.chunks():
                        done += len(chunk)
                        self._within_limit(done)
                        if not total:
                            require_free_space(len(chunk))
                        file.write(chunk)
                        if self._progress:
                            self._progress(done, total)
                finally:
                    file.flush()
                    os.fsync(file.fileno())
        return resumed

    def _within_limit(self, size: int) -> None:
        if size > self._limit:
            raise _TooLargeError
