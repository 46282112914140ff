"""Where things are kept and how much is allowed: the one place that reads the environment.

Each limit can be set by an environment variable: its field name in upper case
behind ``FLOWERCORE_``, for instance ``FLOWERCORE_PHOTO_BYTES=10000000``.
"""

from __future__ import annotations

import os
import re
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from flowercore.errors import ConfigError

MEGABYTE = 1_000_000
GIGABYTE = 1_000_000_000

# It stands in an address, and must not be guessed by a room full of people.
_TOKEN = re.compile(r"[A-Za-z0-9_.~-]{8,200}")
_WEB_ADDRESS = re.compile(r"https?://[^\s/?#]+")


@dataclass(frozen=True)
class Limits:
    """Bounds on what comes in from outside; bytes, pixels, counts and seconds.

    Those of ``api`` hold for one request of the REST interface: its photos, the bytes of its body,
    and the seconds that the body may keep the server waiting; and for one client's photos a minute.
    """

    photo_bytes: int = 25 * MEGABYTE
    photo_pixels: int = 50_000_000
    archive_bytes: int = 512 * MEGABYTE
    archive_unpacked_bytes: int = 2 * GIGABYTE
    archive_entries: int = 50_000
    archive_ratio: int = 200
    classes_min: int = 2
    classes_max: int = 200
    photos_per_class_min: int = 3
    epochs_max: int = 200
    batch_size_max: int = 512
    jobs_waiting_max: int = 64
    disk_free_bytes: int = 1 * GIGABYTE
    activations_bytes: int = 6 * GIGABYTE
    api_photos: int = 100
    api_bytes: int = 512 * MEGABYTE
    api_seconds: int = 30
    api_photos_a_minute: int = 600


@dataclass(frozen=True)
class Settings:
    """Everything that the environment decides.

    Attributes:
        home: Folder that holds all that is kept (``FLOWERCORE_HOME``, default ``~/.flower-lab``).
        limits: Bounds on what comes in.
        threads: Threads of one worker (``FLOWERCORE_THREADS``, default: this process's cores; in a
            worker of Dask as many as it was given).
        slots: Jobs that run side by side (``FLOWERCORE_SLOTS``); None: two on this machine, on a
            Dask cluster as many as it has worker processes.
        scheduler: Address of a Dask scheduler (``FLOWERCORE_SCHEDULER``; in its workers it need not
            be set); None: local workers.
        garden: Whether sample photos are painted at the first start (``FLOWERCORE_GARDEN``; default
            on).
        api: Whether programs may ask as well (``FLOWERCORE_API``, ``on`` or ``off``; default on).
        workshop: Whether a room works together (``FLOWERCORE_WORKSHOP``; default off).
        leader_token: What unlocks the leader's page (``FLOWERCORE_LEADER_TOKEN``); None: one is
            made when it is first needed.
        room_address: What the room types into its browsers (``FLOWERCORE_ROOM_ADDRESS``), such as
            that of a proxy that speaks HTTPS; None: this machine's in its network.
    """

    home: Path
    limits: Limits
    threads: int
    slots: int | None
    scheduler: str | None
    garden: bool
    api: bool
    workshop: bool
    leader_token: str | None
    room_address: str | None


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Read the environment once.

    Returns:
        The settings of this process. Tests that change the environment call
        ``settings.cache_clear()`` afterwards.

    Raises:
        ConfigError: If a variable that must be a whole number, on or off, a token or an address
            is not.
    """
    home = os.environ.get("FLOWERCORE_HOME") or str(Path.home() / ".flower-lab")
    limits = Limits(
        **{
            name: _whole(f"FLOWERCORE_{name.upper()}", value)
            for name, value in asdict(Limits()).items()
        }
    )
    return Settings(
        home=Path(home).expanduser().absolute(),
        limits=limits,
        threads=_whole("FLOWERCORE_THREADS", _cores()),
        slots=_whole("FLOWERCORE_SLOTS", 0) or None,
        scheduler=os.environ.get("FLOWERCORE_SCHEDULER") or None,
        garden=_switch("FLOWERCORE_GARDEN", True),
        api=_switch("FLOWERCORE_API", True),
        workshop=_switch("FLOWERCORE_WORKSHOP", False),
        leader_token=_token("FLOWERCORE_LEADER_TOKEN"),
        room_address=_web_address("FLOWERCORE_ROOM_ADDRESS"),
    )


def _cores() -> int:
    # A container may own fewer cores than the machine has.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _whole(variable: str, default: int) -> int:
    text = os.environ.get(variable)
    if text is None or not text.strip():
        return default
    if not text.strip().isdigit() or int(text) < 1:
        raise ConfigError(f"{variable} must be a whole number of at least 1. Received: {text!r}.")
    return int(text)


def _switch(variable: str, default: bool) -> bool:
    text = os.environ.get(variable, "").strip().lower()
    if text in ("on", "1", "yes", "true"):
        return True
    if text in ("off", "0", "no", "false"):
        return False
    if text:
        raise ConfigError(f"{variable} must be on or off. Received: {text!r}.")
    return default


def _token(variable: str) -> str | None:
    text = os.environ.get(variable, "").strip()
    if text and not _TOKEN.fullmatch(text):
        # Not what was received: it may be a password.
        raise ConfigError(
            f"{variable} must have 8 to 200 letters, digits or signs of . _ ~ - without spaces. "
            f"Received: {len(text)} characters."
        )
    return text or None


def _web_address(variable: str) -> str | None:
    text = os.environ.get(variable, "").strip().rstrip("/")
    if text and not _WEB_ADDRESS.fullmatch(text):
        raise ConfigError(
            f"{variable} must be an address such as https://lab.example or http://10.0.0.5:8501. "
            f"Received: {text[:80]!r}."
        )
    return text or None
