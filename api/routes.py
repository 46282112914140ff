"""Where the REST interface is mounted."""

from __future__ import annotations

from anyio import to_thread
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from api.visitor_of import VisitorOf


def routes(visitor_of: VisitorOf) -> list[BaseRoute]:
    """Return the routes of the interface.

    Args:
        visitor_of: How the server knows a visitor by the cookies.
    """
    interface = _Later(visitor_of)
    return [Route("/api", interface), Route("/api/{rest:path}", interface)]


class _Later:
    """The interface, imported when the first program asks: no page waits for what it needs."""

    def __init__(self, visitor_of: VisitorOf) -> None:
        self._visitor_of = visitor_of
        self._interface: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._interface is None:
            # Beside the event loop, which draws pages meanwhile.
            made = await to_thread.run_sync(self._imported)
            # Another request may have been faster; there is one allowance for all of them.
            self._interface = self._interface or made
        await self._interface(scope, receive, send)

    def _imported(self) -> ASGIApp:
        from api.interface import Interface

        return Interface(self._visitor_of)
