"""The one door for an untrusted zip, tar.gz or tar: of class folders, or of loose photos."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from flowercore.data.archive_rules import Rules
from flowercore.data.archive_tar import unpack_tar
from flowercore.data.archive_zip import unpack_zip
from flowercore.data.class_folders import Skipped
from flowercore.data.dataset import Progress
from flowercore.data.intake import Intake, Taker
from flowercore.data.loose_photos import LoosePhotos
from flowercore.data.names import shown
from flowercore.data.photo_kind import describe, kind_of
from flowercore.errors import ArchiveError
from flowercore.files import storage_errors


def unpack_class_folders(
    archive: Path, into: Path, progress: Progress | None = None
) -> list[Skipped]:
    """Unpack the photos of an archive into class folders.

    Class folders are found wherever they lie: the class of ``set/train/rose/x.jpg`` is ``rose``.
    Files are photos by their first bytes; they are not decoded here.

    Args:
        archive: A zip, tar.gz or tar, by content.
        into: Folder to fill with ``<class>/<file>``; made if missing, else it must be empty.
        progress: Called with (done, total), in entries of a zip or packed bytes of a tar.

    Returns:
        Files that were left out, and why. Hidden files and what operating systems leave behind
        are passed over silently.

    Raises:
        ArchiveError: If the archive breaks any rule. Nothing that was unpacked stays.
        StorageError: If the disk is full or refuses. Nothing that was unpacked stays.
    """
    made = not into.exists()
    with storage_errors():
        into.mkdir(parents=True, exist_ok=True)
        if any(into.iterdir()):
            raise ValueError("the folder to unpack into must be empty")
    intake = Intake(into)
    try:
        _unpack(archive, intake, progress)
        intake.finish()
    except BaseException:
        for folder in into.iterdir():
            shutil.rmtree(folder)
        if made:
            into.rmdir()
        raise
    return intake.skipped


def unpack_photos(
    archive: Path, into: Path, most: int, progress: Progress | None = None
) -> LoosePhotos:
    """Unpack the photos of an archive wherever they lie in it.

    Args:
        archive: A zip, tar.gz or tar, by content.
        into: An existing empty folder, for whose end the caller cares.
        most: Photos that are taken.
        progress: As `unpack_class_folders`.

    Returns:
        The photos, and what was left out.

    Raises:
        ArchiveError: If the archive breaks any rule.
        StorageError: If the disk is full or refuses.
    """
    intake = LoosePhotos(into, most)
    _unpack(archive, intake, progress)
    return intake


def _unpack(archive: Path, intake: Taker, progress: Progress | None) -> None:
    unpack = _unpacker(archive)
    rules = Rules(archive)
    try:
        unpack(archive, rules, intake, progress)
    except OSError as error:
        raise rules.damaged() from error


def _unpacker(archive: Path) -> Callable[[Path, Rules, Taker, Progress | None], None]:
    try:
        with archive.open("rb") as file:
            head = file.read(512)
    except OSError as error:
        raise ArchiveError(
            "An archive must be a readable file. "
            f"Received: '{shown(archive.name)}': {(error.strerror or 'unreadable').lower()}."
        ) from error
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return unpack_zip
    if head.startswith(b"\x1f\x8b") or head[257:262] == b"ustar":
        return unpack_tar
    what = "which is empty" if not head else f"{kind_of(head) or describe(head)}"
    raise ArchiveError(
        f"An archive must be a zip, tar.gz or tar. Received: '{shown(archive.name)}', {what}."
    )
