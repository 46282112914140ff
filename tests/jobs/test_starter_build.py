"""Making the starter anew: the same photos give the same bytes; a bad folder is told at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flowercore.data import garden
from flowercore.errors import ConfigError
from flowercore.jobs import starter
from tests.structure import ROOT


def test_a_folder_that_cannot_be_written_is_told_before_all_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("words")
    said: list[str] = []
    with pytest.raises(ConfigError, match="Received: 'below': not a directory"):
        starter.build(tmp_path, None, tmp_path / "file" / "below", said.append)
    assert not said


@pytest.mark.slow
def test_the_same_photos_give_the_same_bytes(prepared: Path, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    garden.paint_garden(photos, per_class=6)
    built = []
    for name in ("first", "second"):
        folder = tmp_path / name / "below"
        command = [sys.executable, "-m", "flowercore", "starter"]
        command += ["--data", str(photos), "--output", str(folder)]
        environment = {**os.environ, "FLOWERCORE_HOME": str(prepared)}
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        files = sorted(folder.iterdir())
        built.append({file.name: file.read_bytes() for file in files if file.name != "run.json"})
    assert built[0] == built[1]
    assert {"head.safetensors", "tail.safetensors", "novelty.safetensors"} <= set(built[0])
