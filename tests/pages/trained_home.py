"""A home folder with a run that was trained for real, for tests of pages and of the browser."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]

# Two of the three look the same, so there are mistakes to show.
COLORS = {"aster": (200, 60, 60), "daisy": (200, 60, 60), "iris": (50, 60, 200)}


@dataclass(frozen=True)
class Trained:
    """A home folder with the dataset ``twins`` and a run that was trained on it."""

    folder: Path
    run_id: str


@pytest.fixture(scope="session")
def trained(compiled_backbones: Path) -> Trained:
    """Train for real, once a test session."""
    return _train(compiled_backbones)


@pytest.fixture
def run_id(home: Path, trained: Trained) -> str:
    """Give this test's home folder the trained run and its photos."""
    shutil.copytree(trained.folder, home, dirs_exist_ok=True)
    return trained.run_id


@pytest.fixture(scope="session")
def starter_files(compiled_backbones: Path) -> Path:
    """Set the starter up, once a test session."""
    return _set_up(compiled_backbones)


@pytest.fixture
def with_starter(home: Path, starter_files: Path) -> Path:
    """Give this test's home folder the starter and the default backbone."""
    shutil.copytree(starter_files / "starter", home / "starter")
    shutil.copytree(starter_files / "backbones", home / "backbones", dirs_exist_ok=True)
    return home


# The tests of pages and of the browser each see a fixture of their own; they share its value.
@lru_cache(maxsize=1)
def _train(compiled_backbones: Path) -> Trained:
    place = compiled_backbones.parents[1]
    folder = place / "trained"
    shutil.copytree(compiled_backbones, folder / "backbones")
    _command(folder, "import", str(_paint_twins(place / "twins")), "--name", "twins")
    return Trained(folder, str(_command(folder, "train", "--data", "twins")["run"]))


@lru_cache(maxsize=1)
def _set_up(compiled_backbones: Path) -> Path:
    folder = compiled_backbones.parents[1] / "with_starter"
    shutil.copytree(compiled_backbones, folder / "backbones")
    code = "from flowercore.jobs import starter_setup; starter_setup.set_up()"
    environment = {**os.environ, "FLOWERCORE_HOME": str(folder)}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)
    return folder


def _paint_twins(root: Path) -> Path:
    rng = np.random.default_rng(3)
    for label, color in COLORS.items():
        (root / label).mkdir(parents=True)
        for number in range(20):
            noise = rng.normal(0, 25, (60, 80, 3))
            picture = np.clip(np.array(color) + noise, 0, 255).astype(np.uint8)
            Image.fromarray(picture).save(root / label / f"{label}_{number:02d}.jpg")
    return root


def _command(home: Path, *arguments: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-m", "flowercore", *arguments, "--json"],
        cwd=ROOT,
        env={**os.environ, "FLOWERCORE_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)
