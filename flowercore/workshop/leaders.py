"""Who leads the room: whoever knew the token that was printed at the start.

Who did is kept in the room's file by their visitor id, with a proof that holds for this token only;
the token itself is kept nowhere.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections import deque
from dataclasses import replace
from functools import lru_cache
from time import monotonic

from flowercore.data.catalog import LOCAL
from flowercore.errors import ConfigError, JobError
from flowercore.settings import settings
from flowercore.workshop import room

WRONG_MAX = 5
"""Wrong tokens of one visitor within `WINDOW_SECONDS`, then they wait."""
WRONG_MAX_OF_ALL = 30
"""The same of all together: who drops the cookie is somebody else each time."""
WINDOW_SECONDS = 60
_LONGEST = 300


def token() -> str:
    """Return what unlocks the leader's page of this server."""
    return settings().leader_token or _made()


@lru_cache(maxsize=1)
def _made() -> str:
    return new_token()


def new_token() -> str:
    """Return a token that nobody guesses: 128 bits of chance."""
    return secrets.token_urlsafe(16)


class _Attempts:
    """Wrong tokens of the last minute."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wrong: deque[tuple[float, str]] = deque()

    def refuse(self, visitor: str) -> None:
        with self._lock:
            oldest = monotonic() - WINDOW_SECONDS
            while self._wrong and self._wrong[0][0] < oldest:
                self._wrong.popleft()
            mine = sum(who == visitor for _, who in self._wrong)
            if mine >= WRONG_MAX or len(self._wrong) >= WRONG_MAX_OF_ALL:
                raise JobError(
                    f"At most {WRONG_MAX} wrong tokens a minute are answered. Received: one more. "
                    "Wait a minute, then try again."
                )

    def note(self, visitor: str) -> None:
        with self._lock:
            self._wrong.append((monotonic(), visitor))


_attempts = _Attempts()


def unlock(visitor: str, given: str) -> None:
    """Make a visitor a leader, who knows the token.

    Args:
        visitor: Who asks.
        given: The token as they typed it.

    Raises:
        ConfigError: If it is another one.
        JobError: If too many wrong ones came within a minute, or visitors cannot be told apart.
        StorageError: If the room's file is damaged or cannot be written.
    """
    if visitor == LOCAL:
        raise JobError(
            "A leader can be told from the room only where each browser has a cookie of its own. "
            "Start the dashboard with `make workshop`, and allow cookies."
        )
    _attempts.refuse(visitor)
    right = hashlib.sha256(token().encode()).digest()
    # Hashes have one length: the comparison tells nothing about the token's.
    if not secrets.compare_digest(
        hashlib.sha256(given[:_LONGEST].strip().encode()).digest(), right
    ):
        _attempts.note(visitor)
        raise ConfigError(
            "This is not the leader's token of this server. It stands in the terminal in which "
            "the workshop was started; each start makes a new one unless FLOWERCORE_LEADER_TOKEN "
            "is set."
        )
    proof = _proof(visitor)
    room.change(lambda now: replace(now, leaders={**now.leaders, visitor: proof}))


def is_leader(visitor: str) -> bool:
    """Tell whether a visitor leads the room.

    Raises:
        StorageError: If the room's file is damaged.
    """
    return visitor in leaders_of(room.read())


def leaders_of(now: room.Room) -> set[str]:
    """Return the visitors who knew the token of this server."""
    return {
        visitor
        for visitor, proof in now.leaders.items()
        if visitor != LOCAL and secrets.compare_digest(proof.encode(), _proof(visitor).encode())
    }


def _proof(visitor: str) -> str:
    return hmac.new(token().encode(), visitor.encode(), hashlib.sha256).hexdigest()
