"""The server around the dashboard: visitor cookie, security headers, REST, a warm worker.

Start it with ``streamlit run asgi.py``, or with any ASGI server.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Thread

import anyio
import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Route

from api.routes import routes
from flowercore import memory
from flowercore.errors import FlowercoreError
from flowercore.settings import settings
from ui.http import PACKED, SecurityHeaders, VisitorCookie, packed, visitor_of

# The page that Streamlit answers every address with.
_PAGE = Path(st.__file__).with_name("static") / "index.html"

_TURN_SECONDS = 0.0005

_LOG = logging.getLogger("flower_lab")


@asynccontextmanager
async def _lifespan(_: st.App) -> AsyncIterator[None]:
    # First of all: heaps that threads were given before stay.
    memory.share_arenas()
    # Beside the server, which sends the browser what it has to load meanwhile.
    preparing = Thread(target=_prepare, name="preparing")
    preparing.start()
    yield
    await anyio.to_thread.run_sync(preparing.join)


def _prepare() -> None:
    usual = sys.getswitchinterval()
    # Importing holds the interpreter, and a page is sixty files that would each wait for a turn.
    sys.setswitchinterval(_TURN_SECONDS)
    try:
        # Here: cached functions must be defined after Streamlit's runtime has started.
        from flowercore.workshop import leaders
        from ui.entry import warm_up

        if settings().workshop and settings().leader_token is None:
            # Here and nowhere else: whoever started the server must be told once.
            print(f"  Leader's token of this workshop: {leaders.token()}\n", flush=True)
        warm_up()
    except FlowercoreError as error:
        # The pages say so too; a server that does not start would say nothing.
        _LOG.error("Preparation could not start. %s", error)
    finally:
        sys.setswitchinterval(usual)


def _on_script_error(error: Exception) -> bool:
    from ui.guard import unexpected

    _LOG.error("A page failed.", exc_info=error)
    return unexpected(error)


app = st.App(
    Path(__file__).with_name("streamlit_app.py"),
    lifespan=_lifespan,
    routes=[Route(f"/{PACKED}/{{token}}", packed), *routes(visitor_of)],
    middleware=[
        Middleware(SecurityHeaders, page=_PAGE.read_text("utf-8")),
        Middleware(VisitorCookie),
    ],
    on_script_error=_on_script_error,
)
