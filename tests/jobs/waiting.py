"""Waiting for runs, with patience for a busy machine, and looking at processes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from flowercore.runs import results, store

PATIENCE_SECONDS = 120


def until(reached: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait for something, or fail and say what did not come about."""
    end = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > end:
            pytest.fail(f"after {seconds:g} s: not {what}")
        time.sleep(0.02)


def wait_for(run_id: str, reached: Callable[[store.Run], bool]) -> store.Run:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        run = store.get(run_id)
        if reached(run):
            return run
        time.sleep(0.02)
    pytest.fail(f"run {run_id} is still {store.get(run_id)}")


def wait_for_end(run_id: str) -> store.Run:
    return wait_for(run_id, ended)


def ended(run: store.Run) -> bool:
    return not run.active


def computing(run: store.Run) -> bool:
    """Whether its photos go through the backbone."""
    return results.progress(run.id).step == "features" or ended(run)


def in_epochs(run: store.Run) -> bool:
    """Whether it is past its first epochs and before its last."""
    return results.progress(run.id).epoch >= 2 or ended(run)


def pid_of(run_id: str) -> int:
    pid = store.get(run_id).pid
    assert pid is not None
    assert pid != os.getpid()
    return pid


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def children(pid: int) -> set[int]:
    """Return the processes that a process has started and that still live."""
    found = set()
    for task in Path("/proc").glob("[0-9]*"):
        try:
            fields = (task / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if fields[0] != "Z" and int(fields[1]) == pid:
            found.add(int(task.name))
    return found
