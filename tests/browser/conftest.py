"""A real server as its own process, and a real browser."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.pages.trained_home import run_id, trained

__all__ = ["run_id", "trained"]

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60

# A browser of its own accord asks its maker about updates and safety: not in a test.
QUIET = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
)


@dataclass
class Server:
    """A running dashboard.

    Attributes:
        address: Where it is.
        process: The server's process; its workers are children of it.
        log: File that takes what it says.
    """

    address: str
    process: subprocess.Popen[bytes]
    log: Path

    def resident_megabytes(self) -> float:
        """Return the server's memory, its workers not counted."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        line = next(line for line in lines if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024

    def libraries(self) -> str:
        """Return the paths of all files that the server has mapped into its memory."""
        return Path(f"/proc/{self.process.pid}/maps").read_text()

    def stop(self) -> None:
        """End the server and whatever it started."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(3)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def serve(home: Path, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start the dashboard on a free port: ``serve()`` or ``serve("streamlit_app.py")``."""
    servers: list[Server] = []

    def start(script: str = "asgi.py", *, wait: bool = True) -> Server:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        log = tmp_path / f"server-{port}.log"
        command = [sys.executable, "-m", "streamlit", "run", str(ROOT / script)]
        options = {"address": "127.0.0.1", "port": str(port), "headless": "true"}
        command += [f"--server.{name}={value}" for name, value in options.items()]
        with log.open("wb") as out:
            # Another working directory: nothing may depend on where the server was started.
            process = subprocess.Popen(
                command, cwd=tmp_path, env=dict(os.environ), stdout=out, stderr=out
            )
        server = Server(f"http://127.0.0.1:{port}", process, log)
        servers.append(server)
        if wait:
            _wait_until_up(server)
        return server

    yield start
    for server in servers:
        server.stop()


def _wait_until_up(server: Server) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and server.process.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.address}/_stcore/health", timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    pytest.fail(f"the server did not come up:\n{server.log.read_text()}")


# Not a whole session long: while it lives, its event loop runs in this thread.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if chromium is None:
        reason = "no Chromium on this machine (see .ci/chromium)"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
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


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """Let a visitor come: ``visitor(width=390)``."""
    contexts = []

    def come(width: int = 1280, height: int = 900, scheme: str = "light") -> Visitor:
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme
        )
        context.set_default_timeout(PATIENCE_SECONDS * 1000)
        contexts.append(context)
        one = Visitor(context.new_page())
        one.page.on("request", lambda request: _note_foreign(one, request.url))
        one.page.on("console", lambda message: _note_refused(one, message.text))
        return one

    yield come
    for context in contexts:
        context.close()


def _note_foreign(visitor: Visitor, url: str) -> None:
    if not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")):
        visitor.foreign.append(url)


def _note_refused(visitor: Visitor, text: str) -> None:
    if "Content Security Policy" in text:
        visitor.refused.append(text)
