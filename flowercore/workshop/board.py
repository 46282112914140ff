"""All runs of a room as they train, best first: names and numbers, nothing of anybody's photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from flowercore.backbones import registry
from flowercore.data import catalog
from flowercore.errors import FlowercoreError
from flowercore.runs import results, store
from flowercore.runs.results import Progress
from flowercore.runs.store import Run
from flowercore.settings import settings
from flowercore.training.config import TrainConfig
from flowercore.workshop import names
from flowercore.workshop.room import Room

OWN = "own photos"
"""What the board says instead of the name of a visitor's own dataset."""
GONE = "photos that are gone"


@dataclass(frozen=True)
class Row:
    """One run on the board.

    Attributes:
        run: Its id.
        visitor: Id of who started it.
        who: What they are called in the room.
        data: Name of a dataset that everybody sees, else `OWN` or `GONE`.
        network: Which backbone, and whether its end was trained too.
        status: See `flowercore.runs.store.Run`.
        progress: How far an active run is.
        accuracy: On its test photos; None before the end, and where there is no test.
        accuracy_interval: Its 95 % interval.
        seconds: What the whole took, or so far; None where that is not known.
    """

    run: str
    visitor: str
    who: str
    data: str
    network: str
    status: str
    progress: Progress
    accuracy: float | None
    accuracy_interval: tuple[float, float] | None
    seconds: float | None

    @property
    def active(self) -> bool:
        """Whether it waits or works."""
        return self.status in store.ACTIVE


def rows(room: Room, leaders: set[str], now: datetime | None = None) -> list[Row]:
    """Return the board.

    Args:
        room: Whose runs; those of visitors who are not in it are not shown.
        leaders: Who leads it, whose runs are shown as well.
        now: The present, for tests.

    Returns:
        Those at work first, the one that began first on top; then by accuracy, the best first;
        then those without a test, and at last those that failed.

    Raises:
        StorageError: If the home folder cannot be read.
    """
    called = names.names(room.members)
    leaving = set(room.leaving.get("runs", ()))
    inside = {*called, *leaders}
    runs = [run for run in store.runs() if run.visitor in inside and run.id not in leaving]
    owners = {entry.name: entry.owner for entry in catalog.entries()}
    moment = now or datetime.now(UTC)
    found = [
        _row(run, called.get(run.visitor) or names.invented(run.visitor), owners, moment)
        for run in runs
    ]
    return sorted(found, key=_place)


def best_of_each(all_rows: Sequence[Row]) -> list[Row]:
    """Return one row a visitor: their run at work, else their best, in the order of the board."""
    seen: set[str] = set()
    first: list[Row] = []
    for row in all_rows:
        if row.visitor not in seen:
            seen.add(row.visitor)
            first.append(row)
    return first


def _place(row: Row) -> tuple[int, float, str]:
    if row.active:
        return (0, 0.0, row.run)
    if row.accuracy is not None:
        return (1, -row.accuracy, row.run)
    return (2 if row.status in ("finished", "stopped") else 3, 0.0, row.run)


def _row(run: Run, who: str, owners: dict[str, str], now: datetime) -> Row:
    accuracy, interval = (None, None) if run.active else _verdict(settings().home, run.id)
    return Row(
        run=run.id,
        visitor=run.visitor,
        who=who,
        data=_data(run, owners),
        network=_network(run),
        status=run.status,
        progress=results.progress(run.id) if run.active else Progress(),
        accuracy=accuracy,
        accuracy_interval=interval,
        seconds=_seconds(run, now),
    )


def _data(run: Run, owners: dict[str, str]) -> str:
    name = str(run.config.get("data", ""))
    if name not in owners:  # deleted or renamed since: nobody knows any more whose it was
        return GONE
    return OWN if owners[name] else name


def _network(run: Run) -> str:
    try:
        config = TrainConfig.from_dict(run.config)
        title = registry.get(config.backbone).title
        if config.from_scratch:
            return f"{title}, from scratch"
    except (FlowercoreError, TypeError):  # its settings are damaged
        return ""
    return f"{title}, fine-tuned" if config.fine_tune_from else title


def _seconds(run: Run, now: datetime) -> float | None:
    if not run.active:
        total = run.seconds.get("total")
        return None if total is None else float(total)
    try:
        since = datetime.fromisoformat(run.started or run.created)
    except ValueError:
        return None
    return max(0.0, (now - since).total_seconds())


# What an ended run is worth does not change; a board looks every other second.
@lru_cache(maxsize=1_000)
def _ended(home: Path, run_id: str) -> tuple[float | None, tuple[float, float] | None]:
    values = results.metrics(run_id)
    if not values:
        return None, None
    low, high = values["accuracy_interval"]
    return float(values["accuracy"]), (float(low), float(high))


def _verdict(home: Path, run_id: str) -> tuple[float | None, tuple[float, float] | None]:
    try:
        return _ended(home, run_id)
    except (FlowercoreError, KeyError, TypeError, ValueError):  # deleted meanwhile, or damaged
        return None, None
