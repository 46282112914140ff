"""What all tests share: a home folder of their own, tiny painted photos, the real ones."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from flowercore.settings import settings

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"


def skip_or_fail(reason: str) -> None:
    """Skip on a developer's machine; fail where nothing may be skipped."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Once Keras is loaded, Streamlit clears its session after each run of a page, which takes ten
    # times as long as the page. Other tests load it, so those of pages come first.
    items.sort(key=lambda item: "pages" not in item.path.relative_to(ROOT).parts)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "home"
    monkeypatch.setenv("FLOWERCORE_HOME", str(folder))
    settings.cache_clear()
    yield folder
    settings.cache_clear()


@pytest.fixture(scope="session")
def compiled_backbones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compile the default backbone once a test session, in a process of its own."""
    folder = tmp_path_factory.mktemp("compiled")
    environment = {**os.environ, "FLOWERCORE_HOME": str(folder)}
    code = "from flowercore.backbones import registry, runtime; runtime.prepare(registry.DEFAULT)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)
    return folder / "backbones"


@pytest.fixture
def prepared(home: Path, compiled_backbones: Path) -> Path:
    """Give this test's home folder the compiled default backbone."""
    shutil.copytree(compiled_backbones, home / "backbones")
    return home


@pytest.fixture(scope="session")
def real_photos() -> Path:
    folder = SHARED / "flower_photos_500"
    if not folder.is_dir():
        skip_or_fail("the real photos are not beside this checkout (../shared/data)")
    return folder


@pytest.fixture(scope="session")
def real_features(
    compiled_backbones: Path, real_photos: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Compute the features of the real photos once a test session."""
    folder = tmp_path_factory.mktemp("real")
    shutil.copytree(compiled_backbones, folder / "backbones")
    code = (
        "import sys; from flowercore.backbones import registry;"
        "from flowercore.data import catalog;"
        "from flowercore.training.features import dataset_features;"
        "dataset_features(catalog.load(sys.argv[1]), registry.DEFAULT)"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(real_photos)],
        cwd=ROOT,
        env={**os.environ, "FLOWERCORE_HOME": str(folder)},
        check=True,
    )
    return folder / "cache"


@pytest.fixture
def seen_photos(prepared: Path, real_features: Path, real_photos: Path) -> Path:
    """The real photos, in a home folder that holds their features already."""
    shutil.copytree(real_features, prepared / "cache", dirs_exist_ok=True)
    return real_photos


@pytest.fixture(scope="session")
def not_flowers() -> Path:
    folder = SHARED / "not_flowers_100"
    if not folder.is_dir():
        skip_or_fail("the not-flower photos are not beside this checkout (../shared/data)")
    return folder


@pytest.fixture
def paint() -> Callable[..., Path]:
    """Write a small noisy picture of one colour: ``paint(path, color=(200, 40, 40))``."""

    def write(
        path: Path,
        color: tuple[int, int, int] = (200, 40, 40),
        size: tuple[int, int] = (64, 48),
        format: str = "JPEG",
        seed: int = 0,
        **options: object,
    ) -> Path:
        rng = np.random.default_rng(seed)
        noise = rng.normal(0, 25, (size[1], size[0], 3))
        picture = np.clip(np.array(color) + noise, 0, 255).astype(np.uint8)
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(path, format, **options)
        return path

    return write


@pytest.fixture
def tiny_dataset(tmp_path: Path, paint: Callable[..., Path]) -> Callable[..., Path]:
    """Write class folders of pictures that differ by colour: ``tiny_dataset(classes=3)``."""

    def write(classes: int = 3, per_class: int = 6, name: str = "tiny") -> Path:
        colors = [(200, 40, 40), (40, 180, 60), (50, 70, 210), (220, 200, 40), (190, 60, 200)]
        labels = ["daisy", "dandelion", "rose", "sunflower", "tulip"]
        root = tmp_path / name
        for index in range(classes):
            for number in range(per_class):
                paint(
                    root / labels[index] / f"{labels[index]}_{number:03d}.jpg",
                    color=colors[index],
                    size=(80 + 4 * number, 64),
                    seed=1000 * index + number,
                )
        return root

    return write
