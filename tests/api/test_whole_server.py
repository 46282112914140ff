"""The interface beside the pages, in the server that `make app` starts."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.api.answered import checked
from tests.browser.serving import Server, environment_of, start


@pytest.fixture
def server(run_id: str, home: Path, tmp_path: Path) -> Iterator[Server]:
    one = start("asgi.py", tmp_path, environment_of(home))
    yield one
    one.stop()


def test_programs_are_answered_while_the_pages_are_served(
    server: Server, run_id: str, rose: Path
) -> None:
    address, data = f"{server.address}/api", rose.read_bytes()
    over = threading.Event()
    answered: list[int] = []

    def client() -> None:
        while not over.is_set():
            photos = [("photo", ("rose.jpg", data))] * 3
            answer = requests.post(f"{address}/predict?run={run_id}", files=photos, timeout=60)
            answered.append(answer.status_code)

    clients = [threading.Thread(target=client) for _ in range(4)]
    for one in clients:
        one.start()
    try:
        while len(answered) < 4:
            page = requests.get(server.address, timeout=60)
            assert page.status_code == 200
            assert page.headers["content-type"].startswith("text/html")
            assert "flower_lab_visitor" in page.cookies
            health = requests.get(f"{server.address}/_stcore/health", timeout=60)
            assert health.text == "ok"
            assert checked(requests.get(f"{address}/health", timeout=60), 200)["status"] == "ok"
    finally:
        over.set()
        for one in clients:
            one.join()
    assert set(answered) == {200}
    assert "tensorflow/" not in server.libraries()


def test_answers_have_the_headers_of_the_pages_and_set_no_cookie(
    server: Server, run_id: str, rose: Path
) -> None:
    files = {"photo": ('"><img src=x onerror=alert(1)>.jpg', rose.read_bytes())}
    answer = requests.post(f"{server.address}/api/predict?run={run_id}", files=files, timeout=60)
    assert checked(answer, 200)
    missing = requests.get(f"{server.address}/api/nothing", timeout=60)
    assert "/api/predict" in checked(missing, 404)["error"]
    for one in (answer, missing):
        assert one.headers["x-content-type-options"] == "nosniff"
        assert one.headers["x-frame-options"] == "SAMEORIGIN"
        assert "object-src 'none'" in one.headers["content-security-policy"]
        assert "set-cookie" not in one.headers


def test_the_entrypoint_alone_serves_pages_and_no_programs(home: Path, tmp_path: Path) -> None:
    one = start("streamlit_app.py", tmp_path, environment_of(home))
    try:
        assert requests.get(one.address, timeout=60).status_code == 200
        answer = requests.get(f"{one.address}/api/health", timeout=60)
        # Streamlit answers every address that it does not know with the page.
        assert not answer.headers["content-type"].startswith("application/json")
    finally:
        one.stop()


def test_a_server_that_cannot_prepare_anything_still_answers_and_says_why(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("no folder can be made here")
    one = start("asgi.py", tmp_path, environment_of(home))
    try:
        assert requests.get(one.address, timeout=60).status_code == 200
        until = time.monotonic() + 60
        while "Preparation could not start." not in (said := one.log.read_text("utf-8")):
            assert time.monotonic() < until, said
            time.sleep(0.05)
        assert "Traceback" not in said
        # A program is told in words as well, although nothing was imported for it yet.
        answer = requests.get(f"{one.address}/api/runs", timeout=60)
        assert "home folder" in checked(answer, 503)["error"]
        assert str(tmp_path) not in answer.text
    finally:
        one.stop()
