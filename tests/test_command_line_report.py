"""The report by the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowercore.__main__ import main
from flowercore.runs import results
from tests.report.conftest import Case, made

__all__ = ["made"]


def test_it_writes_the_page_and_the_numbers(
    made: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "out.html"
    assert main(["report", made.run.id, "--output", str(output), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["accuracy"] == made.judged.evaluation.accuracy
    assert json.loads((tmp_path / "metrics.json").read_text("utf-8")) == said
    assert output.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert "data:image/jpeg;base64," in output.read_text("utf-8")


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["report", *words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


def test_what_cannot_be_written_is_said(
    made: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = made.run.id
    assert "must end in .html" in refused(capsys, run, "--output", str(tmp_path / "x.pdf"))
    missing = str(tmp_path / "no" / "x.html")
    assert "no such file or directory" in refused(capsys, run, "--output", missing)
    assert "There is no run" in refused(capsys, "nothing", "--output", str(tmp_path / "x.html"))


def test_a_run_without_test_photos_is_said(
    made: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = results.predictions(made.run.id)
    results.write_predictions(made.run.id, table.assign(split="train"))
    said = refused(capsys, made.run.id, "--output", str(tmp_path / "x.html"))
    assert "without test photos" in said
    assert not (tmp_path / "x.html").exists()
