"""Processes that do nothing but jobs: of lowest priority, and gone when the server is."""

from __future__ import annotations

import os
import threading
import time

from flowercore.settings import settings

_NICENESS = 19
# Numerical libraries read these when they load; more threads than cores get in each other's way.
_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)
# Threads that wait for each other must not keep the cores busy that they wait for.
_WAITING = {"OMP_WAIT_POLICY": "PASSIVE"}
_PARENT_CHECK_SECONDS = 1


def thread_variables() -> dict[str, str]:
    """Return the environment in which numerical libraries take no more threads than allowed."""
    return dict.fromkeys(_THREAD_VARIABLES, str(settings().threads)) | _WAITING


def settle() -> None:
    """Make the calling thread a worker's: lowest priority, no more threads than allowed.

    Only for processes that do nothing but jobs. Once or often is the same.
    """
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    for variable, threads in thread_variables().items():
        os.environ.setdefault(variable, threads)


def start(parent: int) -> None:
    """Set up a worker process of the server, which does not outlive it.

    Args:
        parent: Process id of the server.
    """
    settle()
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()


def _leave_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_PARENT_CHECK_SECONDS)
    os._exit(1)
