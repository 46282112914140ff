"""A dashboard to measure: a home folder made ready, a real server, a real browser's page."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.serving import QUIET, ROOT, Server, chromium, environment_of, start


@dataclass(frozen=True)
class Served:
    """What is measured.

    Attributes:
        server: The dashboard.
        browser: A browser.
        page: An empty page of it.
        folder: A place for files that is gone afterwards.
    """

    server: Server
    browser: Browser
    page: Page
    folder: Path


@contextmanager
def served(*commands: Sequence[str], **variables: str) -> Iterator[Served]:
    """Start the dashboard on a home folder of its own.

    Args:
        *commands: What the command line is told after ``prepare``.
        **variables: Of the server's environment.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        environment = environment_of(Path(place) / "home") | variables
        for command in (("prepare",), *commands):
            words = [sys.executable, "-m", "flowercore", *command]
            subprocess.run(words, cwd=ROOT, env=environment, check=True)
        server = start("asgi.py", Path(place), environment)
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium(), args=list(QUIET))
                yield Served(server, browser, browser.new_context().new_page(), Path(place))
                browser.close()
        finally:
            server.stop()
