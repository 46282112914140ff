"""Benchmarks run as a person runs them: each a command, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.report import Section
from tests.pages.trained_home import ROOT, starter_files

__all__ = ["starter_files"]

Measure = Callable[..., Section]


@pytest.fixture
def measure(starter_files: Path, tmp_path: Path) -> Measure:
    """Run a benchmark and return its rows: ``measure("predict", "--quick")``."""

    def run(module: str, *words: str) -> Section:
        found = tmp_path / "found.json"
        prepared = ["--prepared", str(starter_files)]
        command = [sys.executable, "-m", f"benchmarks.{module}", *words, *prepared]
        done = subprocess.run(
            [*command, "--json", str(found)], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        section = Section.from_json(found.read_text("utf-8"))
        for table in section.tables:
            assert table.rows
            assert all(value > 0 for row in table.rows for value in row.values)
        # What a person reads is what the writer joins.
        assert section.title in done.stdout
        assert str(tmp_path) not in done.stdout
        return section

    return run


@pytest.fixture
def command(starter_files: Path, home: Path) -> Callable[..., str]:
    """Run Python with a home folder of its own and return what it prints."""

    def run(*words: str, prepared: bool = False) -> str:
        environment = dict(os.environ)
        if prepared:
            environment["FLOWERCORE_HOME"] = str(starter_files)
        done = subprocess.run(
            [sys.executable, *words],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
