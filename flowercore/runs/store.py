"""The run folder: the truth about a training, in files that a person can read.

``run.json`` holds settings, state, data and times; an empty file ``cancel`` is the wish to stop.
``label.json`` is what people call it (`flowercore.runs.label`). What a training brings forth lies
beside it (`flowercore.runs.results`).
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flowercore.errors import JobError, NotFoundError, StorageError
from flowercore.files import home_folder, storage_errors, write_bytes, write_json
from flowercore.runs import holder, starter
from flowercore.runs import label as labels

ACTIVE = ("waiting", "features", "training")
ENDED = ("finished", "stopped", "failed")
_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}")
_LABEL = ("name", "note")


@dataclass(frozen=True)
class Run:
    """What ``run.json`` and ``label.json`` say.

    Attributes:
        id: Made by the server: date, time, milliseconds and chance as six hex digits.
        status: waiting, features, training, finished, stopped, failed, or damaged.
        holder: Name of the process that is responsible while the run is active.
        pid: Id of the process that carried it out.
        reason: Why it stopped, failed or is damaged, in words.
        config: Settings as `TrainConfig.to_dict` gives them.
        visitor: Random id of who started it.
        dataset: name, origin, identity, root, classes and counts of the data.
        counts: Photos in train, validation and test.
        split_identity: Hash of which photo is in which part.
        model: fingerprint of the backbone, numbers of trainable and frozen parameters, and the
            mean and deviation by which photos are standardised, if they are.
        created: When it was asked for, ISO 8601 in UTC; likewise started and finished.
        seconds: What features, training and the whole took.
        skipped: Photos left out, each with name and reason.
        notes: What a person should know about this run, in sentences.
        versions: Of the packages that computed it.
        name: What a person called it afterwards; empty for the name in its settings.
        note: What a person wrote about it.
    """

    id: str
    status: str
    holder: str = ""
    pid: int | None = None
    reason: str | None = None
    config: dict[str, Any] = field(default_factory=dict)
    visitor: str = ""
    dataset: dict[str, Any] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    split_identity: str = ""
    model: dict[str, Any] = field(default_factory=dict)
    created: str = ""
    started: str | None = None
    finished: str | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    skipped: list[dict[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    name: str = ""
    note: str = ""

    @property
    def active(self) -> bool:
        """Whether it waits or works."""
        return self.status in ACTIVE

    @property
    def given_name(self) -> str:
        """The name that a person gave it, now or when it was started; empty if none did."""
        return self.name or str(self.config.get("name") or "")

    @property
    def title(self) -> str:
        """What a person calls it."""
        return self.given_name or f"{self.dataset.get('name', 'run')} · {self.id[9:15]}"

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of the head's outputs."""
        return tuple(self.dataset.get("classes", ()))


# What readers of a run rely on; the others may be None.
_KINDS = {
    name: type(value)
    for name, value in asdict(Run("", "")).items()
    if isinstance(value, str | dict | list)
}


