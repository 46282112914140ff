"""``doctor`` and ``workshop`` as a leader uses them on the day before."""

from __future__ import annotations

import json
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flowercore import commands_workshop
from flowercore.__main__ import main
from flowercore.data import catalog
from flowercore.doctor import parts
from tests.command_line import flowercore
from tests.pages.trained_home import starter_files, with_starter
from tests.structure import ROOT

__all__ = ["starter_files", "with_starter"]


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind(("0.0.0.0", 0))
        listening.listen()
        yield int(listening.getsockname()[1])


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    # TensorFlow takes many seconds to import.
    monkeypatch.setattr(parts, "_PACKAGES", {"numpy": "NumPy"})


@pytest.fixture
def with_garden(with_starter: Path, tiny_dataset: Callable[..., Path]) -> Path:
    # The garden takes many seconds to paint: a stand-in by its name does here.
    catalog.import_source(tiny_dataset(), "mine")
    shutil.move(with_starter / "datasets" / "mine", with_starter / "datasets" / "garden")
    return with_starter


@pytest.mark.usefixtures("quick", "with_garden")
def test_a_prepared_machine_is_ready(port: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--port", str(port), "--json"]) == 0
    checks = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert set(checks) == {
        *("port", "disk", "memory", "network weights", "photos", "starter model"),
        *("a photo answered", "network", "camera", "packages"),
    }
    assert {one["state"] for one in checks.values()} <= {"ok", "warning"}
    assert checks["a photo answered"]["found"].startswith("A painted sunflower: “")
    assert all(one["found"] for one in checks.values())
    assert main(["doctor", "--port", str(port), "--running"]) == 0
    words = capsys.readouterr().out
    assert words.splitlines()[-1].startswith("Ready")
    assert "port:" not in words


@pytest.mark.usefixtures("quick")
def test_what_is_wrong_is_said_with_what_to_do(
    taken: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--port", str(taken)]) == 1
    said = capsys.readouterr()
    assert f"PROBLEM  port: Port {taken} cannot be used" in said.out
    assert "Run: python -m flowercore prepare" in said.out
    assert said.err.startswith(
        "Not ready for a workshop: port, network weights, photos, starter model"
    )
    assert main(["doctor", "--port", str(taken), "--json"]) == 1
    checks = json.loads(capsys.readouterr().out)
    assert next(one for one in checks if one["name"] == "port")["error"]


@pytest.mark.slow
@pytest.mark.usefixtures("with_garden")
def test_the_command_looks_at_tensorflow_too(port: int) -> None:
    done = flowercore("doctor", "--port", str(port))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "TensorFlow 2." in done.stdout


def test_a_port_that_is_taken_starts_nothing(taken: int) -> None:
    done = flowercore("workshop", "--port", str(taken))
    assert done.returncode == 2
    assert f"Port {taken} cannot be used" in done.stderr
    assert "token" not in done.stdout


@pytest.mark.parametrize("command", ["doctor", "workshop"])
def test_a_port_that_there_is_not_is_refused(command: str) -> None:
    done = flowercore(command, "--port", "70000")
    assert done.returncode == 2
    assert "A port must be from 1 to 65535. Received: 70000." in done.stderr


def test_the_server_listens_for_all_and_asks_nobody_outside_for_its_address() -> None:
    command = commands_workshop.serve_command(8502, "0.0.0.0", ["http://10.0.0.5:8502"])
    assert command[:4] == [sys.executable, "-m", "streamlit", "run"]
    assert command[4] == str(ROOT / "asgi.py")
    assert command[5:] == [
        "--server.address=0.0.0.0",
        "--server.port=8502",
        "--server.headless=true",
        "--browser.serverAddress=10.0.0.5",
    ]
    behind = commands_workshop.serve_command(8502, "127.0.0.1", ["https://lab.example"])
    assert behind[-1] == "--browser.serverAddress=lab.example"


def test_https_needs_a_certificate_and_its_key(tmp_path: Path) -> None:
    cert = tmp_path / "cert.pem"
    cert.write_text("x")
    for words in (["--cert", str(cert)], ["--cert", str(cert), "--key", str(tmp_path / "no.pem")]):
        done = flowercore("workshop", *words)
        assert done.returncode == 2
        assert "--cert and --key go together" in done.stderr
    secure = commands_workshop._certificate(str(cert), str(cert))
    command = commands_workshop.serve_command(8502, "0.0.0.0", [], secure)
    assert command[-2:] == [f"--server.sslCertFile={cert}", f"--server.sslKeyFile={cert}"]


def test_a_leader_is_told_where_the_room_and_they_themselves_come_in() -> None:
    lines = "\n".join(
        commands_workshop._welcome(
            ["http://10.0.0.5:8501", "http://10.1.0.5:8501"],
            "http://localhost:8501/workshop?token=abc",
            "abc",
        )
    )
    assert "The room types:     http://10.0.0.5:8501" in lines
    assert "or    http://10.1.0.5:8501" in lines
    assert "http://localhost:8501/workshop?token=abc" in lines
    assert "in no network" in "\n".join(commands_workshop._welcome([], "x", "y"))
