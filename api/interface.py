"""What the addresses below /api answer: always JSON, and errors in words."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from functools import partial
from typing import Any

from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from api import models, openapi
from api.allowance import Allowance, Client
from api.body import Body
from api.judging import Judge
from api.photos import Photo, boundary_of, photos
from api.refusal import RefusedError, refusal_of
from api.visitor_of import VisitorOf
from flowercore import __version__
from flowercore.backbones import registry, runtime
from flowercore.errors import FlowercoreError
from flowercore.runs import starter
from flowercore.settings import settings

_LOG = logging.getLogger("flower_lab")


class Interface:
    """Answers the addresses below /api, as an ASGI app.

    Args:
        visitor_of: How the server knows a visitor by the cookies.
    """

    def __init__(self, visitor_of: VisitorOf) -> None:
        self._visitor_of = visitor_of
        self._allowance = Allowance()
        self._judges: list[Judge] = []
        self._handlers: Mapping[str, tuple[str, Callable[..., Awaitable[Response]]]] = {
            "/api/predict": ("POST", self._predict),
            "/api/runs": ("GET", self._runs),
            "/api/health": ("GET", self._health),
            openapi.ADDRESS: ("GET", self._described),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope)
        try:
            response = await self._answered(request, receive)
        except ClientDisconnect:
            return
        response.headers["Cache-Control"] = "no-store"
        await response(scope, receive, send)

    async def _answered(self, request: Request, receive: Receive) -> Response:
        body: Body | None = None
        try:
            chosen = settings()
            declared = request.headers.get("content-length", "")
            length = int(declared) if declared.isdigit() else None
            body = Body(receive, chosen.limits, length)
            if not chosen.api:
                raise RefusedError(404, "Only pages are served here: FLOWERCORE_API is off.")
            return await self._handler(request)(request, body)
        except ClientDisconnect:
            raise
        except RefusedError as error:
            refusal = error
        except FlowercoreError as error:
            refusal = refusal_of(error)
        except Exception:
            _LOG.exception("The interface failed.")
            refusal = RefusedError(
                500, "This is a fault of the server and not yours; it was written to its log."
            )
        return await _refused(refusal, request, body)

    def _handler(self, request: Request) -> Callable[..., Awaitable[Response]]:
        path = request.scope["path"]
        if path not in self._handlers:
            raise RefusedError(
                404,
                f"There is nothing at this address. There are: {', '.join(self._handlers)}.",
            )
        method, handler = self._handlers[path]
        methods = ["POST", "OPTIONS"] if method == "POST" else ["GET", "HEAD", "OPTIONS"]
        allowed = ", ".join(methods)
        if request.method == "OPTIONS":
            return partial(_options, allowed)
        if request.method not in methods:
            raise RefusedError(
                405,
                f"This address takes {allowed}. Received: {request.method[:20]}.",
                allow=allowed,
            )
        return handler

    def _client(self, request: Request) -> Client:
        address = request.client.host if request.client else ""
        return Client.at(address, self._visitor_of(request.cookies))

    async def _predict(self, request: Request, body: Body) -> Response:
        limits = settings().limits
        rate = limits.api_photos_a_minute
        client = self._client(request)
        self._allowance.admit(client, rate)
        boundary = boundary_of(
            request.headers.get("content-type", ""), request.headers.get("content-encoding", "")
        )
        judge = self._judge()
        with self._allowance.inside(client):
            run_id = request.query_params.get("run", "")
            run, predictor = await to_thread.run_sync(models.model, run_id, limiter=judge.limiter)
            arriving = self._charged(photos(body, boundary, limits), client, rate)
            async with aclosing(arriving):
                answers = await judge.answers(predictor, arriving, limits)
        return _answer({"run": models.named(run), "answers": answers})

    async def _charged(
        self, arriving: AsyncIterator[Photo], client: Client, rate: int
    ) -> AsyncGenerator[Photo, None]:
        first = True  # it was charged when the request was let in
        async for photo in arriving:
            if not first:
                self._allowance.charge(client, rate)
            first = False
            yield photo

    def _judge(self) -> Judge:
        # Made when the first request is here: it belongs to the event loop.
        if not self._judges:
            self._judges.append(Judge(settings().threads))
        return self._judges[0]

    async def _runs(self, request: Request, _: Body) -> Response:
        self._allowance.admit(self._client(request), settings().limits.api_photos_a_minute)
        return await to_thread.run_sync(_all_runs)

    async def _health(self, _: Request, __: Body) -> Response:
        ready = await to_thread.run_sync(_ready)
        return JSONResponse({"status": "ok", "version": __version__, "ready": ready})

    async def _described(self, _: Request, __: Body) -> Response:
        return JSONResponse(openapi.document(settings().limits))


def _answer(found: dict[str, Any]) -> Response:
    errors = [one["error"] for one in found["answers"] if "error" in one]
    if len(errors) < len(found["answers"]):
        return JSONResponse(found)
    words = f"None of the {len(errors)} photos could be read." if errors[1:] else errors[0]
    return JSONResponse({"error": words, **found}, 422)


def _all_runs() -> Response:
    return JSONResponse({"runs": [models.listed(run) for run in models.askable()]})


def _ready() -> bool:
    answers = starter.available() or not starter.packaged()
    return runtime.ready(registry.DEFAULT) and answers


async def _options(allowed: str, _: Request, __: Body) -> Response:
    return Response(status_code=204, headers={"Allow": allowed})


async def _refused(refusal: RefusedError, request: Request, body: Body | None) -> Response:
    headers = dict(refusal.headers)
    # Who asks before sending has sent nothing yet.
    asks_first = request.headers.get("expect", "").lower() == "100-continue"
    if body is not None and not body.over and request.method not in ("GET", "HEAD", "OPTIONS"):
        headers["Connection"] = "close"
        if refusal.status != 408 and (body.bytes or not asks_first):
            await body.drain()
    return JSONResponse({"error": str(refusal)}, refusal.status, headers)
