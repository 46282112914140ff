"""A dataset: a folder of class folders, each holding the photos of one class."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from flowercore.data import photo, photo_index
from flowercore.data.class_folders import ClassFile, Skipped, class_files
from flowercore.data.in_threads import in_threads
from flowercore.data.names import shown
from flowercore.data.photo_index import IndexedPhoto
from flowercore.errors import DatasetError, NotFoundError, PhotoError
from flowercore.settings import settings

Progress = Callable[[int, int], None]
"""Called with (done, total); may raise CancelledError to stop."""


@dataclass(frozen=True, slots=True)  # slots: a large dataset is half as much to collect
class Photo:
    """One photo of a dataset.

    Attributes:
        key: Posix path relative to the dataset's folder, such as ``rose/x.jpg``.
        label: Its class, which an edit may have changed.
        sha256: Hash of the file's bytes.
        bytes: Size of the file.
        width: Pixels, upright.
        height: Pixels, upright.
        format: JPEG, PNG, WebP or HEIC.
    """

    key: str
    label: str
    sha256: str
    bytes: int
    width: int
    height: int
    format: str

    @property
    def given(self) -> str:
        """The class that it came with: its folder."""
        return self.given_in(self.key)

    @staticmethod
    def given_in(key: str) -> str:
        """Return the class that a photo of that key came with."""
        return key.partition("/")[0]


@dataclass(frozen=True)
class Dataset:
    """What a scan found in a folder of class folders.

    Attributes:
        name: Name in the catalog, or the folder's name.
        origin: Where the photos come from, in words.
        root: The folder.
        classes: Class names, sorted; each has at least one photo.
        photos: Sorted by key.
        skipped: Files that are no photos of a class.
        excluded: Photos that an edit took out, sorted by key.
    """

    name: str
    origin: str
    root: Path
    classes: tuple[str, ...]
    photos: tuple[Photo, ...]
    skipped: tuple[Skipped, ...]
    excluded: tuple[Photo, ...] = ()

    def counts(self) -> dict[str, int]:
        """Return the number of photos of each class, in the order of ``classes``."""
        found = Counter(one.label for one in self.photos)
        return {label: found[label] for label in self.classes}

    @cached_property
    def identity(self) -> str:
        """Hash over key, content and changed label of all photos: which version a run saw."""
        digest = hashlib.sha256()
        for one in self.photos:
            digest.update(f"{one.key}\n{one.sha256}\n".encode())
            if one.label != one.given:
                digest.update(f"{one.label}\n".encode())
        return digest.hexdigest()

    @cached_property
    def given_classes(self) -> tuple[str, ...]:
        """Class names as the dataset came, sorted, also of classes whose photos were taken out."""
        return tuple(sorted({one.given for one in (*self.photos, *self.excluded)}))

    def path(self, photo: Photo | str) -> Path:
        """Return the file of a photo.

        Args:
            photo: A photo of this dataset, or its key.

        Raises:
            NotFoundError: If this dataset has no such photo.
        """
        key = photo if isinstance(photo, str) else photo.key
        if key not in self._keys:
            raise NotFoundError(
                f"The photo must belong to the dataset '{shown(self.name)}'. "
                f"Received: '{shown(key)}'."
            )
        return self.root / key

    @cached_property
    def _keys(self) -> frozenset[str]:
        return frozenset(one.key for one in (*self.photos, *self.excluded))


def scan(root: Path, *, name: str, origin: str, progress: Progress | None = None) -> Dataset:
    """Find the photos in a folder of class folders.

    The header of each photo is checked, not its pixels. What was found out is kept in the home
    folder, so that a second scan only looks at names, sizes and times of change.

    Args:
        root: The folder. Hidden files and what operating systems leave behind are passed over;
            links are followed only to files inside the folder.
        name: What the dataset is called in messages.
        origin: Where the photos come from, in words.
        progress: Called as photos are read.

    Returns:
        The dataset, in an order that depends on names alone. It may be too small to train on: see
        ``check_trainable``.

    Raises:
        DatasetError: If the folder is missing or not a folder.
        StorageError: If the home folder cannot be used.
    """
    if not root.is_dir():
        what = "a file" if root.exists() else "a folder that does not exist"
        raise DatasetError(
            "A dataset must be a folder that holds one folder of photos for each class. "
            f"Received: '{shown(name)}', {what}."
        )
    root = root.absolute()
    skipped: list[Skipped] = []
    photos: list[Photo] = []
    fresh: list[ClassFile] = []
    known = photo_index.load(root)
    try:
        # Of many thousand files nothing is held longer than needed: what no longer fits the
        # processor's caches costs more a photo.
        for file in class_files(root, skipped):
            found = known.pop(file.key, None)
            if found is not None and _unchanged(file, found):
                photos.append(_photo(file, found.facts))
            else:
                fresh.append(file)
    except OSError as error:
        raise DatasetError(
            "A dataset's folder must be readable. "
            f"Received: '{shown(name)}': {(error.strerror or 'unreadable').lower()}."
        ) from error
    inspected = _inspect_all(fresh, len(photos) + len(fresh), skipped, progress)
    if inspected or known:
        photo_index.update(root, inspected, known)
    if inspected:
        photos += [_photo(f, inspected[f.key].facts) for f in fresh if f.key in inspected]
        photos.sort(key=lambda one: (one.label, one.key))
    return Dataset(
        name=name,
        origin=origin,
        root=root,
        classes=tuple(sorted({one.label for one in photos})),
        photos=tuple(photos),
        skipped=tuple(sorted(skipped, key=lambda one: one.name)),
    )


def check_trainable(dataset: Dataset) -> None:
    """Refuse a dataset that no classifier can be trained on.

    Args:
        dataset: What a scan found.

    Raises:
        DatasetError: If it holds no photo, too few or too many classes, or a class with too few
            photos.
    """
    limits = settings().limits
    counts = dataset.counts()
    rule = (
        f"A dataset must have {limits.classes_min} to {limits.classes_max} classes: "
        "one folder of photos for each. "
    )
    received = f"Received: '{shown(dataset.name)}' with "
    if not counts:
        raise DatasetError(f"{rule}{received}no photo in a class folder.{_left_out(dataset)}")
    if len(counts) < limits.classes_min:
        raise DatasetError(
            f"{rule}{received}one class, '{shown(next(iter(counts)))}'.{_left_out(dataset)}"
        )
    if len(counts) > limits.classes_max:
        raise DatasetError(f"{rule}{received}{len(counts)} classes.")
    few = {label: n for label, n in counts.items() if n < limits.photos_per_class_min}
    if few:
        named = ", ".join(f"'{shown(label)}' with {n}" for label, n in list(few.items())[:3])
        more = f" and {len(few) - 3} more" if len(few) > 3 else ""
        raise DatasetError(
            f"Each class must have at least {limits.photos_per_class_min} photos. "
            f"Received: {named}{more}. Add photos, or take the folder out.{_left_out(dataset)}"
        )


def contradictions(dataset: Dataset) -> tuple[tuple[Photo, ...], ...]:
    """List photos whose very bytes lie in two or more classes.

    Args:
        dataset: What a scan found.

    Returns:
        For each such content all its photos, in the dataset's order.
    """
    same: dict[str, list[Photo]] = {}
    for one in dataset.photos:
        same.setdefault(one.sha256, []).append(one)
    return tuple(
        tuple(photos) for photos in same.values() if len({one.label for one in photos}) > 1
    )


def _left_out(dataset: Dataset) -> str:
    if not dataset.skipped:
        return ""
    first = dataset.skipped[0]
    return f" Left out: {len(dataset.skipped)}, first '{shown(first.name)}': {first.reason}"


def _unchanged(file: ClassFile, known: IndexedPhoto) -> bool:
    return known.facts.bytes == file.size and known.mtime_ns == file.mtime_ns


def _photo(file: ClassFile, facts: photo.PhotoFacts) -> Photo:
    return Photo(
        file.key, file.label, facts.sha256, file.size, facts.width, facts.height, facts.format
    )


def _inspect_all(
    files: list[ClassFile], total: int, skipped: list[Skipped], progress: Progress | None
) -> dict[str, IndexedPhoto]:
    found: dict[str, IndexedPhoto] = {}
    done = total - len(files)
    with closing(in_threads(_inspect, files)) as outcomes:
        for file, outcome in zip(files, outcomes, strict=True):
            if isinstance(outcome, PhotoError):
                skipped.append(Skipped(shown(file.key), str(outcome)))
            else:
                found[file.key] = IndexedPhoto(file.mtime_ns, outcome)
            done += 1
            if progress is not None:
                progress(done, total)
    return found


def _inspect(file: ClassFile) -> photo.PhotoFacts | PhotoError:
    try:
        return photo.inspect(photo.read_photo_bytes(file.path), name=file.path.name)
    except PhotoError as error:
        return error
