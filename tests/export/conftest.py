"""Runs of every kind, trained and exported for real, once a test session."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from flowercore.backbones import registry
from flowercore.backbones.facts import Backbone, Preprocessing
from flowercore.export.bundle import Exported, export_run
from flowercore.jobs import worker
from flowercore.settings import settings
from flowercore.training.config import TrainConfig

COLORS = {"daisy": (210, 60, 50), "rose": (60, 170, 70), "tulip": (120, 110, 150)}
PHOTOS_A_CLASS = 8

# The small network, with channels reversed and a preprocessing that no default resembles.
REVERSED = "reversed-convnet"

_FIRST = TrainConfig(
    data="", backbone=REVERSED, epochs=8, learning_rate=0.02, test_split=0.25, validation_split=0.15
)
CONFIGS = {
    "head": replace(_FIRST, backbone="small-convnet", name="The *plain* one"),
    "notebook": replace(_FIRST, preprocessing="notebook", split="notebook", flip_average=True),
    "tuned": replace(_FIRST, fine_tune_from="conv2", fine_tune_epochs=2, flip_average=True),
    "beside": replace(
        _FIRST, fine_tune_from="conv2", fine_tune_epochs=2, sharpness=0.05, frozen_beside=True
    ),
    "covariance": replace(
        _FIRST,
        fine_tune_from="conv2",
        fine_tune_epochs=2,
        flip_average=True,
        frozen_beside=True,
        covariance=8,
    ),
    "scratch": replace(_FIRST, fine_tune_from="conv1", fine_tune_epochs=2),
    "untested": replace(_FIRST, backbone="small-convnet", test_split=0.0),
}


@dataclass(frozen=True)
class Export:
    """A run, what was exported of it, and the progress that was told meanwhile."""

    run_id: str
    folder: Path
    exported: Exported
    told: list[tuple[int, int]]


@dataclass(frozen=True)
class Workshop:
    """A home folder, the photos that its runs were trained on, and their exports by kind."""

    home: Path
    photos: Path
    exports: dict[str, Export]


def reversed_convnet() -> Backbone:
    return replace(
        registry.get("small-convnet"),
        name=REVERSED,
        preprocessing=Preprocessing((1 / 60, 1 / 50, 1 / 70), (-1.5, -2.0, -1.0), bgr=True),
    )


def paint_photos(root: Path) -> Path:
    """Paint photos that look different when squeezed, cut, mirrored or with channels swapped."""
    rng = np.random.default_rng(5)
    for label, color in COLORS.items():
        (root / label).mkdir(parents=True)
        for number in range(PHOTOS_A_CLASS):
            height, width = (80, 130 + 6 * number) if number % 2 else (150, 90)
            picture = rng.normal(0, 20, (height, width, 3)) + np.linspace(0, 90, width)[:, None]
            picture[:, : width // 3] += color
            picture[:10] = 255
            clipped = np.clip(picture, 0, 255).astype(np.uint8)
            Image.fromarray(clipped).save(root / label / f"{label}_{number}.jpg", quality=95)
    return root


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    place = tmp_path_factory.mktemp("exports")
    photos = paint_photos(place / "photos")
    exports = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FLOWERCORE_HOME", str(place / "home"))
        patch.setitem(registry._BY_NAME, REVERSED, reversed_convnet())
        settings.cache_clear()
        for kind, config in CONFIGS.items():
            run = worker.train_now(replace(config, data=str(photos)), lambda line: None)
            assert run.status == "finished", run.reason
            folder, told = place / kind, []
            exported = export_run(run.id, folder, progress=lambda *x, told=told: told.append(x))
            exports[kind] = Export(run.id, folder, exported, told)
    settings.cache_clear()
    return Workshop(place / "home", photos, exports)


@pytest.fixture
def exports(home: Path, workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> dict[str, Export]:
    """Give this test's home folder the runs; return what was exported of them."""
    monkeypatch.setitem(registry._BY_NAME, REVERSED, reversed_convnet())
    shutil.copytree(workshop.home, home, dirs_exist_ok=True)
    return workshop.exports
