"""Clearing a room for the next group: what its visitors made and brought goes.

What everybody shares stays, and what the leaders made: it was prepared for the next group.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace

from flowercore.data import catalog, drafts, look_cache
from flowercore.errors import FlowercoreError, JobError, NotFoundError
from flowercore.jobs import dataset_changes, packing, queue, tasks
from flowercore.runs import store
from flowercore.workshop import leaders, room
from flowercore.workshop.room import Room

_PAUSE_SECONDS = 0.3
_PATIENCE_SECONDS = 600
_RUNS, _DATASETS, _TASKS = "runs", "datasets", "tasks"


@dataclass(frozen=True)
class Belongings:
    """What a room's visitors have, without its leaders.

    Attributes:
        visitors: How many they are.
        nicknames: How many of them chose a name.
        runs: Ids of their runs.
        active: How many of these wait or work.
        datasets: Names of their own datasets.
        photos: How many photos are in those.
        tasks: Ids of their tasks, such as imports with their uploads.
    """

    visitors: int
    nicknames: int
    runs: tuple[str, ...]
    active: int
    datasets: tuple[str, ...]
    photos: int
    tasks: tuple[str, ...]


def look() -> Belongings:
    """Return what clearing would delete.

    Raises:
        StorageError: If the home folder cannot be read.
    """
    return _look(_visitors(room.read()))


def clear() -> Belongings:
    """Stop what the room's visitors have at work and delete all that is theirs.

    What a worker still holds is deleted as soon as it lets go, which the room's file remembers.

    Returns:
        What was there.

    Raises:
        StorageError: If the home folder cannot be used.
    """
    gone: list[str] = []
    found: list[Belongings] = []

    def leave(now: Room) -> Room:
        # At one stroke: who comes back a moment later is a new guest, whose things are not these.
        gone[:] = _visitors(now)
        found[:] = [_look(gone)]
        (there,) = found
        new = {_RUNS: there.runs, _DATASETS: there.datasets, _TASKS: there.tasks}
        leaving = {
            kind: list(dict.fromkeys([*now.leaving.get(kind, ()), *ids]))
            for kind, ids in new.items()
        }
        stay = {one: nick for one, nick in now.members.items() if one not in gone}
        return replace(now, members=stay, leaving=leaving)

    room.change(leave)
    (there,) = found
    for run_id in there.runs:
        with suppress(NotFoundError):
            queue.cancel(run_id)
    for task_id in there.tasks:
        with suppress(NotFoundError):
            queue.cancel_task(task_id)
    for visitor in gone:
        with suppress(NotFoundError):
            drafts.discard_all(visitor)
    if sweep():
        threading.Thread(target=_sweep_on, daemon=True).start()
    return there


def sweep() -> int:
    """Delete what is leaving and is no longer worked with.

    Returns:
        How many things could not be deleted yet.

    Raises:
        StorageError: If the room's file cannot be used.
    """
    leaving = room.read().leaving
    if not any(leaving.values()):
        return 0
    # Runs and tasks first: a dataset that one of them uses is not deleted.
    done = {
        _RUNS: {one for one in leaving.get(_RUNS, ()) if _run_gone(one)},
        _TASKS: {one for one in leaving.get(_TASKS, ()) if _task_gone(one)},
        _DATASETS: {one for one in leaving.get(_DATASETS, ()) if _dataset_gone(one)},
    }

    def shorten(now: Room) -> Room:
        rest = {
            kind: [one for one in some if one not in done.get(kind, ())]
            for kind, some in now.leaving.items()
        }
        return replace(now, leaving={kind: some for kind, some in rest.items() if some})

    return sum(map(len, room.change(shorten).leaving.values()))


def _visitors(now: Room) -> list[str]:
    stay = leaders.leaders_of(now)
    return [visitor for visitor in now.members if visitor not in stay]


def _look(visitors: Iterable[str]) -> Belongings:
    now, whose = room.read(), set(visitors)
    runs = [run for run in store.runs() if run.visitor in whose]
    datasets = [entry for entry in catalog.entries() if entry.owner in whose]
    return Belongings(
        visitors=len(whose),
        nicknames=sum(bool(now.members.get(one)) for one in whose),
        runs=tuple(run.id for run in runs),
        active=sum(run.active for run in runs),
        datasets=tuple(entry.name for entry in datasets),
        photos=sum(sum(entry.classes.values()) for entry in datasets),
        tasks=tuple(task.id for task in tasks.everything() if task.visitor in whose),
    )


def _sweep_on() -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    with suppress(FlowercoreError):  # the leader's page tries again and says why
        while sweep() and time.monotonic() < end:
            time.sleep(_PAUSE_SECONDS)


def _run_gone(run_id: str) -> bool:
    try:
        store.delete(run_id)
    except NotFoundError:
        return True
    except JobError:  # its worker has not heard yet
        return False
    return True


def _task_gone(task_id: str) -> bool:
    try:
        task = tasks.look(task_id)
    except NotFoundError:
        return True
    if task.active:
        return False
    packing.forget(str(task.result.get("token", "")))
    tasks.forget(task_id)
    return True


def _dataset_gone(name: str) -> bool:
    try:
        hashes = [photo.sha256 for photo in catalog.load(name, mended=False).photos]
        dataset_changes.delete(name)
    except NotFoundError:
        return True
    except JobError:  # somebody works with it
        return False
    look_cache.forget(hashes)
    return True
