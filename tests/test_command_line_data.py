"""Datasets at the command line: brought in, renamed, deleted only when that is meant."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from flowercore import __main__ as command_line
from flowercore.data import catalog


@pytest.fixture
def mine(tiny_dataset: Callable[..., Path]) -> None:
    catalog.import_source(tiny_dataset(), "mine")


def names() -> list[str]:
    return [entry.name for entry in catalog.entries()]


@pytest.mark.usefixtures("mine")
def test_a_dataset_is_renamed(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["rename", "mine", "our flowers", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"name": "our flowers"}
    assert names() == ["our flowers"]
    assert command_line.main(["rename", "mine", "x"]) == 2
    assert "no dataset of that name. Received: 'mine'" in capsys.readouterr().err


@pytest.mark.usefixtures("mine")
def test_a_dataset_is_deleted_with_yes_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("mine\n"))  # no terminal: nobody was asked
    assert command_line.main(["delete", "mine"]) == 2
    assert "Nothing was deleted" in capsys.readouterr().err
    assert names() == ["mine"]
    assert command_line.main(["delete", "mine", "--yes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"deleted": "mine"}
    assert names() == []


@pytest.mark.usefixtures("mine")
@pytest.mark.parametrize(("typed", "left"), [("mine\n", []), ("yes\n", ["mine"]), ("", ["mine"])])
def test_at_a_terminal_its_name_must_be_typed(
    typed: str, left: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal(typed))
    command_line.main(["delete", "mine"])
    assert names() == left
