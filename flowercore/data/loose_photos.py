"""The photos of an archive wherever they lie in it, without class folders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath

from flowercore.data.class_folders import Skipped, ignored
from flowercore.data.intake import Readable, read_photo
from flowercore.data.names import shown
from flowercore.errors import PhotoError
from flowercore.files import storage_errors


class LoosePhotos:
    """Writes photos into one folder, numbered; their names stay what they were in the archive.

    Args:
        into: An existing empty folder.
        most: Photos that are taken; what comes after them is counted and left.

    Attributes:
        photos: Name in the archive, and file, of each that was taken.
        skipped: Files that are no photos, and why.
        left: Files that were not looked into, as there were enough photos.
    """

    def __init__(self, into: Path, most: int) -> None:
        self.photos: list[tuple[str, Path]] = []
        self.skipped: list[Skipped] = []
        self.left = 0
        self._into = into
        self._most = most

    def take(self, name: str, open_file: Callable[[], Readable]) -> None:
        """Take one file if it is a photo; else note why not.

        Args:
            name: Posix path in the archive.
            open_file: Called only for a file that is looked into.

        Raises:
            StorageError: If the disk is full or refuses.
        """
        path = PurePosixPath(name)
        if any(ignored(part) for part in path.parts):
            return
        if len(self.photos) >= self._most:
            self.left += 1
            return
        try:
            data = read_photo(path.name, open_file())
        except PhotoError as error:
            self.skip(name, str(error))
            return
        file = self._into / f"{len(self.photos):05d}"
        with storage_errors():
            file.write_bytes(data)
        self.photos.append((name, file))

    def skip(self, name: str, reason: str) -> None:
        """Note that a file is left out."""
        self.skipped.append(Skipped(shown(name), reason))
