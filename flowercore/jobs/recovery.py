"""Waiting for workers that cannot be reached, such as those of a scheduler that went away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from flowercore.errors import FlowercoreError

# A scheduler that is started again is back in this time; then those who wait are told.
_PATIENCE_SECONDS = 60
_PAUSE_SECONDS = 2


class Recovery:
    """Tries again and again, in a thread of its own, for a minute.

    Args:
        ready: Raises `FlowercoreError` while there are no workers.
        then: Called once when it is over, with None or with why there are none.
    """

    def __init__(
        self, ready: Callable[[], None], then: Callable[[FlowercoreError | None], None]
    ) -> None:
        self._ready = ready
        self._then = then
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Begin, unless it is under way."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._wait, daemon=True)
            self._thread.start()

    def _wait(self) -> None:
        end = time.monotonic() + _PATIENCE_SECONDS
        failure: FlowercoreError | None = None
        while time.monotonic() < end:
            time.sleep(_PAUSE_SECONDS)
            try:
                self._ready()
            except FlowercoreError as error:
                failure = error
            else:
                failure = None
                break
        self._thread = None
        self._then(failure)
