"""Photos that a visitor collects one by one, on disk until they become part of a dataset.

A draft is a folder of class folders, as a dataset is. Each visitor has one for a new dataset and
one for each dataset of theirs that they add photos to.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import time
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from filelock import FileLock

from flowercore.data import photo
from flowercore.data.class_folders import reserved
from flowercore.data.names import safe_name, shown
from flowercore.errors import DatasetError, NotFoundError, PhotoError
from flowercore.files import home_folder, require_free_space, storage_errors, write_bytes
from flowercore.settings import MEGABYTE, settings

PHOTOS_MAX = 1_000
"""Photos that a draft may hold; more of them come as an archive."""

_VISITOR = re.compile(r"[0-9a-z]{1,64}")
_NAME = re.compile(r"(\d{4})-([0-9a-f]{12})\.[a-z]+")
_ENDINGS = {"JPEG": "jpg", "PNG": "png", "WebP": "webp", "HEIC": "heic"}
_DECODE_SIDE = 32  # pixels; a broken photo is found out at any size
_KEPT_SECONDS = 14 * 24 * 3600


@dataclass(frozen=True)
class DraftPhoto:
    """One photo of a draft.

    Attributes:
        key: Posix path in the draft, such as ``rose/0003-5f0c….jpg``.
        label: Its class.
        path: Its file.
    """

    key: str
    label: str
    path: Path

    @property
    def sha12(self) -> str:
        """The first 12 hex digits of the hash of its bytes."""
        return self.path.name[5:17]


@dataclass(frozen=True)
class Draft:
    """What a visitor has collected so far.

    Attributes:
        root: Its folder, which need not be there yet.
        photos: In the order in which they came.
    """

    root: Path
    photos: tuple[DraftPhoto, ...]

    def counts(self) -> dict[str, int]:
        """Return the number of photos of each class, by name."""
        found = Counter(one.label for one in self.photos)
        return {label: found[label] for label in sorted(found)}

    @cached_property
    def bytes(self) -> int:
        """How large all photos are together."""
        return sum(one.path.stat().st_size for one in self.photos)


def look(visitor: str, target: str = "") -> Draft:
    """Return what a visitor has collected.

    Args:
        visitor: Id of the visitor.
        target: The dataset that the photos are for; empty for a new one.

    Raises:
        StorageError: If the home folder cannot be read.
    """
    root = _root(visitor, target)
    photos = []
    with storage_errors():
        for path in root.glob("*/*"):
            if _NAME.fullmatch(path.name):
                label = path.parent.name
                photos.append(DraftPhoto(f"{label}/{path.name}", label, path))
    return Draft(root, tuple(sorted(photos, key=lambda one: one.path.name)))


def add(visitor: str, target: str, label: str, data: bytes, *, name: str) -> DraftPhoto:
    """Put a photo into a draft. The same photo in the same class twice is there once.

    Args:
        visitor: Id of the visitor.
        target: The dataset that the photos are for; empty for a new one.
        label: Its class, as a person typed it.
        data: Its file.
        name: How messages call it.

    Returns:
        The photo.

    Raises:
        DatasetError: If the class name cannot be used or the draft is full.
        PhotoError: If it is no usable photo, or lies in another class already.
        StorageError: If the disk is full or refuses.
    """
    label = check_class_name(label)
    facts = photo.inspect(data, name=name)
    photo.decode(data, name=name, at_least=_DECODE_SIDE)
    require_free_space(len(data))
    with locked(visitor, target):
        draft = look(visitor, target)
        same = next((one for one in draft.photos if one.sha12 == facts.sha256[:12]), None)
        if same is not None and same.label.casefold() == label.casefold():
            return same
        if same is not None:
            raise PhotoError(
                f"A photo belongs to one class. Received: '{shown(name)}' for '{shown(label)}', "
                f"which is among the photos of '{shown(same.label)}' already."
            )
        _refuse_full(draft, len(data))
        label = _known_spelling(draft, label)
        number = 1 + max((int(one.path.name[:4]) for one in draft.photos), default=0)
        file = f"{number:04d}-{facts.sha256[:12]}.{_ENDINGS[facts.format]}"
        path = draft.root / label / file
        with storage_errors():
            path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, data)
    return DraftPhoto(f"{label}/{file}", label, path)


def alone(root: Path, label: str, data: bytes, *, name: str) -> Draft:
    """Make a draft of one photo in a folder of its own.

    Args:
        root: An empty folder.
        label: The photo's class, as `check_class_name` returns it.
        data: Its file.
        name: How messages call it.

    Raises:
        PhotoError: If it is no usable photo.
        StorageError: If the disk is full or refuses.
    """
    facts = photo.inspect(data, name=name)
    photo.decode(data, name=name, at_least=_DECODE_SIDE)
    require_free_space(len(data))
    file = f"0001-{facts.sha256[:12]}.{_ENDINGS[facts.format]}"
    path = root / label / file
    with storage_errors():
        path.parent.mkdir()
    write_bytes(path, data)
    return Draft(root, (DraftPhoto(f"{label}/{file}", label, path),))


def remove(visitor: str, target: str, key: str) -> None:
    """Take a photo out of a draft.

    Raises:
        NotFoundError: If it is not there.
        StorageError: If the disk refuses.
    """
    with locked(visitor, target), storage_errors():
        found = next((one for one in look(visitor, target).photos if one.key == key), None)
        if found is None:
            raise NotFoundError("This photo is no longer among those you collected.")
        found.path.unlink()
        if not any(found.path.parent.iterdir()):
            found.path.parent.rmdir()


def discard(visitor: str, target: str = "") -> None:
    """Throw a draft away.

    Raises:
        StorageError: If the disk refuses.
    """
    root = _root(visitor, target)
    with storage_errors():
        if root.is_dir():
            shutil.rmtree(root)


def discard_all(visitor: str) -> None:
    """Throw away all that a visitor has collected, for whatever dataset.

    Raises:
        StorageError: If the disk refuses.
    """
    root = _root(visitor, "").parent
    with storage_errors():
        if root.is_dir():
            shutil.rmtree(root)


def sweep() -> None:
    """Throw away the drafts that nobody has touched for two weeks."""
    oldest = time.time() - _KEPT_SECONDS
    for root in home_folder("drafts").glob("*/*"):
        newest = max((p.stat().st_mtime for p in (root, *root.rglob("*"))), default=0)
        if newest < oldest:
            if root.is_dir():
                shutil.rmtree(root, ignore_errors=True)
            else:
                root.unlink(missing_ok=True)  # a lock's file


def check_class_name(label: str) -> str:
    """Check the name of a class.

    Args:
        label: As a person typed it.

    Returns:
        The name without spaces around it, in Unicode normal form C.

    Raises:
        DatasetError: If it cannot be the name of a folder on every system.
    """
    plain = unicodedata.normalize("NFC", label).strip()
    if not plain or safe_name(plain) != plain or reserved(plain):
        raise DatasetError(
            "A class's name must be usable as the name of a folder: 1 to 80 characters, none of "
            '< > : " / \\ | ? *, no dot in front, and no name that a system keeps for itself. '
            f"Received: '{shown(label)}'."
        )
    return plain


def locked(visitor: str, target: str) -> FileLock:
    """Return the lock under which a draft is changed."""
    root = _root(visitor, target)
    with storage_errors():
        root.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(root.with_name(f"{root.name}.lock"))


def _root(visitor: str, target: str) -> Path:
    # Ids are made by the server; whatever else comes in is never part of a path.
    if not _VISITOR.fullmatch(visitor):
        raise NotFoundError("There is no such visitor.")
    kind = hashlib.sha256(target.encode()).hexdigest()[:16] if target else "new"
    return home_folder("drafts") / visitor / kind


def _known_spelling(draft: Draft, label: str) -> str:
    # A disk that does not tell cases apart would mix the two.
    known = {one.label.casefold(): one.label for one in draft.photos}
    return known.get(label.casefold(), label)


def _refuse_full(draft: Draft, more: int) -> None:
    limit = settings().limits.archive_bytes
    if len(draft.photos) >= PHOTOS_MAX or draft.bytes + more > limit:
        raise DatasetError(
            f"At most {PHOTOS_MAX:,} photos and {limit / MEGABYTE:,.0f} MB are collected one by "
            f"one. Received: one more than {len(draft.photos):,} photos with "
            f"{draft.bytes / MEGABYTE:,.0f} MB. Make them a dataset first; pack more into a zip."
        )
