"""The end of a run that its worker did not write down itself."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

from flowercore.errors import NotFoundError, StorageError
from flowercore.runs import store

_PATIENCE_SECONDS = 60
_PAUSE_SECONDS = 0.2


def active(run_id: str) -> bool:
    """Tell whether a run is there and waits or works."""
    try:
        return store.get(run_id).active
    except NotFoundError:
        return False


def fail(run_id: str, reason: str) -> None:
    """Mark a run as failed of whose worker nothing is heard any more.

    If its worker lives all the same, such as one that was cut off from its scheduler, it is asked
    to stop first: the run must not go on beside its next start.

    Args:
        run_id: Id of the run.
        reason: Why, in words.

    Raises:
        NotFoundError: If there is no such run.
    """
    if not _failed(run_id, reason, ("waiting",)):
        threading.Thread(target=_fail_in_time, args=(run_id, reason), daemon=True).start()


def _failed(run_id: str, reason: str, marked: tuple[str, ...]) -> bool:
    """Tell whether the run has ended, after marking it as failed if its status is among these."""
    try:
        run = store.get(run_id)
        if run.active:
            store.request_cancel(run_id)
        if run.status in marked:
            store.update(run, status="failed", reason=reason, finished=store.now())
            return True
    except StorageError:  # the disk may have room again in a moment
        return False
    return not run.active


def _fail_in_time(run_id: str, reason: str) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    with suppress(NotFoundError):
        # It stops because it was asked to, which is not what became of it.
        while not _failed(run_id, reason, ("waiting", "stopped")) and time.monotonic() < end:
            time.sleep(_PAUSE_SECONDS)
