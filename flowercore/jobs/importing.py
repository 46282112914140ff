"""Taking an uploaded archive in, as a task."""

from __future__ import annotations

from typing import Any

from flowercore.data import catalog
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
    report = catalog.import_source(source, arguments["name"], progress=reporter.counter(_STEP))
    return told(report)


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
