"""Numbers and names in words. Pure functions: nothing here draws."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import PurePath
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flowercore.runs import starter
from flowercore.runs.store import Run

_SPACES = re.compile(r"[^\S\u00a0\u202f]+")  # but not those at which no line breaks
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:^=&])")

STATES = {
    "waiting": "waiting",
    "features": "looking at the photos",
    "training": "training",
    "finished": "finished",
    "stopped": "stopped",
    "failed": "failed",
    "damaged": "damaged",
}


def plain(text: str) -> str:
    """Return text that Markdown shows as it is: names come from visitors and files."""
    return _MARKDOWN.sub(r"\\\1", _SPACES.sub(" ", text).strip())


def many(count: int, thing: str, things: str | None = None) -> str:
    """Return a count with its noun: ``1 photo``, ``1,200 photos``."""
    return f"{count:,} {thing if count == 1 else things or thing + 's'}"


def percent(share: float, digits: int = 1) -> str:
    """Return a share 0..1 as per cent, with a thin space: ``93.0 %``."""
    return f"{share * 100:.{digits}f}\u202f%"


def listing(names: Iterable[str]) -> str:
    """Return names as in a sentence: ``daisy, rose and tulip``."""
    *first, last = list(names) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def duration(seconds: float) -> str:
    """Return a time a person would say: ``0.4 s``, ``12 s``, ``2 min 5 s``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def size(count: int) -> str:
    """Return a file size: ``85 kB``, ``2.4 MB``."""
    return f"{count / 1e6:.1f} MB" if count >= 999_500 else f"{max(1, round(count / 1e3))} kB"


def when(moment: str, zone: str | None, now: datetime | None = None) -> str:
    """Return a moment as the visitor would say it.

    Args:
        moment: ISO 8601.
        zone: The visitor's time zone, such as ``Europe/Berlin``; None for UTC.
        now: The present, for tests.

    Returns:
        ``today, 08:01``, ``yesterday, 08:01`` or ``24 Nov 2025, 08:01``; empty if unreadable.
    """
    then = local(moment, zone)
    if then is None:
        return ""
    today = (now or datetime.now(UTC)).astimezone(_zone(zone)).date()
    days = (today - then.date()).days
    day = {0: "today", 1: "yesterday"}.get(days, f"{then.day} {then:%b %Y}")
    return f"{day}, {then:%H:%M}"


def local(moment: str, zone: str | None) -> datetime | None:
    """Return a moment by the visitor's clock; None if it is unreadable.

    Args:
        moment: ISO 8601.
        zone: The visitor's time zone, such as ``Europe/Berlin``; None for UTC.
    """
    try:
        return datetime.fromisoformat(moment).astimezone(_zone(zone))
    except ValueError:
        return None


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else ZoneInfo("UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def of_hundred(low: float, high: float) -> str:
    """Say an interval of a share as photos out of a hundred."""
    first, last = round(low * 100), round(high * 100)
    if first == last:
        return f"about {first} of 100 new photos like these"
    return f"between {first} and {last} of 100 new photos like these"


def balance(counts: Mapping[str, int]) -> str:
    """Judge how evenly the photos are spread over the classes, in one or two sentences.

    Args:
        counts: Photos by class name.
    """
    if not counts:
        return "There are no classes yet."
    if len(counts) == 1:
        return "There is one class only: a model needs at least two to choose between."
    ordered = sorted(counts.items(), key=lambda item: item[1])
    (rarest, fewest), (commonest, most) = ordered[0], ordered[-1]
    if fewest == most:
        verdict = f"Well balanced: every class has {many(most, 'photo')}."
    elif most <= 1.5 * fewest:
        verdict = f"Well balanced: {fewest:,} to {most:,} photos in each class."
    elif most <= 3 * fewest:
        verdict = (
            f"A little uneven: {commonest} has {most / fewest:.1f} times as many photos as "
            f"{rarest}."
        )
    else:
        verdict = (
            f"Uneven: {commonest} has {most / fewest:.1f} times as many photos as {rarest}, so a "
            f"model will lean towards {commonest}."
        )
    if fewest < 20:
        verdict += f" With {many(fewest, 'photo')} of {rarest} its scores will be shaky."
    return verdict


def data_of(run: Run) -> str:
    """Return what a run's data is called, never a path."""
    return run.dataset.get("name") or PurePath(str(run.config.get("data", ""))).name or "unknown"


def name_of(run: Run, zone: str | None) -> str:
    """Return what tells a run from others: its name or data, and when it was started."""
    if run.id == starter.NAME:
        return "Flower Lab's starter: five flowers"
    return " · ".join(
        part for part in (run.given_name or data_of(run), when(run.created, zone)) if part
    )


def names_of(runs: Sequence[Run], zone: str | None) -> dict[str, str]:
    """Return a short name for each of several runs, by which they can be told apart.

    Args:
        runs: The runs, the newest first.
        zone: The visitor's time zone; None for UTC.

    Returns:
        By id: the name that a person gave it, or its data and the time of day; a name that several
        have is followed by the time, and by a number if that is the same as well.
    """
    times = {run.id: when(run.created, zone).rpartition(", ")[2] for run in runs}
    given = {run.id: run.given_name or _nameless(run, times[run.id]) for run in runs}
    often = Counter(given.values())
    names: dict[str, str] = {}
    seen: Counter[str] = Counter()
    for run in reversed(runs):
        name = given[run.id]
        if often[name] > 1 and run.given_name:
            name = _timed(name, times[run.id])
        seen[name] += 1
        names[run.id] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return names


def _nameless(run: Run, time: str) -> str:
    return "damaged run" if run.status == "damaged" else _timed(data_of(run), time)


def _timed(name: str, time: str) -> str:
    return f"{name} {time}".strip()


def accuracy_with_interval(accuracy: float, interval: tuple[float, float]) -> str:
    """Return an accuracy with its 95 % interval: ``88.0 % (80 to 93)``."""
    low, high = interval
    return f"{percent(accuracy)} ({low * 100:.0f} to {high * 100:.0f})"
