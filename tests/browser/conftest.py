"""A real server as its own process, and a real browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.serving import (
    PATIENCE_SECONDS,
    QUIET,
    Server,
    chromium,
    environment_of,
    start,
)
from tests.pages.trained_home import run_id, starter_files, trained, with_starter

__all__ = ["run_id", "starter_files", "trained", "with_starter"]


@pytest.fixture
def serve(
    home: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Server]]:
    """Start the dashboard on a free port: ``serve()`` or ``serve("streamlit_app.py")``.

    Everything is ready and there are no photos but a test's own; with ``ready=False`` the server
    makes all of it, and paints the garden.
    """
    servers: list[Server] = []

    def begin(script: str = "asgi.py", *, ready: bool = True) -> Server:
        environment = environment_of(home)
        if ready:
            made = request.getfixturevalue("starter_files")
            for part in ("starter", "backbones"):
                shutil.copytree(made / part, home / part, dirs_exist_ok=True)
            environment["FLOWERCORE_GARDEN"] = "off"
        servers.append(start(script, tmp_path, environment))
        return servers[-1]

    yield begin
    for server in servers:
        server.stop()


# Not a whole session long: while it lives, its event loop runs in this thread.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        reason = "no Chromium on this machine (see .ci/chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        expect.set_options(timeout=PATIENCE_SECONDS * 1000)
        yield browser
        browser.close()


@dataclass
class Visitor:
    """One person with a browser of their own, whose complaints are noted.

    Attributes:
        page: The browser's page.
        foreign: Addresses outside the server that were asked for.
        refused: What the content policy refused.
    """

    page: Page
    foreign: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def note_request(self, url: str) -> None:
        """Note a request that leaves the machine."""
        if not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")):
            self.foreign.append(url)

    def note_message(self, text: str) -> None:
        """Note what the browser refused."""
        if "Content Security Policy" in text:
            self.refused.append(text)


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """Let a visitor come: ``visitor(width=390)``."""
    contexts = []

    def come(width: int = 1280, height: int = 900) -> Visitor:
        context = browser.new_context(viewport={"width": width, "height": height})
        context.set_default_timeout(PATIENCE_SECONDS * 1000)
        contexts.append(context)
        one = Visitor(context.new_page())
        one.page.on("request", lambda request: one.note_request(request.url))
        one.page.on("console", lambda message: one.note_message(message.text))
        return one

    yield come
    for context in contexts:
        context.close()
