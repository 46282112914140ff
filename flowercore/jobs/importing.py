"""Taking an uploaded archive in, or a published dataset from the internet, as a task."""

from __future__ import annotations

from typing import Any

from flowercore.data import catalog, downloading, sources
from flowercore.data.catalog import ImportReport
from flowercore.jobs import uploads
from flowercore.jobs.task_work import TaskReporter

_STEP = "Unpacking and checking every photo"
_LISTED = 500


def import_upload(arguments: dict[str, Any], reporter: TaskReporter) -> dict[str, Any]:
    """Import an archive that a visitor uploaded.

    Args:
        arguments: ``upload``, an id from `uploads.keep`, ``name`` of the new dataset, and
            ``owner``: a visitor id, or empty for everybody's.
        reporter: Hears how far it is.

    Returns:
        See `told`.

    Raises:
        FlowercoreError: If it cannot be taken in; nothing of it stays.
    """
    source = uploads.path(arguments["upload"])
    report = catalog.import_source(
        source,
        arguments["name"],
        owner=str(arguments.get("owner", "")),
        progress=reporter.counter(_STEP),
    )
    return told(report)


def download(arguments: dict[str, Any], reporter: TaskReporter) -> dict[str, Any]:
    """Fetch a published dataset and import it for everybody.

    Args:
        arguments: ``source``, its name.
        reporter: Hears how far it is; bytes while it is fetched, per cent afterwards.

    Returns:
        See `told`; ``notes`` say whether it is the original.

    Raises:
        FlowercoreError: If it cannot be had; what was fetched is kept for the next attempt.
    """
    source = sources.get(str(arguments["source"]))
    report = downloading.download(source, step=reporter.step, check=reporter.check)
    return told(report) | {"notes": downloading.notes(source, report)}


def told(report: ImportReport) -> dict[str, Any]:
    """Return what an import brought in, as JSON values.

    Returns:
        ``name``, ``classes`` (photos by class), ``skipped`` (name and reason of the first files
        that were left out) and ``left_out`` (how many there were).
    """
    listed = report.skipped[:_LISTED]
    return {
        "name": report.dataset.name,
        "classes": report.dataset.counts(),
        "skipped": [{"name": one.name, "reason": one.reason} for one in listed],
        "left_out": len(report.skipped),
    }
