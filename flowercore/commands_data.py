"""The commands that bring datasets in and keep them. Each returns what ``--json`` prints."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from flowercore.data import catalog, downloading, sources
from flowercore.errors import ConfigError
from flowercore.jobs import dataset_changes
from flowercore.settings import MEGABYTE
from flowercore.terminal import Progress


def datasets(arguments: Namespace) -> list[dict[str, Any]]:
    """List the datasets that are there."""
    return [
        {"name": entry.name, "classes": entry.classes, "origin": entry.origin}
        for entry in catalog.entries()
    ]


def import_(arguments: Namespace) -> dict[str, Any]:
    """Import a folder or an archive of class folders."""
    with Progress(f"Importing {arguments.name}") as progress:
        report = catalog.import_source(
            Path(arguments.source), arguments.name, progress=progress.count
        )
    return _imported(report)


def download(arguments: Namespace) -> dict[str, Any]:
    """Fetch a published dataset from the internet, or take its archive in where it is at hand."""
    source = sources.get(arguments.name)
    file = Path(arguments.file) if arguments.file else None
    with Progress(f"Bringing in {source.name}") as progress:

        def step(what: str, done: int, total: int) -> None:
            unit = MEGABYTE if what == downloading.FETCHING else 1
            progress.count(done // unit, total // unit)

        report = downloading.download(source, file=file, step=step)
    notes = downloading.notes(source, report)
    for note in notes:
        print(note, file=sys.stderr)
    return _imported(report) | {"notes": notes}


def _imported(report: catalog.ImportReport) -> dict[str, Any]:
    for skipped in report.skipped:
        print(f"left out: {skipped.name}: {skipped.reason}", file=sys.stderr)
    return {
        "name": report.dataset.name,
        "classes": report.dataset.counts(),
        "skipped": [{"name": s.name, "reason": s.reason} for s in report.skipped],
    }


def rename(arguments: Namespace) -> dict[str, Any]:
    """Give a dataset another name."""
    return {"name": dataset_changes.rename(arguments.name, arguments.new_name)}


def delete(arguments: Namespace) -> dict[str, Any]:
    """Delete a dataset, after asking unless ``--yes`` was given."""
    if not arguments.yes and not _sure(arguments.name):
        raise ConfigError(f"Nothing was deleted. To delete '{arguments.name}' for good, add --yes.")
    dataset_changes.delete(arguments.name)
    return {"deleted": arguments.name}


def _sure(name: str) -> bool:
    if not sys.stdin.isatty():
        return False
    print(f"Delete '{name}' with all its photos? Type its name: ", end="", file=sys.stderr)
    return sys.stdin.readline().strip() == name
