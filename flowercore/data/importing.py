"""Bringing a folder or archive of class folders into the home folder."""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from flowercore.data import photo, staging
from flowercore.data.archive import unpack_class_folders
from flowercore.data.class_folders import Skipped, ignored
from flowercore.data.dataset import Dataset, Progress, check_trainable, scan
from flowercore.data.in_threads import in_threads
from flowercore.data.intake import Intake
from flowercore.data.names import safe_name, shown
from flowercore.errors import DatasetError, PhotoError
from flowercore.files import require_free_space

GARDEN = "garden"
_NAME = re.compile(r"[^\W_][\w .-]{0,59}")
_DECODE_SIDE = 32  # pixels; small is quick, and a broken photo is found out at any size


@dataclass(frozen=True)
class ImportReport:
    """What an import brought in.

    Attributes:
        dataset: The new dataset.
        skipped: Files that were left out, and why.
    """

    dataset: Dataset
    skipped: tuple[Skipped, ...]


def import_source(
    source: Path,
    name: str,
    *,
    owner: str = "",
    origin: str | None = None,
    class_names: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Bring a folder or archive of class folders into the home folder, whole or not at all.

    Class folders are found wherever they lie; the source stays as it is. Each photo is decoded
    once, and those that cannot be are left out and named in the report.

    Args:
        source: A folder, zip, tar.gz or tar.
        name: Name of the new dataset.
        owner: Visitor id of whose it will be; empty for everybody's.
        origin: Where the photos come from, in words; None for the source's name.
        class_names: Class of each class folder, if these are known: all classes must then come,
            and other folders are left out.
        progress: Called with (percent done, 100).

    Returns:
        The new dataset and what was left out.

    Raises:
        DatasetError: If the name is not allowed or taken, the source is missing, or what came in
            cannot be trained on.
        ArchiveError: If the archive breaks a rule.
        StorageError: If the disk is full or refuses.
    """
    name = check_new_name(name)
    # os.path, unlike Path, says no to a path too long for the file system.
    if not os.path.exists(source):  # noqa: PTH110
        raise DatasetError(
            "The source of a dataset must be a folder or an archive. "
            f"Received: '{shown(source.name)}', which does not exist."
        )
    with staging.staged_folder() as folder:
        skipped = _fill(source, folder, _share(progress, 0, 50))
        if class_names is not None:
            skipped += _rename_classes(folder, class_names)
        skipped += _drop_unreadable(folder, _share(progress, 50, 95))
        skipped.sort(key=lambda one: one.name)
        dataset = scan(folder, name=name, origin=origin or f"imported from {shown(source.name)}")
        check_trainable(replace(dataset, skipped=tuple(skipped)))
        if class_names is not None:
            _require_classes(dataset, class_names)
        dataset = staging.publish(dataset, owner=owner)
    if progress is not None:
        progress(100, 100)
    return ImportReport(dataset, tuple(skipped))


def check_name(name: str) -> str:
    """Check the name of a new dataset.

    Args:
        name: As a person typed it.

    Returns:
        The name without spaces around it, in Unicode normal form C.

    Raises:
        DatasetError: If it cannot be the name of a folder on every system, or is kept for the
            painted sample.
    """
    plain = unicodedata.normalize("NFC", name).strip()
    if not _NAME.fullmatch(plain) or safe_name(plain) != plain:
        raise DatasetError(
            "A dataset's name must have 1 to 60 letters, digits, spaces, dots, dashes or "
            "underscores, and begin with a letter or digit. "
            f"Received: '{shown(name)}'."
        )
    if plain.casefold() == GARDEN:
        raise DatasetError(
            f"The name '{GARDEN}' is kept for the painted sample. Received: '{shown(name)}'. "
            "Choose another name."
        )
    return plain


def check_new_name(name: str) -> str:
    """Check a name as `check_name` does, and that no dataset has it.

    Raises:
        DatasetError: If it is not allowed or taken.
    """
    name = check_name(name)
    staging.require_free_name(name)
    return name


def free_name(wanted: str) -> str:
    """Return a name that no dataset has: the wanted one, or one with a number behind it."""
    taken = staging.taken_names()
    number, name = 1, wanted
    while name.casefold() in taken:
        number += 1
        name = f"{wanted} {number}"
    return name


def _fill(source: Path, folder: Path, progress: Progress) -> list[Skipped]:
    if source.is_dir():
        return _copy_folder(source, folder, progress)
    return unpack_class_folders(source, folder, progress)


def _rename_classes(folder: Path, class_names: Mapping[str, str]) -> list[Skipped]:
    skipped = []
    for label in sorted(folder.iterdir()):
        wanted = class_names.get(label.name.casefold())
        if wanted is None or (label.name != wanted and (folder / wanted).exists()):
            skipped.append(Skipped(shown(label.name), "It is no class of this dataset."))
            shutil.rmtree(label)
        elif label.name != wanted:
            label.rename(folder / wanted)
    return skipped


def _require_classes(dataset: Dataset, class_names: Mapping[str, str]) -> None:
    wanted = sorted(set(class_names.values()))
    if list(dataset.classes) != wanted:
        raise DatasetError(
            f"'{shown(dataset.name)}' must have the classes {', '.join(wanted)}. "
            f"Received: {', '.join(map(shown, dataset.classes))}."
        )


def _copy_folder(source: Path, folder: Path, progress: Progress) -> list[Skipped]:
    intake = Intake(folder)
    files = _walk(source, intake)
    require_free_space(sum(file.lstat().st_size for file in files))
    for done, file in enumerate(files, start=1):
        name = file.relative_to(source).as_posix()
        try:
            if file.is_symlink() or not file.is_file():
                intake.skip(name, "It is a link or special file.")
            else:
                _copy_file(file, name, intake)
        except OSError as error:
            intake.skip(name, f"It cannot be read: {(error.strerror or 'unknown').lower()}.")
        progress(done, len(files))
    intake.finish()
    return intake.skipped


def _copy_file(file: Path, name: str, intake: Intake) -> None:
    with file.open("rb") as opened:
        intake.take(name, lambda: opened)


def _walk(source: Path, intake: Intake) -> list[Path]:
    def unreadable(error: OSError) -> None:
        folder = Path(error.filename).relative_to(source).as_posix()
        intake.skip(folder, f"The folder cannot be read: {(error.strerror or 'unknown').lower()}.")

    files: list[Path] = []
    for parent, folders, names in os.walk(source, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not ignored(name))
        links = [name for name in folders if Path(parent, name).is_symlink()]
        files += [Path(parent, name) for name in [*sorted(names), *links] if not ignored(name)]
    return files


def _drop_unreadable(folder: Path, progress: Progress) -> list[Skipped]:
    files = sorted(folder.glob("*/*"))
    skipped = []
    with closing(in_threads(_unreadable, files)) as reasons:
        for done, (file, reason) in enumerate(zip(files, reasons, strict=True), start=1):
            if reason is not None:
                skipped.append(Skipped(shown(file.relative_to(folder).as_posix()), reason))
                file.unlink()
            progress(done, len(files))
    for label in folder.iterdir():
        if not any(label.iterdir()):
            label.rmdir()
    return skipped


def _unreadable(file: Path) -> str | None:
    try:
        photo.decode(photo.read_photo_bytes(file), name=file.name, at_least=_DECODE_SIDE)
    except PhotoError as error:
        return str(error)
    return None


def _share(progress: Progress | None, begin: int, end: int) -> Callable[[int, int], None]:
    def report(done: int, total: int) -> None:
        if progress is not None and total:
            progress(begin + (end - begin) * done // total, 100)

    return report
