"""Fetching from a real server on 127.0.0.1 that misbehaves in every way that matters."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from flowercore.download import fetch
from flowercore.errors import CancelledError, DownloadError, StorageError
from flowercore.settings import settings

CHUNK = 1 << 16  # what arrives in pieces of another size may be lost with its last piece
BODY = np.random.default_rng(0).bytes(3_000_000)
SHA256 = "sha256:" + hashlib.sha256(BODY).hexdigest()
MD5 = "md5:" + hashlib.md5(BODY).hexdigest()


@dataclass
class Site:
    """What the server does, and what it was asked."""

    address: str = ""
    body: bytes = BODY
    status: int = 200
    ranges: bool = True
    announce_length: bool = True
    wrong_start: bool = False
    cuts: list[int] = field(default_factory=list)
    silent_after: int | None = None
    asked: list[str | None] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

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


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(site))
    server.daemon_threads = True
    site.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield site
    site.released.set()
    server.shutdown()
    server.server_close()


def partial(target: Path) -> Path:
    return target.with_name(f".{target.name}.part")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "file.h5"


@pytest.mark.parametrize("expected", [SHA256, MD5])
def test_a_file_is_fetched_with_progress(site: Site, target: Path, expected: str) -> None:
    steps: list[tuple[int, int]] = []
    got = fetch(site.url, target, expected=expected, progress=lambda *step: steps.append(step))
    assert got == target
    assert target.read_bytes() == BODY
    assert not partial(target).exists()
    done = [step[0] for step in steps]
    assert done == sorted(set(done))
    assert steps[-1] == (len(BODY), len(BODY))
    assert len(steps) > 10


def test_what_is_there_is_not_fetched_again(site: Site, target: Path) -> None:
    target.write_bytes(BODY)
    fetch(site.url, target, expected=SHA256)
    assert site.asked == []


def test_another_file_of_that_name_is_left_alone(site: Site, target: Path) -> None:
    target.write_bytes(b"mine")
    with pytest.raises(DownloadError, match=r"file\.h5 is there already.*Delete it"):
        fetch(site.url, target, expected=SHA256)
    assert target.read_bytes() == b"mine"
    assert site.asked == []


def test_a_connection_that_breaks_is_taken_up_again(site: Site, target: Path) -> None:
    site.cuts = [16 * CHUNK, 8 * CHUNK]
    steps: list[tuple[int, int]] = []
    fetch(site.url, target, expected=SHA256, progress=lambda *step: steps.append(step))
    assert target.read_bytes() == BODY
    assert site.asked == [None, f"bytes={16 * CHUNK}-", f"bytes={24 * CHUNK}-"]
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)
    assert {total for _, total in steps} == {len(BODY)}


def test_what_was_received_is_kept_for_the_next_attempt(site: Site, target: Path) -> None:
    site.cuts = [6 * CHUNK] * 3
    with pytest.raises(DownloadError, match=r"broke off after 1\.2 MB.*kept: try again"):
        fetch(site.url, target, expected=SHA256)
    assert not target.exists()
    assert partial(target).read_bytes() == BODY[: 18 * CHUNK]
    fetch(site.url, target, expected=SHA256)
    assert site.asked[-1] == f"bytes={18 * CHUNK}-"
    assert target.read_bytes() == BODY


def test_a_server_that_breaks_before_the_first_byte_is_not_asked_again(
    site: Site, target: Path
) -> None:
    site.cuts = [0, 0, 0]
    with pytest.raises(DownloadError, match="broke off"):
        fetch(site.url, target, expected=SHA256)
    assert len(site.asked) == 1


def test_a_server_without_ranges_sends_it_all_again(site: Site, target: Path) -> None:
    site.ranges = False
    partial(target).write_bytes(BODY[:1_000_000])
    fetch(site.url, target, expected=SHA256)
    assert site.asked == ["bytes=1000000-"]
    assert target.read_bytes() == BODY


def test_a_range_that_begins_elsewhere_is_not_used(site: Site, target: Path) -> None:
    site.wrong_start = True
    partial(target).write_bytes(BODY[:1_000_000])
    fetch(site.url, target, expected=SHA256)
    assert site.asked == ["bytes=1000000-", None]
    assert target.read_bytes() == BODY


@pytest.mark.parametrize("length", [1_000_000, 3_000_000, 4_000_000])
def test_a_wrong_beginning_is_thrown_away(site: Site, target: Path, length: int) -> None:
    partial(target).write_bytes(bytes(length))
    fetch(site.url, target, expected=SHA256)
    assert site.asked == [f"bytes={length}-", None]
    assert target.read_bytes() == BODY


def test_a_whole_part_needs_no_server(site: Site, target: Path) -> None:
    partial(target).write_bytes(BODY)
    fetch(site.url, target, expected=SHA256)
    assert site.asked == []
    assert target.read_bytes() == BODY


def test_a_wrong_hash_is_refused_and_nothing_is_kept(site: Site, target: Path) -> None:
    site.body = BODY[:-1] + b"x"
    received = hashlib.sha256(site.body).hexdigest()
    with pytest.raises(DownloadError, match=rf"must have the hash {SHA256}.*{received}"):
        fetch(site.url, target, expected=SHA256)
    assert not target.exists()
    assert not partial(target).exists()


@pytest.mark.parametrize(
    ("status", "words"),
    [(404, "no such file"), (403, "not give this file to everybody"), (503, "Try again later")],
)
def test_a_refusal_is_told_and_keeps_what_there_was(
    site: Site, target: Path, status: int, words: str
) -> None:
    site.status = status
    partial(target).write_bytes(BODY[:100])
    with pytest.raises(DownloadError, match=rf"{words}|{status}") as told:
        fetch(site.url, target, expected=SHA256)
    assert words in str(told.value)
    assert str(status) in str(told.value)
    assert partial(target).read_bytes() == BODY[:100]
    assert not target.exists()


def test_a_closed_port_is_told(target: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with pytest.raises(DownloadError, match=rf"127\.0\.0\.1:{port} refuses connections"):
            fetch(f"http://127.0.0.1:{port}/file.h5", target, expected=SHA256)


def test_an_unknown_name_is_told(target: Path) -> None:
    # RFC 2606: this top-level domain is never given away.
    with pytest.raises(DownloadError, match=r"weights\.invalid is not known here"):
        fetch("http://weights.invalid/file.h5", target, expected=SHA256)


def test_a_redirection_is_followed(site: Site, target: Path) -> None:
    fetch(f"{site.address}/moved", target, expected=SHA256)
    assert target.read_bytes() == BODY


class Patience:
    """Raises at the n-th question, or after some seconds."""

    def __init__(self, questions: int | None = None, seconds: float = 30) -> None:
        self._questions = questions
        self._until = time.monotonic() + seconds

    def __call__(self) -> None:
        if self._questions is not None:
            self._questions -= 1
        if self._questions == 0 or time.monotonic() > self._until:
            raise CancelledError("enough")


def wait_for_no_thread(name: str) -> None:
    for thread in threading.enumerate():
        if thread.name == name:
            thread.join(10)
            assert not thread.is_alive()


def test_a_download_can_be_stopped_and_taken_up_again(site: Site, target: Path) -> None:
    with pytest.raises(CancelledError):
        fetch(site.url, target, expected=SHA256, check=Patience(questions=20))
    wait_for_no_thread("download")
    kept = partial(target).stat().st_size
    assert 0 < kept < len(BODY)
    assert BODY.startswith(partial(target).read_bytes())
    fetch(site.url, target, expected=SHA256)
    assert site.asked == [None, f"bytes={kept}-"]
    assert target.read_bytes() == BODY


@pytest.mark.parametrize("silent_after", [0, 100_000])
def test_a_server_that_says_nothing_can_be_left_at_once(
    site: Site, target: Path, silent_after: int
) -> None:
    site.silent_after = silent_after
    began = time.monotonic()
    with pytest.raises(CancelledError):
        fetch(site.url, target, expected=SHA256, check=Patience(seconds=0.5))
    assert time.monotonic() - began < 5


def test_silence_is_not_waited_for_for_ever(
    site: Site, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flowercore.download.answer._SILENCE_SECONDS", 0.3)
    site.silent_after = 200_000
    with pytest.raises(DownloadError, match="sent nothing more after"):
        fetch(site.url, target, expected=SHA256)
    assert partial(target).stat().st_size > 0


def test_a_server_that_never_answers_is_told(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flowercore.download.answer._SILENCE_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        with pytest.raises(DownloadError, match="did not answer in time"):
            fetch(f"http://127.0.0.1:{port}/file.h5", target, expected=SHA256)


@pytest.mark.parametrize("announce_length", [True, False])
def test_a_file_over_the_limit_is_refused(site: Site, target: Path, announce_length: bool) -> None:
    site.announce_length = announce_length
    done: list[int] = []
    with pytest.raises(DownloadError, match=r"may have 1 MB.*Nothing was kept"):
        fetch(
            site.url,
            target,
            expected=SHA256,
            limit=1_000_000,
            progress=lambda step, _: done.append(step),
        )
    assert max(done, default=0) <= (0 if announce_length else 1_000_000)
    assert list(target.parent.glob("*file.h5*.part")) == []


def test_a_length_that_is_not_told_is_unknown(site: Site, target: Path) -> None:
    site.announce_length = False
    totals: set[int] = set()
    fetch(site.url, target, expected=SHA256, progress=lambda _, total: totals.add(total))
    assert totals == {0}
    assert target.read_bytes() == BODY


@pytest.mark.parametrize("announce_length", [True, False])
def test_a_full_disk_is_told_first(
    site: Site, target: Path, monkeypatch: pytest.MonkeyPatch, announce_length: bool
) -> None:
    site.announce_length = announce_length
    monkeypatch.setenv("FLOWERCORE_DISK_FREE_BYTES", str(10**18))
    settings.cache_clear()
    with pytest.raises(StorageError, match="disk must stay free"):
        fetch(site.url, target, expected=SHA256)
    assert not target.exists()


def test_two_at_once_fetch_it_once(site: Site, target: Path) -> None:
    fetching = [
        threading.Thread(target=fetch, args=(site.url, target), kwargs={"expected": SHA256})
        for _ in range(4)
    ]
    for thread in fetching:
        thread.start()
    for thread in fetching:
        thread.join()
    assert len(site.asked) == 1
    assert target.read_bytes() == BODY


def test_whoever_waits_for_another_can_be_stopped(site: Site, target: Path) -> None:
    with (
        FileLock(target.with_name(f".{target.name}.lock")),
        pytest.raises(CancelledError),
    ):
        fetch(site.url, target, expected=SHA256, check=Patience(questions=3))
    assert site.asked == []
