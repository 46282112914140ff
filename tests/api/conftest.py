"""The REST interface behind a real web server, without the pages: it starts in a moment."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import sleep

import pytest
import uvicorn
from starlette.applications import Starlette

from api.routes import routes
from flowercore.settings import settings
from tests.pages.trained_home import run_id, starter_files, trained, with_starter
from ui.http import visitor_of

__all__ = ["run_id", "starter_files", "trained", "with_starter"]


@pytest.fixture
def address() -> Iterator[str]:
    """Serve the interface in this process; its settings can be changed by `limits`."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(Starlette(routes=routes(visitor_of)), log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    while not server.started:
        sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/api"
    server.should_exit = True
    server.force_exit = True
    thread.join()


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Set what the environment decides: ``limits(api_photos=3)``."""

    def set_limits(**values: object) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"FLOWERCORE_{name.upper()}", str(value))
        settings.cache_clear()

    return set_limits


@pytest.fixture
def rose(tmp_path: Path, paint: Callable[..., Path]) -> Path:
    """A picture that the run of `run_id` can judge."""
    return paint(tmp_path / "rose.jpg")
