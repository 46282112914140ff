"""Looking for what is wrong with a dataset, as a task of a worker."""

from __future__ import annotations

from typing import Any

from flowercore.audit import store
from flowercore.audit.audit import audit
from flowercore.data import catalog
from flowercore.jobs.task_work import TaskReporter


def audit_dataset(arguments: dict[str, Any], reporter: TaskReporter) -> dict[str, Any]:
    """Audit a dataset as it is now and keep what was found.

    Args:
        arguments: ``data``, the name of a dataset of the catalog.
        reporter: Hears how far it is.

    Returns:
        How many findings there are of each kind.

    Raises:
        FlowercoreError: If it cannot be done.
    """
    reporter.step("Reading the list of photos")
    dataset = catalog.load(str(arguments["data"]))
    found = audit(dataset, progress=reporter.step, check=reporter.check)
    reporter.check()
    store.save(found)
    return {"problems": {str(k): int(n) for k, n in found.problems["kind"].value_counts().items()}}
