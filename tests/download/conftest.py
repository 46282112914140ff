"""A real server on 127.0.0.1 that misbehaves in every way that matters."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from tests.download.published import offer

__all__ = ["offer"]


@dataclass
class Site:
    """What the server does, and what it was asked.

    Attributes:
        original: The file that is wanted.
        body: What is sent instead.
        cuts: How much of each answer is sent before the connection breaks.
        asked: The range that each request asked for.
    """

    original: bytes
    body: bytes
    address: str = ""
    status: int = 200
    ranges: bool = True
    announce_length: bool = True
    wrong_start: bool = False
    cuts: list[int] = field(default_factory=list)
    silent_after: int | None = None
    asked: list[str | None] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def sha256(self) -> str:
        return "sha256:" + hashlib.sha256(self.original).hexdigest()

    @property
    def url(self) -> str:
        return f"{self.address}/file.h5"


def handler_of(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            pass

        def do_GET(self) -> None:
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", "/file.h5")
                self.end_headers()
                return
            site.asked.append(self.headers.get("Range"))
            if site.status != 200:
                self.send_error(site.status)
                return
            self.send_body()

        def send_body(self) -> None:
            body, asked = site.body, self.headers.get("Range")
            if asked and site.ranges:
                start = int(asked.removeprefix("bytes=").rstrip("-"))
                if start >= len(body):
                    self.send_error(416)
                    return
                said = 0 if site.wrong_start else start
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {said}-{len(body) - 1}/{len(body)}")
                body = body[start:]
            else:
                self.send_response(200)
            if site.announce_length:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if site.cuts:
                body = body[: site.cuts.pop(0)]
            if site.silent_after is not None:
                self.wfile.write(body[: site.silent_after])
                self.wfile.flush()
                site.released.wait(30)
                return
            self.wfile.write(body)

    return Handler


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that this machine is set to knows nothing of its 127.0.0.1."""
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def site() -> Iterator[Site]:
    original = np.random.default_rng(0).bytes(3_000_000)
    site = Site(original, original)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(site))
    server.daemon_threads = True
    site.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield site
    site.released.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where the file is to go."""
    return tmp_path / "file.h5"


@pytest.fixture
def partial(target: Path) -> Path:
    """Where what was received is kept until it is whole."""
    return target.with_name(f".{target.name}.part")
