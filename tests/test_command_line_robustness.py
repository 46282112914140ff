"""What a run can bear, from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowercore.__main__ import main
from flowercore.evaluation.robustness import kept
from flowercore.runs import robustness_file, store
from tests.evaluation.borne import borne

Capture = pytest.CaptureFixture[str]
Call = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def call(capsys: Capture) -> Call:
    def run(*words: str) -> tuple[int, Any, str]:
        status = main([*words, "--json"])
        out = capsys.readouterr()
        return status, json.loads(out.out) if status == 0 else None, out.err

    return run


@pytest.fixture
def data(tiny_dataset: Callable[..., Path]) -> Path:
    return tiny_dataset(classes=2, per_class=10)


@pytest.fixture
def trained(prepared: Path, data: Path, call: Call) -> str:
    status, done, error = call("train", "--data", str(data), "--epochs", "2")
    assert status == 0, error
    return done["run"]


def test_it_is_measured_once_and_told_again(trained: str, data: Path, call: Call) -> None:
    assert "robustness" not in call("evaluate", trained)[1]
    status, found, error = call("evaluate", trained, "--robustness")
    assert status == 0, error
    assert "Looking at spoilt photos" in error
    measured = kept(trained)
    assert measured is not None
    assert found["robustness"] == measured.numbers()
    assert found["robustness"]["plain"]["accuracy"] == found["accuracy"]
    # The second time what was kept is told: here something else, so that it is seen.
    robustness_file.write(trained, borne().to_dict())
    status, again, error = call("evaluate", trained, "--robustness")
    assert again["robustness"] == borne().numbers()
    assert "left out: 4 test photos that are gone" in error
    assert "Looking" not in error


def test_a_damaged_file_is_said_and_measured_anew(trained: str, call: Call) -> None:
    (store.folder(trained) / "robustness.json").write_text("{")
    status, found, error = call("evaluate", trained, "--robustness")
    assert status == 0
    assert "robustness.json was edited or cut off" in error
    measured = kept(trained)
    assert measured is not None
    assert found["robustness"] == measured.numbers()


def test_it_is_of_its_own_test_photos(trained: str, data: Path, call: Call) -> None:
    status, _, error = call("evaluate", trained, "--robustness", "--data", str(data))
    assert status == 2
    assert "measured on the run's own test photos. Received: --data as well." in error


def test_without_json_a_person_reads_the_same(trained: str, capsys: Capture) -> None:
    robustness_file.write(trained, borne(noise=[80, 70, 60, 50, 40]).to_dict())
    assert main(["evaluate", trained, "--robustness"]) == 0
    out = capsys.readouterr().out
    assert "worst: noise" in out
    assert "accuracy: 0.87" in out
