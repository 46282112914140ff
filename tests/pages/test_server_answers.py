"""What the server adds to its answers: the visitor's cookie and the security headers."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections.abc import Callable

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.http import SecurityHeaders, VisitorCookie, content_policy, visitor_of

PAGE = "text/html; charset=utf-8"
HTML = "<html><script>go()</script><script src='x.js'></script></html>"


def secured(app: ASGIApp) -> SecurityHeaders:
    return SecurityHeaders(app, page=HTML)


def answer(
    middleware: Callable[[ASGIApp], ASGIApp],
    *,
    kind: str = PAGE,
    cookie: str | None = None,
    scheme: str = "http",
    own: tuple[tuple[bytes, bytes], ...] = (),
) -> dict[str, str]:
    """Return the headers of an answer that went through ``middleware``."""
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", kind.encode()), *own]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"."})

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    headers = [(b"cookie", cookie.encode())] if cookie else []
    scope = {"type": "http", "scheme": scheme, "path": "/", "headers": headers}
    asyncio.run(middleware(app)(scope, receive, send))
    assert sent[1]["body"] == b"."
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def test_a_new_visitor_gets_a_random_id_that_scripts_cannot_read() -> None:
    first = answer(VisitorCookie)["set-cookie"]
    second = answer(VisitorCookie)["set-cookie"]
    name, value = first.split(";")[0].split("=")
    assert re.fullmatch(r"[0-9a-f]{32}", value)
    assert visitor_of({name: value}) == value
    assert first.split(";")[0] != second.split(";")[0]
    assert "HttpOnly" in first
    assert "SameSite=Lax" in first
    assert "Secure" not in first


def test_over_https_the_cookie_stays_there() -> None:
    assert answer(VisitorCookie, scheme="https")["set-cookie"].endswith("; Secure")


def test_a_known_visitor_keeps_the_id() -> None:
    cookie = answer(VisitorCookie)["set-cookie"].split(";")[0]
    assert "set-cookie" not in answer(VisitorCookie, cookie=f"other=1; {cookie}; strange")


def test_an_id_that_this_server_never_made_is_replaced() -> None:
    assert "set-cookie" in answer(VisitorCookie, cookie="flower_lab_visitor=../../admin")


def test_only_pages_set_the_cookie() -> None:
    assert "set-cookie" not in answer(VisitorCookie, kind="application/javascript")


def test_every_answer_has_the_security_headers() -> None:
    headers = answer(secured, kind="image/png")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert headers["referrer-policy"] == "same-origin"
    assert "object-src 'none'" in headers["content-security-policy"]
    assert "http" not in headers["content-security-policy"]


def test_of_scripts_in_the_page_only_those_it_came_with_may_run() -> None:
    (scripts,) = re.findall("script-src ([^;]*);", content_policy(HTML))
    # What browsers compute for ``go()``.
    digest = base64.b64encode(hashlib.sha256(b"go()").digest()).decode()
    assert scripts.split() == ["'self'", "'unsafe-eval'", f"'sha256-{digest}'"]


def test_a_header_of_the_answer_itself_wins() -> None:
    headers = answer(secured, own=((b"x-frame-options", b"DENY"),))
    assert headers["x-frame-options"] == "DENY"


def websocket(middleware: Callable[[ASGIApp], ASGIApp], *cookies: str) -> Scope:
    """Return what comes through ``middleware`` of a websocket that opens."""
    seen: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)

    headers = [(b"cookie", cookie.encode()) for cookie in cookies]
    asyncio.run(middleware(app)({"type": "websocket", "headers": headers}, None, None))
    return seen[0]


def test_a_websocket_of_a_known_visitor_passes_untouched() -> None:
    cookie = answer(VisitorCookie)["set-cookie"].split(";")[0]
    assert websocket(secured) == {"type": "websocket", "headers": []}
    assert websocket(VisitorCookie, cookie)["headers"] == [(b"cookie", cookie.encode())]


@pytest.mark.parametrize("cookie", [None, "other=1", "flower_lab_visitor=local; other=1"])
def test_whoever_sends_no_cookie_is_somebody_and_not_the_operator(cookie: str | None) -> None:
    ids = set()
    for _ in range(2):
        ((name, value),) = websocket(VisitorCookie, *([cookie] if cookie else []))["headers"]
        cookies = dict(part.split("=") for part in value.decode().split("; "))
        assert name == b"cookie"
        assert cookies.get("other") == ("1" if cookie else None)
        ids.add(visitor_of(cookies))
    assert None not in ids
    assert len(ids) == 2
