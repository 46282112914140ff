"""The preflight: each check says what it found, and what to do where that is not enough."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from flowercore.doctor import machine, parts
from flowercore.doctor.check import OK, PROBLEM, WARNING, Check, worst

GB = 1_000_000_000


def test_the_worst_of_all_counts() -> None:
    checks = [Check("a", OK, ""), Check("b", PROBLEM, ""), Check("c", WARNING, "")]
    assert worst(checks) == PROBLEM
    assert worst(checks[::2]) == WARNING
    assert worst([]) == OK


@pytest.mark.parametrize(("free", "state"), [(16, OK), (3, OK), (2, WARNING), (0.5, PROBLEM)])
def test_memory_is_judged(free: float, state: str) -> None:
    check = machine.judge_memory(int(free * GB))
    assert check.state == state
    assert f"{free:.1f} GB are free" in check.found
    assert bool(check.advice) == (state != OK)


@pytest.mark.parametrize(("free", "state"), [(50, OK), (2.9, WARNING), (0.9, PROBLEM)])
def test_disk_is_judged_by_what_must_stay_free(free: float, state: str) -> None:
    check = machine.judge_disk(int(free * GB), GB)
    assert check.state == state
    assert bool(check.advice) == (state != OK)


def test_memory_and_disk_of_this_machine_are_found(home: Path) -> None:
    assert "GB are free" in machine.memory().found
    assert "GB are free" in machine.disk().found
    assert not (home / ".doctor").exists()


def test_a_home_folder_that_is_none_is_a_problem(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.parent.mkdir(exist_ok=True)
    home.write_text("a file where the folder should be")
    check = machine.disk()
    assert check.state == PROBLEM
    assert "FLOWERCORE_HOME" in check.advice


def test_a_port_that_is_taken_is_a_problem() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        check = machine.port(number, "127.0.0.1")
        assert check.state == PROBLEM
        assert f"Port {number} cannot be used" in check.found
        assert "PORT=" in check.advice
    assert machine.port(number, "127.0.0.1").state == OK


def test_the_network_and_the_camera() -> None:
    assert machine.network([]).state == WARNING
    found = machine.network(["http://10.0.0.5:8501", "http://172.17.0.1:8501"])
    assert found.state == OK
    assert "types http://10.0.0.5:8501 (or http://172.17.0.1:8501)." in found.found
    assert machine.camera(["http://10.0.0.5:8501"]).state == WARNING
    assert machine.camera([]).state == WARNING
    assert machine.camera(["https://lab.example"]).state == OK


def test_packages_are_imported_elsewhere() -> None:
    check = parts.packages({"ai_edge_litert.interpreter": "LiteRT", "numpy": "NumPy"})
    assert check.state == OK
    assert "LiteRT 2." in check.found
    assert "NumPy " in check.found


def test_a_package_that_is_missing_is_named() -> None:
    check = parts.packages({"unheard_of": "Unheard"})
    assert check.state == PROBLEM
    assert "No module named 'unheard_of'" in check.found
    assert "make install" in check.advice


def test_an_empty_home_needs_to_be_prepared() -> None:
    for check in (parts.backbone(), parts.photos(), parts.starter_model(), parts.answer()):
        assert check.state == PROBLEM, check
        assert check.advice == parts.PREPARE


def test_a_slow_answer_is_a_warning() -> None:
    assert parts.judge_answer("Sunflower, quite sure.", 0.06).state == OK
    slow = parts.judge_answer("Sunflower, quite sure.", 3.0)
    assert slow.state == WARNING
    assert "3000 ms" in slow.found
