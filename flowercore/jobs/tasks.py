"""Work for a worker that is no training, such as an import: what was asked for and how far it is.

``task.json`` in the task's folder is the truth about it; an empty file ``cancel`` is the wish to
stop. Ended tasks are forgotten after a week.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flowercore.errors import JobError, NotFoundError, StorageError
from flowercore.files import home_folder, storage_errors, write_bytes, write_json
from flowercore.jobs.slots import GONE
from flowercore.runs import holder, store
from flowercore.settings import settings

ACTIVE = ("waiting", "running")
ENDED = ("finished", "failed", "stopped")
SERVER_STOPPED = "The server stopped before this began. Start it again."
_KEPT = timedelta(days=7)
_CALLED = {"calibrate": "calibration", "evaluate": "evaluation"} | {
    "robustness": "measurement of robustness"
}
_ID = re.compile(r"\d{8}-\d{6}-\d{6}-[0-9a-f]{6}")


@dataclass(frozen=True)
class Task:
    """What ``task.json`` says.

    Attributes:
        id: Made by the server: date, time, microseconds and chance; sorts by age.
        kind: A name in `flowercore.jobs.task_kinds.KINDS`.
        arguments: What it is done with.
        visitor: Random id of who asked for it.
        state: waiting, running, finished, failed or stopped.
        step: What is being done, in words.
        done: How far that step is.
        total: Of how many; 0 while that is not known.
        reason: Why it failed or stopped, in words.
        result: What came of it, once it is finished.
        holder: Name of the process that is responsible while it is active.
        created: When it was asked for, ISO 8601 in UTC; likewise ended.
        pid: Id of the process that carried it out.
        seen: Whether the visitor has read what became of it.
    """

    id: str
    kind: str
    arguments: dict[str, Any] = field(default_factory=dict)
    visitor: str = ""
    state: str = "waiting"
    step: str = ""
    done: int = 0
    total: int = 0
    reason: str | None = None
    result: dict[str, Any] = field(default_factory=dict)
    holder: str = ""
    created: str = ""
    ended: str = ""
    pid: int | None = None
    seen: bool = False

    @property
    def active(self) -> bool:
        """Whether it waits or works."""
        return self.state in ACTIVE

    @property
    def share(self) -> float:
        """How much of the present step is done, 0..1."""
        return min(1.0, self.done / self.total) if self.total > 0 else 0.0


_KINDS = {
    name: type(value)
    for name, value in asdict(Task("", "")).items()
    if isinstance(value, str | dict | int)
}


def new(kind: str, arguments: Mapping[str, Any], *, visitor: str, held_by: str) -> Task:
    """Write down a task that is asked for.

    Args:
        kind: What kind of work.
        arguments: What it is done with: text, numbers, lists and mappings of those.
        visitor: Random id of who asks.
        held_by: Holder that is responsible until a worker takes over.

    Returns:
        The task, waiting.

    Raises:
        StorageError: If the home folder cannot be written.
    """
    _sweep()
    moment = datetime.now(UTC)
    task = Task(
        id=f"{moment:%Y%m%d-%H%M%S-%f}-{secrets.token_hex(3)}",
        kind=kind,
        arguments=dict(arguments),
        visitor=visitor,
        holder=held_by,
        created=store.now(),
    )
    path = home_folder("tasks") / task.id
    with storage_errors():
        path.mkdir()
    try:
        update(task)
    except StorageError:
        shutil.rmtree(path, ignore_errors=True)
        raise
    return task


def update(task: Task, *, durable: bool = True, **changes: Any) -> Task:
    """Return the task with changes, after writing them; see `flowercore.files.write_json`."""
    changed = replace(task, **changes)
    write_json(folder(task.id) / "task.json", asdict(changed), durable=durable)
    return changed


def folder(task_id: str) -> Path:
    """Return a task's folder.

    Raises:
        NotFoundError: If there is no such task.
    """
    # Ids are made here; whatever else comes in is no task, and never part of a path.
    path = home_folder("tasks") / task_id if _ID.fullmatch(task_id) else None
    if path is None or not path.is_dir():
        raise NotFoundError(f"There is no task of that name. Received: {task_id[:80]!r}.")
    return path


def look(task_id: str) -> Task:
    """Return how far a task is; one whose process is gone is marked failed on the way.

    Raises:
        NotFoundError: If there is no such task.
    """
    task = _read(task_id)
    if not task.active or holder.alive(task.holder):
        return task
    # Its holder may have ended properly, or handed it on, between the two looks.
    again = _read(task_id)
    if not again.active or again.holder != task.holder:
        return again
    reason = SERVER_STOPPED if again.state == "waiting" else GONE
    try:
        return _end(again, "failed", reason)
    except StorageError:  # a full disk hides no task: it is marked by whoever looks next
        return replace(again, state="failed", reason=reason)


def _read(task_id: str) -> Task:
    path = folder(task_id) / "task.json"
    known = {one.name for one in fields(Task)}
    try:
        values = json.loads(path.read_bytes())
        task = Task(**{key: value for key, value in values.items() if key in known})
        if task.id != task_id or task.state not in (*ACTIVE, *ENDED):
            raise ValueError("task.json tells of another task")
        if any(type(getattr(task, name)) is not kind for name, kind in _KINDS.items()):
            raise ValueError("task.json holds values of another kind")
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise NotFoundError(f"The task {task_id} cannot be read: it was edited.") from error
    return task


def newest(visitor: str, kind: str) -> Task | None:
    """Return a visitor's newest task of a kind, or None."""
    return next(_of(visitor, kind), None)


