"""What the web server adds: a visitor's cookie, security headers, and files that are streamed.

Plain ASGI, so that websockets and streamed answers pass through untouched.
"""

from __future__ import annotations

import re
import secrets
from base64 import b64encode
from hashlib import sha256

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request, cookie_parser
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flowercore.errors import NotFoundError

VISITOR_COOKIE = "flower_lab_visitor"
VISITOR_ID = re.compile(r"[0-9a-f]{32}")

_HALF_A_YEAR = 180 * 24 * 3600


def content_policy(page: str) -> str:
    """Return the content policy for Streamlit's page.

    Args:
        page: Its HTML. Scripts that stand in it are allowed by their hash, all others must come
            from this server. Styles may stand anywhere: Streamlit writes them while it draws.
            ``unsafe-eval``: its charts compile expressions. ``blob:`` carries what a chart or a
            table offers for download.
    """
    inline = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    hashes = [b64encode(sha256(script.encode()).digest()).decode() for script in inline]
    allowed = " ".join(f"'sha256-{one}'" for one in hashes)
    return "; ".join(
        [
            "default-src 'self'",
            f"script-src 'self' 'unsafe-eval' {allowed}".strip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "media-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self' ws: wss: data: blob:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        ]
    )


PACKED = "packed"
"""Below this address lie the zips that workers have packed, each under a name of its own."""


async def packed(request: Request) -> Response:
    """Answer with a packed dataset, from disk and piece by piece: no process holds it whole."""
    from flowercore.jobs import packing  # with NumPy: a server answers before it is there

    try:
        path = packing.archive(str(request.path_params["token"]))
    except NotFoundError as error:
        return PlainTextResponse(str(error), status_code=404)
    headers = {"Cache-Control": "no-store"}
    return FileResponse(path, media_type="application/zip", filename=path.name, headers=headers)


def visitor_of(cookies: dict[str, str]) -> str | None:
    """Return the visitor's id when the cookie is one that this server made."""
    value = cookies.get(VISITOR_COOKIE, "")
    return value if VISITOR_ID.fullmatch(value) else None


class SecurityHeaders:
    """Add the headers that keep a browser from guessing types, framing or leaking addresses.

    Args:
        app: What answers.
        page: HTML of the page that it answers with.
    """

    def __init__(self, app: ASGIApp, page: str) -> None:
        self.app = app
        self._headers = {
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "SAMEORIGIN",
            "Referrer-Policy": "same-origin",
            "Content-Security-Policy": content_policy(page),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


class VisitorCookie:
    """Give each browser a random id, so that its jobs can be told from others'.

    The cookie is set with the page itself, before the page's websocket opens and carries it back.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "websocket" and visitor_of(_cookies(scope)) is None:
            # A browser that takes no cookies, or a program that sends none, must not be taken for
            # the operator: it is somebody for as long as this connection lasts.
            scope = {**scope, "headers": _with_visitor(scope)}
        if scope["type"] != "http" or visitor_of(_cookies(scope)) is not None:
            await self.app(scope, receive, send)
            return

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append("set-cookie", _new_cookie(secure=scope["scheme"] == "https"))
            await send(message)

        await self.app(scope, receive, send_with_cookie)


def _cookies(scope: Scope) -> dict[str, str]:
    return cookie_parser(Headers(scope=scope).get("cookie", ""))


def _with_visitor(scope: Scope) -> list[tuple[bytes, bytes]]:
    headers = MutableHeaders(raw=list(scope["headers"]))
    known = {name: text for name, text in _cookies(scope).items() if name != VISITOR_COOKIE}
    known[VISITOR_COOKIE] = secrets.token_hex(16)
    headers["cookie"] = "; ".join(f"{name}={text}" for name, text in known.items())
    return headers.raw


def _new_cookie(*, secure: bool) -> str:
    # With ``Secure`` a browser drops the cookie on plain http, as a workshop's laptop serves.
    cookie = (
        f"{VISITOR_COOKIE}={secrets.token_hex(16)}; Max-Age={_HALF_A_YEAR}; Path=/; "
        "HttpOnly; SameSite=Lax"
    )
    return f"{cookie}; Secure" if secure else cookie
