"""The server around the dashboard: visitor cookie, security headers, REST, a warm worker.

Start it with ``streamlit run asgi.py``, or with any ASGI server.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Route

import api.routes
from flowercore.errors import FlowercoreError
from flowercore.settings import settings
from flowercore.workshop import leaders, room
from ui.http import PACKED, SecurityHeaders, VisitorCookie, packed, visitor_of

# The page that Streamlit answers every address with.
_PAGE = Path(st.__file__).with_name("static") / "index.html"

_LOG = logging.getLogger("flower_lab")


@asynccontextmanager
async def _lifespan(_: st.App) -> AsyncIterator[None]:
    # Imported here: cached functions must be defined after Streamlit's runtime has started.
    from ui import warm_up

    if room.is_open() and settings().leader_token is None:
        # Here and nowhere else: whoever started the server must be told once.
        print(f"  Leader's token of this workshop: {leaders.token()}\n", flush=True)
    try:
        await anyio.to_thread.run_sync(warm_up)
    except FlowercoreError as error:
        # The pages say so too; a server that does not start would say nothing.
        _LOG.error("Preparation could not start. %s", error)
    yield


def _on_script_error(error: Exception) -> bool:
    from ui.guard import unexpected

    _LOG.error("A page failed.", exc_info=error)
    return unexpected(error)


app = st.App(
    Path(__file__).with_name("streamlit_app.py"),
    lifespan=_lifespan,
    routes=[Route(f"/{PACKED}/{{token}}", packed), *api.routes.routes(visitor_of)],
    middleware=[
        Middleware(SecurityHeaders, page=_PAGE.read_text("utf-8")),
        Middleware(VisitorCookie),
    ],
    on_script_error=_on_script_error,
)