def all_active() -> list[Task]:
    """Return all tasks that wait or work, whoever asked for them."""
    return [task for task in everything() if task.active]


def _of(visitor: str, kind: str) -> Iterator[Task]:
    return (task for task in everything() if (task.visitor, task.kind) == (visitor, kind))


def everything() -> Iterator[Task]:
    """Yield all tasks that are remembered, the newest first."""
    for name in sorted((path.name for path in home_folder("tasks").iterdir()), reverse=True):
        with suppress(NotFoundError):  # swept since the look into the folder, or damaged
            yield look(name)


def refuse(kind: str, visitor: str, *, waiting: int) -> None:
    """Refuse a task that cannot be accepted now.

    Args:
        kind: What kind of work.
        visitor: Random id of who asks.
        waiting: How many tasks wait already.

    Raises:
        JobError: If this visitor has an active one of that kind, or too many wait.
    """
    if any(task.active for task in _of(visitor, kind)):
        called = _CALLED.get(kind, kind.replace("-", " "))
        raise JobError(
            f"One {called} a visitor runs at a time, and yours is still active. Wait for its end "
            "or stop it."
        )
    limit = settings().limits.jobs_waiting_max
    if waiting >= limit:
        raise JobError(
            f"At most {limit} tasks may wait. Received: one more. Try again when some have ended."
        )


def cancel(task_id: str) -> Task:
    """Ask a task to stop: it does so at once if it has not begun, else when its worker looks.

    Returns:
        The task as it is now.

    Raises:
        NotFoundError: If there is no such task.
    """
    task = look(task_id)
    if not task.active:
        return task
    # The wish first: a worker that takes the task up at this moment finds it.
    write_bytes(folder(task_id) / "cancel", b"")
    task = look(task_id)
    return _end(task, "stopped", "Stopped before it began.") if task.state == "waiting" else task


def cancel_requested(task_id: str) -> bool:
    """Tell whether somebody asked this task to stop."""
    return (home_folder("tasks") / task_id / "cancel").exists()


def fail(task_id: str, reason: str) -> None:
    """Mark a task as failed of whose worker nothing is heard any more.

    One that lives all the same, such as one that was cut off from its scheduler, is asked to stop.

    Raises:
        NotFoundError: If there is no such task.
        StorageError: If the disk refuses.
    """
    task = _read(task_id)
    if not task.active:
        return
    write_bytes(folder(task_id) / "cancel", b"")
    if task.state == "waiting" or not holder.alive(task.holder):
        _end(task, "failed", reason)


def forget(task_id: str) -> None:
    """Delete what is remembered of an ended task; of an active one nothing is deleted.

    Raises:
        StorageError: If the disk refuses.
    """
    with suppress(NotFoundError):
        if not look(task_id).active:
            with storage_errors():
                shutil.rmtree(folder(task_id))


def mark_seen(task_id: str) -> None:
    """Note that the visitor has read what became of an ended task.

    Raises:
        StorageError: If the disk refuses.
    """
    with suppress(NotFoundError):
        task = look(task_id)
        if not task.active:
            update(task, seen=True)


def _end(task: Task, state: str, reason: str) -> Task:
    return update(task, state=state, reason=reason, ended=store.now())


def _sweep() -> None:
    oldest = f"{datetime.now(UTC) - _KEPT:%Y%m%d-%H%M%S}"
    for path in home_folder("tasks").iterdir():
        if _ID.fullmatch(path.name) and path.name < oldest:
            shutil.rmtree(path, ignore_errors=True)
