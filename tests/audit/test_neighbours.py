"""More like this: from what is known alone, for a photo of the dataset and for any other."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from flowercore.audit.neighbours import neighbourhood, vector
from flowercore.backbones import runtime
from flowercore.data.dataset import scan
from flowercore.errors import PhotoError
from flowercore.training.features import dataset_features

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.usefixtures("prepared")
def test_the_nearest_are_of_the_same_colour(
    tiny_dataset: Callable[..., Path], paint: Callable[..., Path], tmp_path: Path
) -> None:
    folder = tiny_dataset(classes=3, per_class=5)
    shutil.copy(folder / "rose" / "rose_000.jpg", folder / "rose" / "copy.jpg")
    data = scan(folder, name="set", origin="a test")
    dataset_features(data, "efficientnet-lite0")
    near = neighbourhood(data)
    assert len(near.photos) == 16
    for photo in data.photos:
        found = near.of(photo, 4)
        assert photo not in [one for one, _ in found]
        assert {one.label for one, _ in found} == {photo.label}
        likeness = [cosine for _, cosine in found]
        assert likeness == sorted(likeness, reverse=True)
    copy = next(one for one in data.photos if one.key == "rose/rose_000.jpg")
    (twin, cosine), *_ = near.of(copy, 3)
    assert twin.key == "rose/copy.jpg"
    assert cosine == pytest.approx(1, abs=1e-6)
    assert len(near.of(copy, 99)) == 15

    upload = paint(tmp_path / "upload.png", color=(50, 70, 210), format="PNG", seed=9)
    asked = vector(upload.read_bytes(), name="upload.png")
    assert {one.label for one, _ in near.near(asked, 5)} == {"rose"}
    assert near.near(asked, 0) == []
    with pytest.raises(PhotoError):
        vector(b"words", name="upload.png")


@pytest.mark.usefixtures("prepared")
def test_what_is_not_known_is_left_out_and_nothing_is_computed(
    tiny_dataset: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = scan(tiny_dataset(classes=2, per_class=4), name="set", origin="a test")
    with monkeypatch.context() as patch:
        patch.setattr(runtime, "extractor", None)
        nobody = neighbourhood(data)
    assert nobody.photos == ()
    assert nobody.of(data.photos[0], 3) is None
    assert nobody.near(np.ones(1280, np.float32), 3) == []

    dataset_features(replace(data, photos=data.photos[:3]), "efficientnet-lite0")
    some = neighbourhood(data)
    assert some.photos == data.photos[:3]
    assert len(some.of(data.photos[0], 6)) == 2
    assert some.of(data.photos[7], 6) is None


@pytest.mark.usefixtures("prepared")
def test_the_server_needs_nothing_heavy_for_it(tiny_dataset: Callable[..., Path]) -> None:
    folder = tiny_dataset(classes=2, per_class=3)
    data = scan(folder, name="set", origin="a test")
    dataset_features(data, "efficientnet-lite0")
    code = (
        "import sys; from pathlib import Path; from flowercore.data.dataset import scan;"
        "from flowercore.audit import audit, store, neighbours;"
        f"data = scan(Path({str(folder)!r}), name='set', origin='x');"
        "near = neighbours.neighbourhood(data); assert len(near.of(data.photos[0], 3)) == 3;"
        "store.load('set');"
        "found = {'scipy', 'sklearn', 'tensorflow', 'keras', 'imagehash'} & set(sys.modules);"
        "sys.exit(str(found) if found else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
