"""A request's body, read piece by piece and within bounds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from time import monotonic

import anyio
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from api.refusal import RefusedError
from flowercore.settings import MEGABYTE, Limits

# Who sends more slowly than this has the seconds of the limit and no more.
_BYTES_A_SECOND = 100_000
# How long the rest of a refused body is taken in: a client that is still sending when the
# connection closes never reads why.
_LINGER_SECONDS = 5.0


class Body:
    """What a client sends.

    Args:
        receive: The server's end of the connection.
        limits: How much of it is taken, and for how long.
        declared: What its header says about its length; None if it says nothing.

    Attributes:
        over: Whether its end has arrived.
        bytes: How many have arrived.
    """

    def __init__(self, receive: Receive, limits: Limits, declared: int | None = None) -> None:
        self.over = False
        self.bytes = 0
        self._receive = receive
        self._limits = limits
        self._declared = declared
        self._waited = 0.0

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield its pieces as they arrive.

        Raises:
            RefusedError: If it is too large, or keeps the server waiting for too long.
            ClientDisconnect: If the client hangs up.
        """
        if self._declared is not None and self._declared > self._limits.api_bytes:
            raise self._too_large(f"{self._declared / MEGABYTE:,.0f} MB")
        while not self.over:
            # Only what the client takes counts: while a photo waits for its turn, nobody reads.
            seconds = self._limits.api_seconds + self.bytes / _BYTES_A_SECOND - self._waited
            began = monotonic()
            with anyio.move_on_after(max(0.0, seconds)) as scope:
                chunk = await self._next()
            if scope.cancelled_caught:
                raise RefusedError(
                    408,
                    "A request's body must arrive without long pauses, within "
                    f"{self._limits.api_seconds} seconds and one more for each 100 kB. Received: "
                    f"{self.bytes / 1000:,.0f} kB and no end. Send fewer photos at once.",
                )
            self._waited += monotonic() - began
            if self.bytes > self._limits.api_bytes:
                raise self._too_large("more")
            yield chunk

    async def drain(self) -> None:
        """Take in and drop what is still coming, for a while: then the client reads the answer."""
        most = self.bytes + self._limits.api_bytes
        with anyio.move_on_after(_LINGER_SECONDS):
            while not self.over and self.bytes < most:
                await self._next()

    async def _next(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self.over = True
            raise ClientDisconnect
        self.over = not message.get("more_body", False)
        chunk: bytes = message.get("body", b"")
        self.bytes += len(chunk)
        return chunk

    def _too_large(self, received: str) -> RefusedError:
        return RefusedError(
            413,
            f"A request must be at most {self._limits.api_bytes / MEGABYTE:g} MB. Received: "
            f"{received}. Send fewer photos at once.",
        )
