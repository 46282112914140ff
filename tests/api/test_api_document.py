"""What docs/api.md tells: its examples are run, its limits and statuses are those of the server."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from flowercore.settings import Limits
from tests.api.answered import DOCUMENT, validated
from tests.conftest import ROOT, skip_or_fail

TEXT = (ROOT / "docs" / "api.md").read_text("utf-8")
SERVER = "http://localhost:8501/api"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


@pytest.fixture
def place(with_starter: Path, tmp_path: Path, paint: Callable[..., Path]) -> Path:
    paint(tmp_path / "rose.jpg")
    paint(tmp_path / "tulip.jpg", (220, 200, 40))
    return tmp_path


def run(command: list[str], place: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_examples_in_curl(place: Path, address: str) -> None:
    if shutil.which("curl") is None:
        skip_or_fail("no curl on this machine")
    (block,) = blocks("sh")
    answers = [
        json.loads(run(["sh", "-c", line.replace("curl ", "curl -sS ", 1)], place))
        for line in block.replace(SERVER, address).splitlines()
    ]
    one, two, runs = answers
    for said in (one, two):
        validated(said, {"$ref": "#/components/schemas/Predicted"})
        assert said["run"]["id"] == "starter"
    assert [answer["photo"] for answer in one["answers"]] == ["rose.jpg"]
    assert [answer["photo"] for answer in two["answers"]] == ["rose.jpg", "tulip.jpg"]
    validated(runs, {"$ref": "#/components/schemas/Runs"})


def test_the_example_in_python(place: Path, address: str) -> None:
    (program,) = blocks("python")
    lines = run([sys.executable, "-c", program.replace(SERVER, address)], place).splitlines()
    assert [line.split()[0] for line in lines] == ["rose.jpg", "tulip.jpg"]


def test_the_answer_that_is_shown_is_one() -> None:
    (shown,) = blocks("json")
    validated(json.loads(shown), {"$ref": "#/components/schemas/Predicted"})


def test_statuses_and_settings_are_those_of_the_server() -> None:
    told = set(re.findall(r"^\| (\d{3}) \|", TEXT, re.MULTILINE))
    assert told == set(DOCUMENT["paths"]["/api/predict"]["post"]["responses"]) - {"200", "500"}
    limits = {
        f"FLOWERCORE_{name.upper()}": str(value)
        for name, value in asdict(Limits()).items()
        if name.startswith("api_")
    }
    rows = dict(re.findall(r"^\| `(FLOWERCORE_\w+)` \| `?(\w+)`? \|", TEXT, re.MULTILINE))
    assert rows == {"FLOWERCORE_API": "on", **limits}
    paths = set(re.findall(r"^\| `\w+ (/api/[a-z.]+)", TEXT, re.MULTILINE))
    assert paths == set(DOCUMENT["paths"])
