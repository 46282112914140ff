"""Bringing foreign files into class folders: which are taken, and under which names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Protocol

from flowercore.data.class_folders import MANIFEST, Skipped, ignored, reserved
from flowercore.data.names import safe_name, shown, with_number
from flowercore.data.photo_errors import too_large
from flowercore.data.photo_kind import HEAD, require_photo
from flowercore.errors import PhotoError
from flowercore.files import require_free_space, storage_errors
from flowercore.settings import MEGABYTE, settings

_SPACE_CHECK_BYTES = 64 * MEGABYTE


class Readable(Protocol):
    """What a photo's bytes are read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to ``size`` bytes; none at the end."""
        ...


class Taker(Protocol):
    """What is handed the files of an archive."""

    def take(self, name: str, open_file: Callable[[], Readable]) -> None:
        """Take one file, or note why not."""

    def skip(self, name: str, reason: str) -> None:
        """Note that a file is left out."""


class Intake:
    """Writes photos below one folder as ``<class>/<file>``.

    The class of a photo is the name of the folder that it lies in, however deep. Folders of the
    same name, as in ``train/rose`` and ``test/rose``, make one class. Names are made safe for every
    operating system, and those that would collide where case does not count get a number.

    Args:
        into: An existing empty folder.

    Attributes:
        skipped: What was left out so far.
    """

    def __init__(self, into: Path) -> None:
        self.skipped: list[Skipped] = []
        self._into = into
        self._classes: dict[str, str] = {}
        self._class_names: dict[str, int] = {}
        self._file_names: dict[str, dict[str, int]] = {}
        self._placed: dict[PurePosixPath, list[tuple[str, Path]]] = {}
        self._unchecked_bytes = 0

    def take(self, name: str, open_file: Callable[[], Readable]) -> None:
        """Take one file if it is a photo in a class folder; else note why not.

        Args:
            name: Posix path in the source, already known to stay inside it.
            open_file: Called only for a file that is looked into.

        Raises:
            StorageError: If the disk is full or refuses.
        """
        path = PurePosixPath(name)
        if any(ignored(part) for part in path.parts) or path.name == MANIFEST:
            return
        if len(path.parts) < 2:
            self.skip(name, "It lies in no class folder.")
            return
        try:
            data = read_photo(path.name, open_file())
        except PhotoError as error:
            self.skip(name, str(error))
            return
        self._write(path, data)

    def skip(self, name: str, reason: str) -> None:
        """Note that a file is left out."""
        self.skipped.append(Skipped(shown(name), reason))

    def finish(self) -> None:
        """Take out single photos that lie beside class folders, such as a cover picture.

        A folder above class folders counts as a class only if it has enough photos for one.
        """
        above = {parent for folder in self._placed for parent in folder.parents}
        fewest = settings().limits.photos_per_class_min
        for folder in above & self._placed.keys():
            label = self._classes[folder.name]
            if len(self._file_names[label]) >= fewest:
                continue
            for name, file in self._placed.pop(folder):
                self.skip(name, "It lies beside the class folders.")
                with storage_errors():
                    file.unlink()
            if not any((self._into / label).iterdir()):
                with storage_errors():
                    (self._into / label).rmdir()

    def _write(self, path: PurePosixPath, data: bytes) -> None:
        self._unchecked_bytes += len(data)
        if self._unchecked_bytes > _SPACE_CHECK_BYTES:
            require_free_space()
            self._unchecked_bytes = 0
        with storage_errors():
            target = self._target(path)
            target.write_bytes(data)
        self._placed.setdefault(path.parent, []).append((str(path), target))

    def _target(self, path: PurePosixPath) -> Path:
        label = path.parent.name
        if label not in self._classes:
            self._classes[label] = folder = _unused(_class_name(label), self._class_names)
            self._file_names[folder] = {}
            (self._into / folder).mkdir()
        folder = self._classes[label]
        return self._into / folder / _unused(safe_name(path.name), self._file_names[folder])


def _class_name(label: str) -> str:
    name = safe_name(label)
    return f"{name}_" if reserved(name) else name


def read_photo(name: str, file: Readable) -> bytes:
    """Read a file of an archive or folder if it is a photo by its first bytes.

    Args:
        name: How messages call it.
        file: What its bytes are read from.

    Raises:
        PhotoError: If it is no photo, or too large.
    """
    limit = settings().limits.photo_bytes
    head = file.read(HEAD)
    require_photo(head, name=name)
    # One byte more than allowed tells that there is more, and reads a right-sized file to its
    # end, where archives hold their checksum.
    data = head + file.read(limit + 1 - len(head))
    if len(data) > limit:
        raise too_large(name, None)
    return data


def _unused(name: str, taken: dict[str, int]) -> str:
    folded = name.casefold()
    if folded not in taken:
        taken[folded] = 1
        return name
    while True:
        taken[folded] += 1
        candidate = with_number(name, taken[folded])
        if candidate.casefold() not in taken:
            taken[candidate.casefold()] = 1
            return candidate
