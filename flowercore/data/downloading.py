"""Fetching a published dataset and taking it in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flowercore.data import staging
from flowercore.data.importing import ImportReport, import_source
from flowercore.data.sources import Source
from flowercore.download.fetching import digest, fetch
from flowercore.errors import ArchiveError, DatasetError, DownloadError
from flowercore.files import home_folder, locked, storage_errors
from flowercore.settings import settings

Step = Callable[[str, int, int], None]
"""Called with (what is being done, done, total); may raise CancelledError to stop."""

FETCHING = "Fetching"
_TAKING_IN = "Unpacking and checking every photo"


def download(
    source: Source,
    *,
    file: Path | None = None,
    step: Step | None = None,
    check: Callable[[], None] | None = None,
) -> ImportReport:
    """Fetch a published dataset and import it under its own name, for everybody.

    What was received before a connection broke is kept, and the next attempt goes on from there.

    Args:
        source: Facts of the dataset.
        file: Its archive, if it is at hand; else it is fetched, and not kept once it is imported.
        step: Hears how far it is; bytes while it is fetched, per cent afterwards.
        check: Called ten times a second or oftener while it is fetched; raises to stop.

    Returns:
        The new dataset and what was left out.

    Raises:
        DatasetError: If it is there already, or the archive holds something else.
        ArchiveError: If what came is no archive or a damaged one.
        DownloadError: If it could not be fetched or is not the expected file.
        StorageError: If the disk is full or refuses.
    """
    check = check or (lambda: None)
    step = step or (lambda what, done, total: None)
    with locked(home_folder("downloads") / f".{source.name}.lock", check):
        staging.require_free_name(source.name)
        if file is not None:
            _require_expected(source, file)
            return _take_in(source, file, step)
        archive = _fetch(source, step, check)
        try:
            report = _take_in(source, archive, step)
        except (ArchiveError, DatasetError):
            archive.unlink(missing_ok=True)  # to be fetched anew, not tried again
            raise
        with storage_errors():
            archive.unlink()
        return report


def notes(source: Source, report: ImportReport) -> list[str]:
    """Say what a person should know of what was fetched, in sentences.

    Args:
        source: What was asked for.
        report: What came in.
    """
    found = len(report.dataset.photos)
    said = (
        ["The archive's SHA-256 is the published one."]
        if source.sha256
        else [
            "No hash of this archive is on record, so nobody can say whether it is the original. "
            f"What was checked: its folders are those of {', '.join(source.classes)}, and every "
            "photo can be decoded."
        ]
    )
    if found != source.photos:
        said.append(f"{source.photos:,} photos were expected. Received: {found:,}.")
    return [*said, f"Terms of use: {source.licence}."]


def _fetch(source: Source, step: Step, check: Callable[[], None]) -> Path:
    target = home_folder("downloads") / source.file
    try:
        return fetch(
            source.url,
            target,
            expected=source.expected,
            size=source.size,
            progress=lambda done, total: step(FETCHING, done, total),
            check=check,
            limit=settings().limits.archive_bytes,
        )
    except DownloadError as error:
        raise DownloadError(
            f"{error} Without internet: the painted garden needs none; and if somebody has the "
            f"file {source.file}, import that by hand."
        ) from error


def _take_in(source: Source, archive: Path, step: Step) -> ImportReport:
    return import_source(
        archive,
        source.name,
        origin=f"downloaded from {source.server}",
        class_names=source.class_names,
        progress=lambda done, total: step(_TAKING_IN, done, total),
    )


def _require_expected(source: Source, file: Path) -> None:
    if source.expected is None or not file.is_file():  # the import says that it is missing
        return
    received = digest(file, source.expected)
    if received != source.expected:
        raise ArchiveError(
            f"The archive of {source.name} must have the hash {source.expected}. "
            f"Received: {received}. To bring in other photos, import the file under another name."
        )