def now() -> str:
    """Return the present moment as ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def new_run(config: dict[str, Any], *, visitor: str, held_by: str) -> Run:
    """Make a run folder for a training that is asked for.

    Args:
        config: Settings.
        visitor: Random id of who asks.
        held_by: Holder that is responsible until a worker takes over.

    Returns:
        The run, waiting.

    Raises:
        StorageError: If the home folder cannot be written.
    """
    moment = datetime.now(UTC)
    # Milliseconds first, then chance: names sort by age also within a second.
    ending = f"{moment.microsecond // 1000:03x}{secrets.token_hex(2)[:3]}"
    run = Run(
        id=f"{moment:%Y%m%d-%H%M%S}-{ending}",
        status="waiting",
        holder=held_by,
        config=config,
        visitor=visitor,
        created=moment.isoformat(timespec="seconds"),
    )
    folder = home_folder("runs") / run.id
    with storage_errors():
        folder.mkdir()
    try:
        save(run)
    except StorageError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return run


def save(run: Run) -> None:
    """Write ``run.json``."""
    values = {key: value for key, value in asdict(run).items() if key not in _LABEL}
    write_json(_folder(run.id) / "run.json", values)


def update(run: Run, **changes: Any) -> Run:
    """Return the run with changes, after writing them."""
    changed = replace(run, **changes)
    save(changed)
    return changed


def label(run_id: str, *, name: str | None = None, note: str | None = None) -> Run:
    """Name a run, or write a note about it.

    Args:
        run_id: Its id.
        name: What to call it; empty for the name in its settings, None to leave it.
        note: What to say about it; None to leave it.

    Returns:
        The run as it is called now.

    Raises:
        ConfigError: If a text is too long or holds control characters.
        NotFoundError: If there is no such run.
        JobError: If it is the starter.
        StorageError: If the disk refuses.
    """
    starter.refuse(run_id)
    run = get(run_id)
    if name is not None:
        run = replace(run, name=labels.checked_name(name))
    if note is not None:
        run = replace(run, note=labels.checked_note(note))
    labels.write(folder(run_id), labels.Label(run.name, run.note))
    return run


def folder(run_id: str) -> Path:
    """Return a run's folder.

    Raises:
        NotFoundError: If there is no such run.
    """
    path = _folder(run_id)
    if not path.is_dir():
        raise NotFoundError(f"There is no run of that name. Received: {run_id[:80]!r}.")
    return path


def _folder(run_id: str) -> Path:
    if run_id == starter.NAME:
        return starter.there()
    # Ids are made here; whatever else comes in is no run, and never part of a path.
    if not _ID.fullmatch(run_id):
        raise NotFoundError(f"There is no run of that name. Received: {run_id[:80]!r}.")
    return home_folder("runs") / run_id


def get(run_id: str) -> Run:
    """Read a run; one whose process is gone is marked failed on the way.

    Args:
        run_id: Its id.

    Raises:
        NotFoundError: If there is no such run.
    """
    run = _read(run_id)
    if not run.active or holder.alive(run.holder):
        return run
    # Its holder may have ended properly, or handed it on, between the two looks.
    again = _read(run_id)
    if not again.active or again.holder != run.holder:
        return again
    reason = (
        "The server stopped before this run began. Start it again."
        if run.status == "waiting"
        else "The worker process is gone: it was killed, or the machine ran out of memory. "
        "Start it again."
    )
    changes: dict[str, Any] = {"status": "failed", "reason": reason, "finished": now()}
    try:
        failed = update(again, **changes)
    except StorageError:  # a full disk hides no run: it is marked by whoever looks next
        return replace(again, **changes)
    if run.status != "waiting":  # a queue holds many runs, a worker one
        holder.forget(run.holder)
    return failed


def _read(run_id: str) -> Run:
    path = folder(run_id) / "run.json"
    known = {f.name for f in fields(Run)} - set(_LABEL)
    try:
        values = json.loads(path.read_bytes())
        run = Run(**{key: value for key, value in values.items() if key in known})
        if run.id != run_id or run.status not in (*ACTIVE, *ENDED):
            raise ValueError("run.json tells of another run")
        if any(type(getattr(run, name)) is not kind for name, kind in _KINDS.items()):
            raise ValueError("run.json holds values of another kind")
    except (OSError, ValueError, TypeError, AttributeError):
        run = Run(
            id=run_id,
            status="damaged",
            reason="Its run.json cannot be read: it was edited or cut off. Delete the run.",
        )
    given = labels.read(path.parent)
    return replace(run, name=given.name, note=given.note)


def runs() -> list[Run]:
    """Return all runs, the newest first, damaged ones included."""
    names = (path.name for path in home_folder("runs").iterdir() if path.is_dir())
    found = []
    for name in sorted(filter(_ID.fullmatch, names), reverse=True):
        with suppress(NotFoundError):  # somebody deleted it since the look into the folder
            found.append(get(name))
    return found


def delete(run_id: str) -> None:
    """Delete a run and all that belongs to it.

    Raises:
        NotFoundError: If there is no such run.
        JobError: If it is active, or the starter.
        StorageError: If the disk refuses.
    """
    starter.refuse(run_id)
    run = get(run_id)
    if run.active:
        raise JobError("A run must have ended before it is deleted. Stop it first.")
    path = folder(run_id)
    gone = path.with_name(f".{run_id}.deleted")
    with storage_errors():
        # At one stroke: nobody sees a run with half its files, which would look damaged.
        path.rename(gone)
        shutil.rmtree(gone)


def request_cancel(run_id: str) -> None:
    """Ask a run to stop; its worker looks every epoch and every batch of features."""
    write_bytes(folder(run_id) / "cancel", b"")


def cancel_requested(run_id: str) -> bool:
    """Tell whether somebody asked this run to stop."""
    return (_folder(run_id) / "cancel").exists()
