"""How much each client may ask for, so that one leaves the machine to the others."""

from __future__ import annotations

import ipaddress
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from time import monotonic

from api.refusal import RETRY_SECONDS, RefusedError

# Requests with photos at the same time: each may hold a few photos in memory.
_AT_ONCE, _AT_ONCE_OF_ONE = 32, 16
_CLIENTS_KEPT = 10_000
# Visitors behind one address, such as a classroom's. Cookies can be made up, addresses hardly.
_VISITORS = 10


@dataclass(frozen=True)
class Client:
    """Who asks.

    Attributes:
        address: Network address; of IPv6 the part that one household has.
        visitor: The browser's id; None for a program without a cookie.
    """

    address: str
    visitor: str | None = None

    @classmethod
    def at(cls, address: str, visitor: str | None) -> Client:
        """Return the client at an address as the server sees it."""
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return cls(address, visitor)
        if parsed.version == 6:
            return cls(str(ipaddress.ip_network((parsed, 64), strict=False)), visitor)
        return cls(address, visitor)

    def shares(self) -> dict[tuple[str, ...], int]:
        """Return what the client draws on, and how many times the usual that holds."""
        if self.visitor is None:
            return {(self.address,): 1}
        return {("visitor", self.visitor): 1, ("visitors", self.address): _VISITORS}


class Allowance:
    """Photos a minute of each client: a token bucket each, in memory, for the latest clients.

    A request is let in while there is anything left, and then charged for all that it brought: how
    many photos that is shows only as they arrive. What was too much is paid back first.

    Args:
        clock: Returns seconds.
        kept: How many buckets are remembered; who is forgotten begins with a full one.
    """

    def __init__(self, clock: Callable[[], float] = monotonic, kept: int = _CLIENTS_KEPT) -> None:
        self._clock = clock
        self._kept = kept
        self._left: OrderedDict[tuple[str, ...], tuple[float, float]] = OrderedDict()
        self._inside: Counter[str] = Counter()

    def admit(self, client: Client, a_minute: int) -> None:
        """Charge a client for one request or photo.

        Args:
            client: Who asks.
            a_minute: What a client may ask for in a minute.

        Raises:
            RefusedError: If nothing is left.
        """
        for share, times in client.shares().items():
            rate = times * a_minute / 60
            missing = 1 - self._now(share, rate)
            if missing > 0:
                raise RefusedError(
                    429,
                    f"A client may send at most {a_minute:,} photos a minute. Received: more. "
                    "Wait, and send the rest then.",
                    retry_after=ceil(missing / rate),
                )
        self.charge(client, a_minute)

    def charge(self, client: Client, a_minute: int) -> None:
        """Charge a client for one more photo of a request that was let in."""
        for share, times in client.shares().items():
            rate = times * a_minute / 60
            # No deeper than a minute: a client that learns its lesson is served again.
            self._left[share] = max(self._now(share, rate) - 1, -60 * rate), self._clock()
            self._left.move_to_end(share)
        while len(self._left) > self._kept:
            self._left.popitem(last=False)

    def _now(self, share: tuple[str, ...], rate: float) -> float:
        left, moment = self._left.get(share, (60 * rate, self._clock()))
        return min(60 * rate, left + rate * (self._clock() - moment))

    @contextmanager
    def inside(self, client: Client) -> Iterator[None]:
        """Count a request with photos while it is being answered.

        Raises:
            RefusedError: If too many are, in all or of this address.
        """
        of_one = self._inside[client.address]
        if self._inside.total() >= _AT_ONCE or of_one >= _AT_ONCE_OF_ONE:
            raise RefusedError(
                503,
                "Others are being answered just now. Received: one request too many at the same "
                "time. Try again in a moment.",
                retry_after=RETRY_SECONDS,
            )
        self._inside[client.address] += 1
        try:
            yield
        finally:
            self._inside[client.address] -= 1
            self._inside += Counter()  # drops those at zero
