"""What a program is told when it gets no answer: a status, and the same words as on a page."""

from __future__ import annotations

from flowercore.errors import FlowercoreError, InputError, NotFoundError

RETRY_SECONDS = 5
"""After which a program may try again where nobody knows better."""


class RefusedError(Exception):
    """A request is not answered.

    Args:
        status: HTTP status, 4xx or 5xx.
        words: Why, and what to do: no traceback, no path of the server.
        retry_after: Seconds after which the same request may work; None if it never will.
        allow: Methods that the address knows, for status 405.
    """

    def __init__(
        self, status: int, words: str, *, retry_after: int | None = None, allow: str = ""
    ) -> None:
        super().__init__(words)
        self.status = status
        self.headers: dict[str, str] = {}
        if retry_after is not None:
            self.headers["Retry-After"] = str(retry_after)
        if allow:
            self.headers["Allow"] = allow


def refusal_of(error: FlowercoreError) -> RefusedError:
    """Return what a program is told of an error that Flower Lab raised on purpose."""
    if isinstance(error, NotFoundError):
        return RefusedError(404, str(error))
    if isinstance(error, InputError):
        return RefusedError(422, str(error))
    # The server's own trouble: a network that is not prepared yet, a damaged file, a full disk.
    return RefusedError(503, str(error), retry_after=RETRY_SECONDS)
