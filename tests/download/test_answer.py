"""What a server does wrong is told in words, and nobody who wants to stop waits for it."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from flowercore.download.fetching import fetch
from flowercore.errors import CancelledError, DownloadError

SHA256 = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("status", "words"),
    [(404, "no such file"), (403, "not give this file to everybody"), (503, "Try again later")],
)
def test_a_refusal_is_told_and_keeps_what_there_was(
    site: Any, target: Path, partial: Path, status: int, words: str
) -> None:
    site.status = status
    partial.write_bytes(site.original[:100])
    with pytest.raises(DownloadError, match=rf"{words}|{status}") as told:
        fetch(site.url, target, expected=site.sha256)
    assert words in str(told.value)
    assert str(status) in str(told.value)
    assert partial.read_bytes() == site.original[:100]
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


def test_a_redirection_is_followed(site: Any, target: Path) -> None:
    fetch(f"{site.address}/moved", target, expected=site.sha256)
    assert target.read_bytes() == site.original


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


def test_a_download_can_be_stopped_and_taken_up_again(
    site: Any, target: Path, partial: Path
) -> None:
    with pytest.raises(CancelledError):
        fetch(site.url, target, expected=site.sha256, check=Patience(questions=20))
    wait_for_no_thread("download")
    kept = partial.stat().st_size
    assert 0 < kept < len(site.original)
    assert site.original.startswith(partial.read_bytes())
    fetch(site.url, target, expected=site.sha256)
    assert site.asked == [None, f"bytes={kept}-"]
    assert target.read_bytes() == site.original


@pytest.mark.parametrize("silent_after", [0, 100_000])
def test_a_server_that_says_nothing_can_be_left_at_once(
    site: Any, target: Path, silent_after: int
) -> None:
    site.silent_after = silent_after
    began = time.monotonic()
    with pytest.raises(CancelledError):
        fetch(site.url, target, expected=site.sha256, check=Patience(seconds=0.5))
    assert time.monotonic() - began < 5


def test_silence_is_not_waited_for_for_ever(
    site: Any, target: Path, partial: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flowercore.download.answer._SILENCE_SECONDS", 0.3)
    site.silent_after = 200_000
    with pytest.raises(DownloadError, match="sent nothing more after"):
        fetch(site.url, target, expected=site.sha256)
    assert partial.stat().st_size > 0


def test_a_server_that_never_answers_is_told(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flowercore.download.answer._SILENCE_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        with pytest.raises(DownloadError, match="did not answer in time"):
            fetch(f"http://127.0.0.1:{port}/file.h5", target, expected=SHA256)


def test_whoever_waits_for_another_can_be_stopped(site: Any, target: Path) -> None:
    with (
        FileLock(target.with_name(f".{target.name}.lock")),
        pytest.raises(CancelledError),
    ):
        fetch(site.url, target, expected=site.sha256, check=Patience(questions=3))
    assert site.asked == []
